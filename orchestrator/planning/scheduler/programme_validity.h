// Does everything in a programme lead to something? Solvers index without asking. Thread promise: function of
// its argument. Errors: invalid-argument, with the array and the index.
#pragma once

#include "base/result.h"
#include "planning/scheduler/programme.h"

namespace ararat::planning::scheduler {

// Also: a job has a way; the jobs of a group have equally many; windows and steps are in order and windows do
// not touch; times lie within a thousand years; a way names each resource and each stock at most once.
[[nodiscard]] Result<void> check_indices(const Programme& programme);

}  // namespace ararat::planning::scheduler
