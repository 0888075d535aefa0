// What can be said about a runbook by itself, whether a component uses it or not: its steps' parameters,
// references and order.
// Thread promise: a function of its arguments.
#pragma once

#include "model/plan.h"
#include "planning/diagnostic.h"

namespace ararat::planning {

// Leaves alone what faults.parts() has as unusable, and marks there what it finds.
void check_runbook(const Plan& plan, const Runbook& runbook, DiagnosticList& faults);

// A name that is not among its steps may be that of a step that could not be read.
[[nodiscard]] bool has_unnamed_step(const Runbook& runbook, const FaultyParts& faulty);

}  // namespace ararat::planning
