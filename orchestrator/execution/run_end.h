// When nothing of a run moves any more: it has ended, or is held for a person. Internal to execution.
#pragma once

#include "execution/run_state.h"
#include "execution/transitions.h"

namespace ararat::execution {

void settle_run(Records& out, const Run& run);

}  // namespace ararat::execution
