// A runbook, out of a plan or from a file of its own, from its checked tree to the model.
// Thread promise: functions of their arguments.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "model/plan.h"
#include "planning/diagnostic.h"
#include "planning/strict_tree.h"

namespace ararat::planning {

// Under these keys faulty parts have a step of which nobody knows what it is, and a channel that is not
// opened and closed as it should be.
inline constexpr std::string_view kStepKind = "action, gate, manual or soak";
inline constexpr std::string_view kChannelUse = "opens and closes";

// Precondition: checked against section "runbook" or "runbook-file". What needs no other file is checked
// here (step ids, exactly one kind a step, channels opened and closed); the validator does the rest.
[[nodiscard]] Runbook read_runbook(const std::string& id, const TreeNode& node, const SourcePlace& place,
                                   DiagnosticList& faults);

[[nodiscard]] std::optional<RetryPolicy> read_retry(const TreeNode& node);

// "prepare", "precopy", ...: as written in runbooks.
[[nodiscard]] std::string_view to_string(Phase phase);

}  // namespace ararat::planning
