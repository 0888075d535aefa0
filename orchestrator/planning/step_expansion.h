// A runbook's step for one host pair with every value filled in: who executes it, and the operations as
// they go to the host.
// Thread promise: functions of their arguments.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "model/plan.h"
#include "model/task.h"
#include "planning/component_context.h"
#include "planning/diagnostic.h"

namespace ararat::planning {

// What is known of a task without any value filled in: what it is called and what it is part of.
[[nodiscard]] Task begin_task(const ComponentContext& context, const RunbookStep& step,
                              const PairScope& scope);

// Nothing when something is wrong, with every fault reported. Sets everything but wave, group and
// `after`. Precondition: the step's action and its parameters exist (check_runbook found no fault).
[[nodiscard]] std::optional<Task> expand_step(const Plan& plan, const ComponentContext& context,
                                              const RunbookStep& step, const PairScope& scope,
                                              DiagnosticList& faults);

}  // namespace ararat::planning
