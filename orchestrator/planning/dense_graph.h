// A dependency graph's hard part by dense indices, and what is worked out on it without Boost.Graph.
// Only dependency_graph.cc includes this.
// Thread promise: functions of their arguments.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "planning/dependency_graph.h"

namespace ararat::planning {

using Index = std::uint32_t;
inline constexpr Index kNoIndex = std::numeric_limits<Index>::max();

// Indices go in order of id, so that comparing indices compares ids.
struct DenseGraph {
    std::vector<std::string> ids;
    std::vector<Duration> expected;
    std::vector<Dependency> hard;                   // sorted, without repetitions
    std::vector<std::pair<Index, Index>> ends;      // of hard[i]: dependent, prerequisite
    std::vector<std::vector<Index>> dependents;     // node -> edges in which it is the prerequisite
    std::vector<std::vector<Index>> prerequisites;  // node -> edges in which it is the dependent
};

[[nodiscard]] DenseGraph make_dense(const std::map<std::string, Duration>& nodes,
                                    const std::vector<Dependency>& all);

// A shortest circle through `start`, by its edges; stays inside start's component.
[[nodiscard]] std::vector<Index> shortest_circle(const DenseGraph& dense, const std::vector<Index>& component,
                                                 Index start);

// Prerequisites first, ties by index. Empty when there is a circle, or no node.
[[nodiscard]] std::vector<Index> order_of(const DenseGraph& dense);

// The edges that do not follow from others. Memory: a bit for each pair of nodes.
[[nodiscard]] std::vector<Index> reduced_edges(const DenseGraph& dense, const std::vector<Index>& order);

}  // namespace ararat::planning
