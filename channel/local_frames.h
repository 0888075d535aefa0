// The messages between an rsh client and its local endpoint, over their Unix socket.
#pragma once

#include "base/instant.h"
#include "base/result.h"
#include "channel/frames.h"
#include "channel/interrupt.h"

namespace ararat::channel {

// Endpoint's side. Errors: deadline-exceeded, cancelled, invalid-argument, unavailable.
[[nodiscard]] Result<LocalRequest> read_local_request(int fd, Duration within, const Interrupt& interrupt);
Result<void> write_local_answer(int fd, const Answer& answer);

// Client's side; blocks until the endpoint has answered or closed.
Result<void> write_local_request(int fd, const LocalRequest& request);
[[nodiscard]] Result<Answer> read_local_answer(int fd);

}  // namespace ararat::channel
