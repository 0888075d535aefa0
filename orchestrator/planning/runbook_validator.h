// What can be said about a runbook by itself, whether a component uses it or not: its steps' parameters,
// references and order.
// Thread promise: a function of its arguments.
#pragma once

#include "model/plan.h"
#include "planning/diagnostic.h"

namespace ararat::planning {

void check_runbook(const Plan& plan, const Runbook& runbook, DiagnosticList& faults);

}  // namespace ararat::planning
