// A runbook's step for one host pair with every value filled in: who executes it, and the operations as
// they go to the host.
// Thread promise: functions of their arguments.
#pragma once

#include <array>
#include <optional>
#include <unordered_map>

#include "model/plan.h"
#include "model/task.h"
#include "planning/component_context.h"
#include "planning/diagnostic.h"
#include "planning/operation_expansion.h"

namespace ararat::planning {

// What a step last came to.
struct ExpandedStep {
    bool known = false;  // and without a fault
    OperationValues values;
    std::array<Boxed<Operation>, 5> stages;  // check, perform, probe, undo, verify
    std::optional<Duration> timeout;         // the step's own ...
    Boxed<Operation> timed;                  // ... and `perform` with it
};

// Steps of a runbook that come to the same for one host pair after the other share their operations: a large
// plan repeats the same few. Kept is the last of each step only, so that memory does not grow with the plan.
class ExpandedSteps {
public:
    [[nodiscard]] ExpandedStep& last(const RunbookStep& step) { return last_[&step]; }

private:
    std::unordered_map<const RunbookStep*, ExpandedStep> last_;
};

// What is known of a task without any value filled in: what it is called and what it is part of.
[[nodiscard]] Task begin_task(const ComponentContext& context, const RunbookStep& step,
                              const PairScope& scope);

// Nothing when something is wrong, with every fault reported. Sets everything but wave, group and
// `after`. Precondition: the step's action and its parameters exist (check_runbook found no fault).
[[nodiscard]] std::optional<Task> expand_step(const Plan& plan, const ComponentContext& context,
                                              const RunbookStep& step, const PairScope& scope,
                                              ExpandedSteps& before, DiagnosticList& faults);

}  // namespace ararat::planning
