// The orchestrator's answer to the agent's hello, judged: an orchestrator that speaks otherwise, or asks for
// what this agent cannot do, is not obeyed.
// Thread promise: pure function.
#pragma once

#include "ararat/v1/agent.pb.h"
#include "base/result.h"

namespace ararat::agent {

// Errors: failed-precondition, in words for people.
[[nodiscard]] Result<void> check_welcome(const v1::Welcome& welcome);

}  // namespace ararat::agent
