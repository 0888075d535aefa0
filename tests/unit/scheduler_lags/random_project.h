// Projects made from a seed, and the shortest timetable of a tiny one by trying everything: the oracle that
// the solvers are held against. Shares no code with them. Thread promise: pure functions.
#pragma once

#include <optional>

#include "planning/scheduler/project.h"

namespace ararat::planning::scheduler {

struct ProjectShape {
    std::size_t activities = 4;
    std::size_t modes = 1;   // at most
    std::size_t stocks = 0;  // non-renewable resources
    Time duration_max = 3;
    Time lag_max = 2;           // of what must at least lie between; at most: a few more
    bool maximum_lags = false;  // these make cycles, some of them positive
};

[[nodiscard]] Project random_project(const ProjectShape& shape, std::uint64_t seed);

// Every mode and every start until the horizon. Nothing: there is no timetable.
[[nodiscard]] std::optional<Time> shortest_by_trying(const Project& project, Time horizon);

// More than any shortest timetable takes.
[[nodiscard]] Time generous_horizon(const Project& project);

}  // namespace ararat::planning::scheduler
