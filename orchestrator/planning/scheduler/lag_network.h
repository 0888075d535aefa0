// The temporal network of a project whose modes are chosen: nothing but arcs from start to start, the
// earliest starts that they allow by themselves, and longest paths between all pairs. Units: time steps of
// the project. Precondition: the sum of all lags and durations fits into Time. Source: label-correcting
// longest paths (Bellman 1958); all pairs by Floyd and Warshall (1962); the network as in Bartusch, Moehring
// and Radermacher 1988. Thread promise: pure functions, values.
#pragma once

#include <cstddef>
#include <limits>
#include <vector>

#include "planning/scheduler/project.h"

namespace ararat::planning::scheduler {

// start[to] >= start[from] + lag.
struct StartArc {
    std::int32_t from = 0;
    std::int32_t to = 0;
    Time lag = 0;
};

// One for each arc of the project, in its order. Precondition: a mode for each activity.
[[nodiscard]] std::vector<StartArc> start_arcs(const Project& project, const std::vector<std::int32_t>& mode);

struct EarliestStarts {
    std::vector<Time> start;                   // meaningless with a cycle
    std::vector<std::int32_t> positive_cycle;  // arcs, each from where the one before leads; empty: none
};

[[nodiscard]] EarliestStarts earliest_starts(std::size_t activities, const std::vector<StartArc>& arcs);

// Longest paths between all pairs; cubic time, quadratic memory.
class PathLengths {
public:
    static constexpr Time kNone = std::numeric_limits<Time>::min() / 4;

    PathLengths(std::size_t activities, const std::vector<StartArc>& arcs);

    // kNone or less than half of it: no path.
    [[nodiscard]] Time between(std::size_t from, std::size_t to) const { return length_[from * count_ + to]; }
    // False: the arc closes a positive cycle, and the lengths are not to be used any more.
    bool add(const StartArc& arc);

private:
    [[nodiscard]] Time& at(std::size_t from, std::size_t to) { return length_[from * count_ + to]; }

    std::size_t count_;
    std::vector<Time> length_;
};

}  // namespace ararat::planning::scheduler
