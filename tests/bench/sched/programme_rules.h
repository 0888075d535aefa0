// Every rule of a programme held against a schedule, minute by change, with no help from the solver: what is
// broken, in words. Slow and plain. Thread promise: function of its arguments.
#pragma once

#include <string>
#include <vector>

#include "planning/scheduler/programme.h"

namespace ararat::bench {

// Jobs that are fixed are facts: what holds between two of them alone is not asked.
[[nodiscard]] std::vector<std::string> broken_rules(const planning::scheduler::Programme& programme,
                                                    const planning::scheduler::ProgrammeTimes& times);

}  // namespace ararat::bench
