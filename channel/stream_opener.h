// Where the source end of a channel gets its bytes from. One opener serves local tickets (an rsync
// process, a local socket); the orchestrator's proxy injects another that bridges an SSH session.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "channel/interrupt.h"
#include "channel/ticket.h"
#include "platform/unique_fd.h"

namespace ararat::channel {

enum class StreamEnd {
    kClean,    // both directions were carried to their end
    kAborted,  // revoked, or the peer was lost: leave nothing running
};

// A bidirectional byte stream: one socket, whose shutdown(SHUT_WR) means end of input.
struct OpenedStream {
    platform::UniqueFd fd;
    // Called exactly once, by the stream's thread, after `fd` was closed. Blocks for at most 10 seconds.
    // An error says what went wrong on that side (rsync's exit code), for the log.
    std::function<Result<void>(StreamEnd)> finish;
};

class StreamOpener {
public:
    virtual ~StreamOpener() = default;
    // `rsync_arguments`: for kTree, what the peer's rsync asked its remote shell to run. It is not
    // trusted: see rsync_command.h. Empty for kSocket. Called by stream threads, several at a time.
    // Blocks for at most 40 seconds, and no longer once `interrupt`, the stream's, is raised. Errors:
    // permission-denied (the arguments are not allowed), not-found, unavailable, deadline-exceeded,
    // cancelled.
    [[nodiscard]] virtual Result<OpenedStream> open(const Ticket& ticket,
                                                    const std::vector<std::string>& rsync_arguments,
                                                    const InterruptPtr& interrupt) = 0;
};

}  // namespace ararat::channel
