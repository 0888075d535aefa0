// Schedules a project with minimum and maximum time lags: the shortest timetable found, whether there can be
// a shorter one, and whether there is one at all. Anytime: a caller's stop function and a budget; the same
// seed and budget give the same timetable everywhere. Units: time steps of the project. Preconditions: the
// sum of all lags and durations fits into Time; demands, durations and capacities are not negative. Source:
// branch and bound with learning (Schutt, Feydy, Stuckey and Wallace 2013, "Solving RCPSP/max by lazy clause
// generation"); orders of disjunctive pairs as in Dorndorf, Pesch and Phan-Huy 2000. Thread promise: pure
// function of its arguments; one thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "planning/scheduler/project.h"

namespace ararat::planning::scheduler {

struct LagOptions {
    std::uint64_t seed = 1;
    // Schedules begun: each ends complete, or in a conflict that is learned from.
    std::int64_t schedules_max = 1'000'000'000;
    std::function<bool()> stop;  // asked every few schedules; may be empty
};

enum class LagVerdict : std::uint8_t {
    feasible,    // best holds a timetable
    infeasible,  // proved: there is none
    not_found,   // the budget ended first
};

struct LagOutcome {
    LagVerdict verdict = LagVerdict::not_found;
    Timetable best;
    Time lower_bound = 0;    // no timetable is shorter; equal to best.makespan: proved optimal
    std::string lower_from;  // what gave the bound
    // With infeasible: arcs of the project on a cycle whose lags cannot hold together, in order; empty when
    // it is the resources that do not suffice.
    std::vector<std::int32_t> positive_cycle;
    std::int64_t schedules = 0;
};

// Precondition: one mode for each activity.
[[nodiscard]] LagOutcome solve_with_lags(const Project& project, const std::vector<std::int32_t>& mode,
                                         const LagOptions& options);

}  // namespace ararat::planning::scheduler
