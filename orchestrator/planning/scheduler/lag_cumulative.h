// Renewable resources over start variables: the profile of the parts that must run, overload, and starts
// pushed past where an activity does not fit; each with a reason at one moment. Source: time tabling with
// pointwise explanations (Schutt, Feydy, Stuckey and Wallace 2011). Thread promise: one thread at a time.
#pragma once

#include <vector>

#include "planning/scheduler/lag_engine.h"

namespace ararat::planning::scheduler {

class LagCumulative : public LagEngine::Propagator {
public:
    // Variable i of the engine is the start of activity i. The modes are chosen.
    LagCumulative(const Project& project, const std::vector<std::int32_t>& mode);

    void on_change(std::int32_t variable) override;
    bool propagate(LagEngine& engine) override;

private:
    struct Task {
        std::int32_t variable;
        Time duration;
        std::int32_t demand;
    };
    struct Resource {
        std::int32_t capacity = 0;
        std::vector<Task> tasks;
        bool changed = true;
    };
    struct Step {
        Time begin;
        Time end;
        std::int32_t load;
    };
    struct Event {
        Time at;
        std::int32_t load;
    };

    bool propagate(LagEngine& engine, const Resource& resource);
    void build_profile(const LagEngine& engine, const Resource& resource);
    bool push_later(LagEngine& engine, const Resource& resource, const Task& task);
    bool push_earlier(LagEngine& engine, const Resource& resource, const Task& task);
    // What runs at the moment, without the task, until there is more than the room.
    void explain(const LagEngine& engine, const Resource& resource, const Task* task, Time moment,
                 std::int32_t room);

    std::vector<Resource> resources_;
    std::vector<std::vector<std::int32_t>> resources_of_;
    std::vector<Event> events_;
    std::vector<Step> steps_;
    std::vector<Bound> reason_;
    std::vector<std::pair<std::int32_t, std::size_t>> covering_;
    std::int32_t load_max_ = 0;
};

}  // namespace ararat::planning::scheduler
