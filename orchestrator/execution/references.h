// "${step.TASK.OUTPUT}" in an operation becomes the recorded output of that task: one value in one
// place, never parsed or expanded again. Internal to execution.
#pragma once

#include <optional>
#include <vector>

#include "base/result.h"
#include "execution/attempt_key.h"
#include "execution/effect.h"
#include "execution/run_state.h"

namespace ararat::execution {

// The stages of an attempt of this purpose, every reference resolved.
// Errors: failed-precondition naming the output that is missing, or that was not kept as it was.
[[nodiscard]] Result<std::vector<Stage>> stages_of(const Run& run, TaskIndex task, Purpose purpose);

}  // namespace ararat::execution
