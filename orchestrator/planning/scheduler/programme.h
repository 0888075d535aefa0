// A programme to schedule, as the wave solver, its verifier, its explanations and its forecast see it. What
// the words of a plan mean is known to the builder of the problem alone (planning/programme_problem.h):
// nothing here knows of hosts, time zones or files. Everything of variable length lies in flat arrays, in the
// order in which it was added, so that a million jobs cost no allocation each.
// Units: time in whole minutes from the problem's origin; amounts in the resource's own unit.
// Source of the model: the resource-constrained project scheduling problem with minimum and maximum time
// lags, modes, calendars and reservoirs (Brucker et al. 1999; Neumann, Schwindt and Zimmermann 2003). Thread
// promise: values.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace ararat::planning::scheduler {

using Minute = std::int32_t;
inline constexpr Minute kNoMinute = std::numeric_limits<Minute>::max();
inline constexpr std::int32_t kNone = -1;

// Indices into the arrays of Programme.
using JobIndex = std::int32_t;
using GroupNumber = std::int32_t;

// A part of one of Programme's arrays.
struct Slice {
    std::uint32_t first = 0;
    std::uint32_t count = 0;
};

// A change window: what begins in it begins by latest_start and is over by end.
struct OpenTime {
    Minute start = 0;
    Minute end = 0;
    Minute latest_start = 0;
};

// Windows in order of time, none touching another.
struct OpenTimes {
    std::vector<OpenTime> windows;
};

// Engineers of a team, bandwidth of a link, moves at once onto a host. From each step on it is so much, until
// the next; before the first it is nothing.
struct CapacityStep {
    Minute from = 0;
    std::int32_t capacity = 0;
};
struct Resource {
    std::vector<CapacityStep> steps;  // in order of time, the first at 0
};

// Target memory, swing kit. The level is never below nothing; deliveries add to it.
struct Delivery {
    Minute at = 0;
    std::int32_t amount = 0;
};
struct Stock {
    std::int32_t level = 0;
    std::vector<Delivery> deliveries;  // in order of time
};

// Minutes of planned outage that are left to a service in each month.
struct Budget {
    std::vector<Minute> left;  // by month, as Programme::month_starts
};

struct Demand {
    std::int32_t resource = 0;
    std::int32_t amount = 0;
};
// Of a stock, at the job's start and at its end: below nothing it is taken, above it is given back.
struct StockChange {
    std::int32_t stock = 0;
    std::int32_t at_start = 0;
    std::int32_t at_end = 0;
};
// The service is down from so long after the job's start, for so long.
struct Outage {
    std::int32_t service = 0;
    Minute offset = 0;
    Minute length = 0;
};

// One way to do a job.
struct Way {
    Minute duration = 0;
    std::int32_t calendar = kNone;  // in Programme::calendars; none: it runs at any time
    std::int32_t site = kNone;      // where the group then is, for pairs that never share one
    std::int64_t cost = 0;          // pence
    Slice demands;
    Slice stock_changes;
    Slice outages;
};

enum class JobKind : std::uint8_t {
    kSeed,          // long copy, takes bandwidth
    kCutover,       // final sync and switch: inside a window, with an outage
    kHypercare,     // the team stays with it
    kDecommission,  // the source is emptied
    kTask,          // milestones, programme tasks, batches of a cohort
};

// The jobs of one group have equally many ways, and one choice holds for all of them: a group that is moved
// physically is neither seeded nor cut over as if it were replicated.
struct Job {
    JobKind kind = JobKind::kTask;
    GroupNumber group = kNone;
    Slice ways;
    Minute release = 0;       // does not start before
    Minute due = kNoMinute;   // over by then ...
    bool due_is_hard = true;  // ... or at price_per_day, pence for each day begun
    std::int64_t price_per_day = 0;
    Minute fixed_start = kNoMinute;  // done or under way: started then, in this way
    std::int32_t fixed_way = kNone;
    Minute published_start = kNoMinute;  // in the plan that people know: another start is a change
    std::int32_t hosts = 0;              // source hosts that move by it; cutovers only
    std::int32_t urgency = 5;            // 1 is most urgent
    std::int32_t wave = kNone;           // pinned: cutovers of one pinned wave lie in one window
    std::uint32_t tag = 0;               // whatever the builder wants to find again
    bool counts = true;  // towards the finish; false: what comes from outside, whatever is moved when
};

// start[to] >= start[from] + lag, or, where from_end, start[to] >= end[from] + lag. A negative lag from a
// later to an earlier job is a maximum: "the replica is stale after".
struct Lag {
    JobIndex from = 0;
    JobIndex to = 0;
    Minute lag = 0;
    bool from_end = true;
    std::uint32_t tag = 0;
};

// Two jobs, of two groups, that never run at once; and, where same_window_too, never in one window. Where
// `sites` is set the groups' sites differ as well.
struct Apart {
    JobIndex a = 0;
    JobIndex b = 0;
    bool time = true;
    bool same_window_too = false;
    bool sites = false;
    std::uint32_t tag = 0;
};

struct Programme {
    std::vector<Job> jobs;
    std::vector<Way> ways;
    std::vector<Demand> demands;
    std::vector<StockChange> stock_changes;
    std::vector<Outage> outages;
    std::vector<Lag> lags;
    std::vector<Apart> apart;
    std::vector<OpenTimes> calendars;
    std::vector<Resource> resources;
    std::vector<Stock> stocks;
    std::vector<Budget> budgets;       // by service
    std::vector<Minute> month_starts;  // in order of time; the last month ends at `horizon`
    Minute horizon = 0;                // nothing ends after it
    std::int32_t group_count = 0;
    std::int32_t wave_count = 0;  // pinned ones

    [[nodiscard]] std::span<const Way> ways_of(const Job& job) const {
        return std::span(ways).subspan(job.ways.first, job.ways.count);
    }
    [[nodiscard]] std::span<const Demand> demands_of(const Way& way) const {
        return std::span(demands).subspan(way.demands.first, way.demands.count);
    }
    [[nodiscard]] std::span<const StockChange> stock_changes_of(const Way& way) const {
        return std::span(stock_changes).subspan(way.stock_changes.first, way.stock_changes.count);
    }
    [[nodiscard]] std::span<const Outage> outages_of(const Way& way) const {
        return std::span(outages).subspan(way.outages.first, way.outages.count);
    }
};

// One start and one way for each job.
struct ProgrammeTimes {
    std::vector<Minute> start;
    std::vector<std::int32_t> way;
};

// In this order, less is better. A schedule that breaks a hard deadline, a budget or anything else is none.
struct ProgrammeScore {
    std::int64_t late_pence = 0;
    Minute finish = 0;                 // the last end
    std::int64_t urgency_minutes = 0;  // ends weighted by urgency: what is wanted first comes first
    std::int64_t changed_hosts = 0;    // of cutovers that start at another time than published
    std::int64_t cost_pence = 0;
    friend auto operator<=>(const ProgrammeScore&, const ProgrammeScore&) = default;
};

[[nodiscard]] inline Minute end_of(const Programme& programme, const ProgrammeTimes& times, JobIndex job) {
    const auto at = static_cast<std::size_t>(job);
    return times.start[at] +
           programme.ways_of(programme.jobs[at])[static_cast<std::size_t>(times.way[at])].duration;
}

[[nodiscard]] ProgrammeScore score_of(const Programme& programme, const ProgrammeTimes& times);

}  // namespace ararat::planning::scheduler
