// A small good plan that uses everything the language says about when things move.
#pragma once

#include "planning/plan_parser.h"

namespace ararat::planning::testing {

// plan.yaml beside the actions and the runbook of small_plan(), and holidays.ics, which it imports.
[[nodiscard]] PlanSources planned_plan();

}  // namespace ararat::planning::testing
