// Contradictions that need the whole plan: hosts and sites, components and their runbooks, waves.
// Thread promise: a function of its arguments.
#pragma once

#include "model/plan.h"
#include "planning/diagnostic.h"

namespace ararat::planning {

// Leaves alone what faults.parts() has as unusable, and marks there what it finds. The order of the tasks is
// checked by check_order (order_check.h).
void check_plan(const Plan& plan, DiagnosticList& faults);

}  // namespace ararat::planning
