// Whether the order of a plan's tasks keeps what must be kept: no circles, nothing switched before it was
// verified, nothing decommissioned before a soak, outputs and channels there when they are used, and an
// approval before what needs one.
// Thread promise: a function of its arguments.
#pragma once

#include "model/plan.h"
#include "planning/diagnostic.h"
#include "planning/task_graph.h"

namespace ararat::planning {

// Says nothing of tasks before which something is missing from the graph.
void check_order(const Plan& plan, const TaskGraph& graph, DiagnosticList& faults);

}  // namespace ararat::planning
