// From checked trees of plan files to the Plan. Faults that need more than one field (a list without a
// mapping where both are allowed, a window that ends before it begins) are reported here.
// Thread promise: functions of their arguments.
#pragma once

#include <optional>
#include <string>

#include "base/instant.h"
#include "model/plan.h"
#include "planning/diagnostic.h"
#include "planning/strict_tree.h"

namespace ararat::planning {

// Adds one plan file's contents to `plan`. Precondition: checked against section "plan".
void add_plan_file(const TreeNode& root, Instant as_of, Plan& plan, DiagnosticList& faults);

// Its applications; called by add_plan_file.
void add_applications(const TreeNode& root, Instant as_of, Plan& plan, DiagnosticList& faults);

// "step", "component/step" or "application/component/step". Nothing when it is none of these.
[[nodiscard]] std::optional<StepRef> read_step_ref(const std::string& text, const SourcePlace& place);

}  // namespace ararat::planning
