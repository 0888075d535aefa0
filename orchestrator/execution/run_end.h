// When nothing of a run moves any more: it has ended, or is held for a person. Internal to execution.
#pragma once

#include <string>

#include "execution/run_state.h"
#include "execution/transitions.h"

namespace ararat::execution {

// Why its back-out began, and what it leaves. Precondition: nothing is left but what lost targets hold.
[[nodiscard]] std::string back_out_result(const Run& run, GroupIndex group);

void settle_run(Records& out, const Run& run);

}  // namespace ararat::execution
