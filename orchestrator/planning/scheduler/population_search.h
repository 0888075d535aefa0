// A genetic algorithm over schedules. A child takes one stretch of time from one parent and the order of the
// rest from the other, and is decoded against time and then along it, so that each child has been justified.
// Sources: Debels and Vanhoucke 2007 (two directions); Valls, Ballestin and Quintanilla 2008 (peaks).
// Thread promise: one thread at a time.
#pragma once

#include <cstdint>
#include <vector>

#include "planning/scheduler/dice.h"
#include "planning/scheduler/network.h"
#include "planning/scheduler/serial_pass.h"
#include "planning/scheduler/single_mode.h"

namespace ararat::planning::scheduler {

class PopulationSearch {
public:
    // The search ends when a schedule is no longer than the bound. Network and limits must outlive it.
    PopulationSearch(const Network& network, Time bound, const SearchLimits& limits);

    void run();
    [[nodiscard]] const std::vector<Time>& best_start() const { return best_.start; }
    [[nodiscard]] Time best_makespan() const { return best_.makespan; }
    [[nodiscard]] std::int64_t schedules() const { return schedules_; }

private:
    struct Member {
        std::vector<Time> start;
        Time makespan = 0;
    };

    [[nodiscard]] bool over();
    void sampled(Member& member, Time spread);
    void crossed(const Member& mother, const Member& father, Member& child);
    void backward_and_forward(Member& member);
    void order_by(const std::vector<Time>& keys, Time most);
    void note(const Member& member);
    [[nodiscard]] const Member& chosen();
    bool replace(Member& child);  // whether it was let in

    const Network& network_;
    const Network mirror_;
    const Time bound_;
    const SearchLimits& limits_;
    SerialPass forward_;
    SerialPass backward_;
    Dice dice_;
    std::vector<Time> latest_;  // start of each activity by its tail, from the bound
    std::vector<Member> members_;
    Member best_;
    std::int64_t schedules_ = 0;
    std::int64_t asked_at_ = 0;

    std::vector<Time> keys_;
    std::vector<std::int32_t> order_;
    std::vector<std::int32_t> buckets_;
    std::vector<Time> mirrored_;
};

}  // namespace ararat::planning::scheduler
