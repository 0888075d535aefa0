// One stream of a data channel into an SSH host: a session of its own, so that bulk data never delays the
// host's commands, and a thread that carries bytes between the session's channel and a local socket.
// Thread promise: open() and finish() from one stream's thread.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "channel/stream_opener.h"
#include "transport/ssh_session.h"

namespace ararat::transport {

struct StreamPatience {
    Duration
        until;  // by channel::steady_now(): the opening lasts no longer, through however many hosts it goes
    std::shared_ptr<channel::Interrupt> interrupt;  // ends it earlier; the stream itself has one of its own
};

// Connects, runs `command` with `input` in front of its input, and gives the other end of its standard input
// and output. Errors: those of SshSession::connect().
[[nodiscard]] Result<channel::OpenedStream> open_ssh_stream(const SshTarget& target,
                                                            const std::string& command, std::string input,
                                                            const StreamPatience& patience);

}  // namespace ararat::transport
