// Pairs of activities that cannot overlap because a resource does not suffice for both: which of them the
// time lags put in an order, and which are open. Source: disjunctive consistency tests over longest paths
// (Bartusch, Moehring and Radermacher 1988; Dorndorf, Pesch and Phan-Huy 2000). Units: time steps. Thread
// promise: pure function.
#pragma once

#include <utility>
#include <vector>

#include "planning/scheduler/lag_network.h"

namespace ararat::planning::scheduler {

struct PairOrders {
    bool possible = true;          // false: proved that no order of some pair keeps the lags
    std::vector<StartArc> forced;  // of pairs that have one order left
    std::vector<std::pair<std::int32_t, std::int32_t>> open;
};

// Precondition: the arcs have no positive cycle.
[[nodiscard]] PairOrders orders_of_pairs(const Project& project, const std::vector<std::int32_t>& mode,
                                         const std::vector<StartArc>& arcs);

}  // namespace ararat::planning::scheduler
