// One process of a step: started from an argument vector, in a process group of its own, its output
// carried away as it comes, killed as a group when its time is over or the attempt is cancelled.
// It dies with the supervisor (PR_SET_PDEATHSIG): a step whose outcome is reported as unknown must not
// go on behind the next attempt's back. Its own children do not; for them its group is noted before it runs.
// Thread promise: one owner; forks, so the caller has no other thread that matters.
#pragma once

#include <string>
#include <vector>

#include "agent/verbs/verb.h"

namespace ararat::agent {

// Time a group has between SIGTERM and SIGKILL.
inline constexpr Duration kKillGrace{2000};

// `text` is standard output, `detail` the last line printed: on standard error where it failed and said
// something there, else on either stream.
[[nodiscard]] VerbResult run_child(const std::vector<std::string>& argv, const VerbContext& context);

}  // namespace ararat::agent
