// Contradictions in what a plan says about when things move, that need more than one field.
// Thread promise: a function of its arguments.
#pragma once

#include "model/plan.h"
#include "planning/diagnostic.h"

namespace ararat::planning {

// Parts that faults have made unusable are left alone.
void check_scheduling(const Plan& plan, DiagnosticList& faults);

}  // namespace ararat::planning
