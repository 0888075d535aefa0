// Schedules a project whose activities have several modes and share stocks of non-renewable resources: a mode
// and a start for each. Anytime: a caller's stop function and a budget of schedules; the same seed and budget
// give the same timetable everywhere. Units: time steps. Preconditions: sums of lags and durations fit into
// Time; the arcs have no cycle (projects with maximum time lags are solve_with_lags', once their modes are
// chosen). Source: genetic algorithm over activity lists and mode vectors (Hartmann 2001), with mode
// improvement (Van Peteghem and Vanhoucke 2010) and double justification (Valls, Ballestin and Quintanilla
// 2005). Thread promise: pure function of its arguments; one thread.
#pragma once

#include <functional>
#include <string>

#include "planning/scheduler/project.h"

namespace ararat::planning::scheduler {

struct MultiModeOptions {
    std::uint64_t seed = 1;
    std::int64_t schedules_max = 50'000;  // each pass forwards or backwards is one
    std::function<bool()> stop;           // asked for every child; may be empty
};

enum class MultiModeVerdict : std::uint8_t {
    feasible,     // best holds a timetable
    infeasible,   // proved: some activity has no usable mode
    not_found,    // the budget ended before any vector of modes kept the stocks
    not_ordered,  // the arcs have a cycle: not for this solver
};

struct MultiModeOutcome {
    MultiModeVerdict verdict = MultiModeVerdict::not_found;
    Timetable best;
    Time lower_bound = 0;    // equal to best.makespan: proved optimal
    std::string lower_from;  // what gave the bound
    std::int64_t schedules = 0;
};

[[nodiscard]] MultiModeOutcome solve_multi_mode(const Project& project, const MultiModeOptions& options);

}  // namespace ararat::planning::scheduler
