// From a checked plan and its schedule to the task graph that runs execute. Every reference but step
// outputs and shipped files is resolved here; the result is sealed (hashes set).
// Preconditions: the plan came out of parse_plan without faults; the schedule was made from it.
// Errors: invalid-argument; the message is one line per fault, each with its
// place ("plan.yaml:12:5: error E019: ...").
// Thread promise: a function of its arguments.
#pragma once

#include "base/result.h"
#include "model/compiled_plan.h"
#include "model/plan.h"
#include "planning/schedule.h"

namespace ararat::planning {

[[nodiscard]] Result<CompiledPlan> compile(const Plan& plan, const Schedule& schedule);

}  // namespace ararat::planning
