// Several files of a plan as one text: each after the first begins with a line "=== NAME".
// Thread promise: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "planning/plan_parser.h"

namespace ararat::fuzzing {

// What stands before the first such line is plan.yaml. A name ending in action.yaml is an action's file, one
// below runbooks/ a runbook, one below actions/ a file that an action ships; any other is a plan file.
[[nodiscard]] planning::PlanSources split_sources(std::string_view text);
[[nodiscard]] std::string joined_sources(const planning::PlanSources& sources);

}  // namespace ararat::fuzzing
