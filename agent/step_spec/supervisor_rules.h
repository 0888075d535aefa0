// The rules by which a supervisor starts, refuses and forgets, apart from its files and processes.
// Thread promise: pure functions.
#pragma once

#include <cstdint>
#include <string>

#include "agent/step_spec/step_result.h"

namespace ararat::agent {

// Only what nothing is known of is started; whatever else is asked for again, its report is the answer.
[[nodiscard]] bool may_start(AttemptState now);
// A command of an epoch older than the highest one that was obeyed is refused.
[[nodiscard]] bool is_stale(std::uint64_t asked_in, std::uint64_t highest);
[[nodiscard]] AttemptReport stale_report(std::uint64_t asked_in, std::uint64_t highest);
// In a new epoch its tombstone need not be kept any longer: a late command for it is refused by its epoch.
[[nodiscard]] bool may_lose_tombstone(std::uint64_t forgotten_in, std::uint64_t epoch);

// What an attempt leaves that was cancelled before it came: it will never start.
[[nodiscard]] StepResult cancelled_before_start();
// The same of one whose start has failed, or was heard nothing of.
[[nodiscard]] StepResult ruled_out(const std::string& why);

}  // namespace ararat::agent
