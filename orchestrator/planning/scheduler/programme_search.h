// Better schedules from a first one, never a worse one. Few groups: a population of activity lists with ways,
// each child a stretch of time of one parent within the other's order; then, and for many groups alone, large
// neighbourhoods of the best: what lies in a time, what shares a resource there, what ends last or too late
// is taken away and placed again in another order or way. Anytime; deterministic by seed and schedules.
// Sources: Debels and Vanhoucke 2007; Palpant, Artigues and Michelon 2004. Thread promise: one thread at a
// time.
#pragma once

#include <cstdint>
#include <vector>

#include "planning/scheduler/dice.h"
#include "planning/scheduler/programme_builder.h"
#include "planning/scheduler/programme_solver.h"

namespace ararat::planning::scheduler {

class ProgrammeSearch {
public:
    // All must outlive it. Precondition: the builder's state is a whole schedule, the first.
    ProgrammeSearch(const Programme& programme, const ProgrammeNetwork& network, ProgrammeBuilder& builder,
                    const SolveOptions& options, std::int64_t schedules);

    // The builder's state is then the best schedule.
    void run();
    [[nodiscard]] std::int64_t schedules() const { return placed_ / jobs_each_; }
    [[nodiscard]] bool stopped() const { return stopped_; }

private:
    struct Member {
        ProgrammeTimes times;
        ProgrammeScore score;
    };
    static std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }

    [[nodiscard]] bool over(std::int64_t until);
    void breed(std::int64_t until);
    void sample(Minute spread);
    void cross(const Member& mother, const Member& father);
    void mutate_ways(std::uint32_t percent);
    bool decode();
    [[nodiscard]] const Member& chosen();
    void replace(const Member& child);
    void rebuild_parts(std::int64_t until);
    void choose_by_time();
    void choose_by_resource();
    void choose_last();
    void add_unit_of(JobIndex job);
    bool try_part();
    [[nodiscard]] Minute key_of(const ProgrammeTimes& times, JobIndex job) const;
    std::uint32_t below(std::size_t bound) { return dice_.below(static_cast<std::uint32_t>(bound)); }

    const Programme& programme_;
    const ProgrammeNetwork& network_;
    ProgrammeBuilder& builder_;
    const SolveOptions& options_;
    Dice dice_;
    std::int64_t jobs_each_;
    std::int64_t placed_;
    std::int64_t asked_ = 0;
    bool stopped_ = false;
    Member best_;
    std::vector<Member> members_;
    BuildOrder order_;
    std::vector<JobIndex> free_;                // jobs that are not fixed
    std::vector<std::vector<JobIndex>> users_;  // by resource
    std::vector<JobIndex> part_;                // to be placed again
    std::vector<char> in_part_;                 // by unit
    std::size_t part_max_ = 0;
};

}  // namespace ararat::planning::scheduler
