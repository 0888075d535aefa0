// The generator's two halves: jobs with a hidden schedule, and then limits that it keeps. Internal to the
// generator. Units: minutes.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "bench/sched/programme_generator.h"
#include "planning/scheduler/dice.h"

namespace ararat::bench {

inline constexpr planning::scheduler::Minute kDay = 1440;

// What one group's jobs are, and where the hidden schedule has them.
struct DraftGroup {
    std::int32_t hosts = 1;
    std::int32_t calendar = planning::scheduler::kNone;
    std::int32_t ways = 1;
    std::int32_t way = 0;     // the hidden one
    std::int32_t window = 0;  // of its calendar, in which the hidden schedule cuts over
    planning::scheduler::JobIndex seed = 0;
    planning::scheduler::JobIndex cutover = 0;
    planning::scheduler::JobIndex hypercare = planning::scheduler::kNone;
    planning::scheduler::JobIndex decommission = planning::scheduler::kNone;
};

struct Draft {
    planning::scheduler::Programme programme;
    planning::scheduler::ProgrammeTimes hidden;
    std::vector<DraftGroup> groups;
};

// Jobs, ways, lags, calendars and the hidden schedule. No limits yet: resources, stocks and budgets are
// numbered, but empty.
class DraftWriter {
public:
    DraftWriter(const GeneratorParameters& parameters, const HostGroups& groups);
    [[nodiscard]] Draft write();

private:
    using Minute = planning::scheduler::Minute;
    using JobIndex = planning::scheduler::JobIndex;
    // One job's ways: what the hidden way lasts, and the others about as long.
    struct JobShape {
        planning::scheduler::JobKind kind;
        Minute duration;
        std::int32_t calendar;
        std::array<planning::scheduler::Demand, 3> demands;
    };

    void write_calendars();
    void write_group(std::int32_t group);
    JobIndex add_job(std::int32_t group, const JobShape& shape, Minute start);
    void add_ways(planning::scheduler::Job& job, const JobShape& shape, std::int32_t group);
    void add_changes(planning::scheduler::Way& way, const JobShape& shape, std::int32_t group);
    void add_lag(JobIndex from, JobIndex to, Minute lag, bool from_end);
    Minute cutover_start(std::int32_t group, Minute duration);
    std::uint32_t below(Minute bound) { return dice_.below(static_cast<std::uint32_t>(bound)); }
    Minute between(Minute from, Minute to) { return from + static_cast<Minute>(below(to - from + 1)); }
    bool chance(std::int32_t percent) { return static_cast<std::int32_t>(dice_.below(100)) < percent; }

    const GeneratorParameters& parameters_;
    const HostGroups& sizes_;
    planning::scheduler::Dice dice_;
    Draft draft_;
    std::int32_t nights_ = 0;
    std::int32_t links_ = 0;
    std::int32_t stores_ = 0;
    std::int32_t services_ = 0;
    std::vector<Minute> ready_;           // by group: no hidden cutover before
    std::vector<std::int32_t> order_at_;  // by group: its first order in HostGroups::orders
};

// Sets every limit so that the hidden schedule keeps it.
class LimitWriter {
public:
    LimitWriter(const GeneratorParameters& parameters, Draft& draft);
    void write();

private:
    using Minute = planning::scheduler::Minute;
    using JobIndex = planning::scheduler::JobIndex;

    void limit_resources();
    void limit_stocks();
    void limit_budgets();
    void add_apart();
    void pin_waves();
    void date_jobs();
    void fix_begun();
    [[nodiscard]] const planning::scheduler::Way& hidden_way(JobIndex job) const;
    [[nodiscard]] Minute start_of(JobIndex job) const;
    [[nodiscard]] Minute end_of(JobIndex job) const;
    [[nodiscard]] std::int32_t scaled(std::int64_t amount, std::int32_t percent) const;
    Minute between(Minute from, Minute to);
    bool chance(std::int32_t percent) { return static_cast<std::int32_t>(dice_.below(100)) < percent; }

    const GeneratorParameters& parameters_;
    Draft& draft_;
    planning::scheduler::Dice dice_;
};

}  // namespace ararat::bench
