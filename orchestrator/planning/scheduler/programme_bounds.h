// In which time each job of a programme must lie by lags, releases, deadlines, windows and what is fixed,
// every job counting with its shortest way. Source: label correction over the network of lags, with windows
// as in Franck, Neumann and Schwindt (2001), "Project scheduling with calendars". Units: minutes. Thread
// promise: values and pure functions.
#pragma once

#include <vector>

#include "planning/scheduler/programme.h"
#include "planning/scheduler/programme_constraint.h"

namespace ararat::planning::scheduler {

struct JobBounds {
    std::int64_t earliest_start = 0;
    std::int64_t earliest_end = 0;
    std::int64_t latest_start = 0;
    std::int64_t latest_end = 0;
};

struct ProgrammeBounds {
    std::vector<JobBounds> jobs;
    // Where there is none: a circle of lags, in its order, or else the job that finds no time.
    std::vector<std::int32_t> lag_cycle;
    JobIndex impossible = kNone;
    // What the impossible job's earliest times follow from: constraints, and jobs from it back to the root.
    std::vector<Constraint> because;
    std::vector<JobIndex> chain;
    [[nodiscard]] bool feasible() const { return lag_cycle.empty() && impossible == kNone; }
};

// The ways that a job may still go: its group's fixed one, or all.
[[nodiscard]] std::vector<std::vector<const Way*>> open_ways(const Programme& programme);

// Precondition: well formed.
[[nodiscard]] ProgrammeBounds bounds_of(const Programme& programme);

}  // namespace ararat::planning::scheduler
