// The orchestrator's answer to the agent's hello, judged: an orchestrator that speaks otherwise, or asks for
// what this agent cannot do, is not obeyed.
// Thread promise: pure function.
#pragma once

#include <string>

#include "ararat/v1/agent.pb.h"
#include "base/instant.h"
#include "base/result.h"

namespace ararat::agent {

// Errors: failed-precondition, in words for people.
[[nodiscard]] Result<void> check_welcome(const v1::Welcome& welcome);

// About this agent's own certificate, which ends then: empty while that is far off. Who is refused for it
// sees no more of the orchestrator's reason than a connection that ends.
[[nodiscard]] std::string certificate_warning(Instant ends, Instant now);

}  // namespace ararat::agent
