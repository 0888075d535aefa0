// From checked trees to what a plan says about when things move: deadlines, ways, stocks, tasks, cohorts.
// Thread promise: functions of their arguments.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "model/plan.h"
#include "planning/diagnostic.h"
#include "planning/strict_tree.h"

namespace ararat::planning {

// Amounts are added up, so all of a plan are of one currency; another one is a fault.
[[nodiscard]] std::optional<Pence> money_at(const TreeNode& node, std::string_view key, Plan& plan,
                                            DiagnosticList& faults);
// `by` and `price_per_day`; a price without a date is a fault.
[[nodiscard]] std::optional<Deadline> deadline_at(const TreeNode& node, Instant as_of, Plan& plan,
                                                  DiagnosticList& faults);
[[nodiscard]] std::vector<Way> ways_at(const TreeNode& node, Plan& plan, DiagnosticList& faults);
// Months that are none were reported.
[[nodiscard]] std::map<std::string, Duration> month_durations_at(const TreeNode& node, std::string_view key);
[[nodiscard]] std::optional<Hypercare> hypercare_at(const TreeNode& node);
[[nodiscard]] std::optional<Decommission> decommission_at(const TreeNode& node);

// The sections resources, stocks, equipment, unsupported, tasks, cohorts and scheduling of a plan file.
void add_scheduling(const TreeNode& root, Instant as_of, Plan& plan, DiagnosticList& faults);

// What is only retired has its own hosts for targets. Precondition: all plan files are added.
void settle_retired(Plan& plan);

}  // namespace ararat::planning
