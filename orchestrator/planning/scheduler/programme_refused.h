// Which starts of one job each constraint refuses while all other jobs stay as they are, in its present way.
// Explanations are read off these stretches: lifting a constraint takes away its stretches and no other's.
// What a fixed job's facts excuse is excused here as in the verifier. Units: minutes. Thread promise: const
// functions from any thread.
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "planning/scheduler/programme.h"
#include "planning/scheduler/programme_constraint.h"

namespace ararat::planning::scheduler {

// Starts from `from` on and before `to`.
struct RefusedStretch {
    Constraint constraint;
    Minute from = 0;
    Minute to = 0;
    friend bool operator==(const RefusedStretch&, const RefusedStretch&) = default;
};

// The items of each of so many lists, in one piece of memory.
class ItemLists {
public:
    ItemLists(std::size_t lists, std::span<const std::pair<std::int32_t, std::int32_t>> list_and_item);
    [[nodiscard]] std::span<const std::int32_t> of(std::int32_t list) const {
        const auto at = static_cast<std::size_t>(list);
        return std::span(items_).subspan(first_[at], first_[at + 1] - first_[at]);
    }

private:
    std::vector<std::size_t> first_;
    std::vector<std::int32_t> items_;
};

class StartRefusals {
public:
    // Preconditions: well formed, the times of its shape; both outlive this.
    StartRefusals(const Programme& programme, const ProgrammeTimes& times);

    // In order of constraint and time, cut to starts from 0 to the horizon; those of one constraint do not
    // touch. A start before 0 is refused to whatever is not fixed there.
    [[nodiscard]] std::vector<RefusedStretch> of(JobIndex job) const;

    // The other jobs by which the constraint refuses this start; empty where it needs none.
    [[nodiscard]] std::vector<JobIndex> blockers(JobIndex job, const Constraint& constraint,
                                                 Minute start) const;
    // The one of them by whose end, give-back or window the refusal ends; none: it ends by itself, with more
    // capacity, a delivery, a window or a month.
    [[nodiscard]] JobIndex releaser(JobIndex job, const Constraint& constraint, Minute start) const;

private:
    struct Run {
        std::int64_t start = 0;
        std::int64_t end = 0;
    };
    // What is free or left from `at` on, by all other jobs.
    struct Level {
        std::int64_t at = 0;
        std::int64_t amount = 0;
        std::int64_t movable = 0;  // jobs that are not fixed and have taken of it so far
    };
    using Out = std::vector<RefusedStretch>;

    [[nodiscard]] const Job& job_at(JobIndex job) const {
        return programme_.jobs[static_cast<std::size_t>(job)];
    }
    [[nodiscard]] const Way& way_of(JobIndex job) const;
    [[nodiscard]] Run run_of(JobIndex job) const;
    [[nodiscard]] Run run_at(JobIndex job, Minute start) const;
    [[nodiscard]] bool is_fixed(JobIndex job) const { return job_at(job).fixed_start != kNoMinute; }
    [[nodiscard]] const OpenTime* window_of(JobIndex job) const;
    // Of the other cutovers of the job's pinned wave: what all their windows have in common.
    [[nodiscard]] Run wave_window(JobIndex job) const;
    [[nodiscard]] std::int64_t demand_of(JobIndex job, std::int32_t resource) const;
    [[nodiscard]] StockChange stock_change_of(JobIndex job, std::int32_t stock) const;
    [[nodiscard]] std::vector<Level> free_of(std::int32_t resource, JobIndex except) const;
    [[nodiscard]] std::vector<Level> left_of(std::int32_t stock, JobIndex except) const;
    // Minutes of outage of the service that the job has in the month when it starts then.
    [[nodiscard]] std::int64_t outage_in(JobIndex job, std::int32_t service, std::size_t month,
                                         std::int64_t start) const;
    // How much of it the job may have there beside all others.
    [[nodiscard]] std::int64_t outage_room(JobIndex job, std::int32_t service, std::size_t month) const;
    [[nodiscard]] Run month_at(std::size_t month) const;
    // Where the job, started then, finds too little of the resource or stock; in order of time.
    [[nodiscard]] std::vector<Run> short_runs(JobIndex job, const Constraint& constraint, Minute start) const;

    void add(Out& out, Constraint constraint, std::int64_t from, std::int64_t to) const;
    void add_own_times(Out& out, JobIndex job) const;
    void add_calendar(Out& out, JobIndex job) const;
    void add_windows_beside(Out& out, JobIndex job, Constraint constraint, Run other,
                            bool refuse_overlap) const;
    void add_lag(Out& out, JobIndex job, std::int32_t number) const;
    void add_apart(Out& out, JobIndex job, std::int32_t number) const;
    void add_resource(Out& out, JobIndex job, std::int32_t resource) const;
    void add_stock(Out& out, JobIndex job, std::int32_t stock) const;
    void add_budget(Out& out, JobIndex job, std::int32_t service) const;

    const Programme& programme_;
    const ProgrammeTimes& times_;
    ItemLists lags_of_;  // by job
    ItemLists apart_of_;
    ItemLists jobs_of_resource_;
    ItemLists jobs_of_stock_;
    ItemLists jobs_of_service_;
    ItemLists jobs_of_wave_;  // cutovers
};

}  // namespace ararat::planning::scheduler
