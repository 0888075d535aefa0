// What an approval is about, worked out from the plan and not believed: the orchestrator shows a wave's
// subtree, and a person's signature is for what that subtree says.
// Thread promise: pure functions.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "model/compiled_plan.h"

namespace ararat::cli {

// The wave whose subtree, computed again from the plan's contents, is `subtree`. Errors: not-found (no such
// wave), aborted when it is another one: the plan has changed meanwhile, or what was shown is not the plan.
[[nodiscard]] Result<Wave> verified_wave(CompiledPlan plan, const WaveId& wave, const Hash& subtree);

// The wave in a few lines: applications, hosts, steps, and every step that the approval lets go out.
[[nodiscard]] std::vector<std::string> describe_wave(const CompiledPlan& plan, const Wave& wave);

}  // namespace ararat::cli
