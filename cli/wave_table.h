// The waves of a compiled plan as rows: when, what moves, and why then.
#pragma once

#include "cli/context.h"
#include "cli/output/table.h"
#include "model/compiled_plan.h"

namespace ararat::cli {

// Windows are in the programme's time zone, as they were written in the plan: how long until then, or since,
// says little of a plan. --time-format iso and raw are kept to.
[[nodiscard]] Table wave_table(const Context& context, const CompiledPlan& plan);

}  // namespace ararat::cli
