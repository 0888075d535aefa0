// Halves of a pair are not out of service at the same moment: which tasks of one half wait for which
// tasks of the half before it.
// Thread promise: a function of its arguments.
#pragma once

#include <vector>

#include "model/plan.h"
#include "planning/component_context.h"

namespace ararat::planning {

struct PairEdge {
    TaskId task;   // this one ...
    TaskId after;  // ... waits for that one
};

// `turns`: source hosts, in the order in which the halves move; one turn or none gives no edges.
//  - A step of phase switch waits for the same step of the half before.
//  - A step of phase quiesce (from which on a half does not serve) waits for every switch step of the half
//    before, unless a step that is done once for all halves stands between the two: then the halves
//    cannot move one after the other, and the runbook itself says so.
[[nodiscard]] std::vector<PairEdge> pair_edges(const ComponentContext& context,
                                               const std::vector<std::vector<HostId>>& turns);

}  // namespace ararat::planning
