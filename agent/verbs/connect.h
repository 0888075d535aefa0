// A TCP connection that a deadline or a cancellation ends.
#pragma once

#include <string>
#include <vector>

#include "agent/verbs/interrupt.h"
#include "agent/verbs/resolve.h"
#include "platform/unique_fd.h"

namespace ararat::agent {

struct Connected {
    platform::UniqueFd fd;  // non-blocking; not valid: see the rest
    WaitOutcome outcome = WaitOutcome::kReady;
    std::string reason;
};
// Tries the addresses in order, dividing the time that is left among them.
[[nodiscard]] Connected connect_to(const std::vector<SocketAddress>& addresses, Interrupt& interrupt,
                                   Duration deadline);

}  // namespace ararat::agent
