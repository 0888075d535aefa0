// A host as the engine's effects see it: an agent's stream, or an SSH session that acts as an agent.
// What a host says comes back as execution::Input values through an InputSink.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/instant.h"
#include "base/result.h"
#include "execution/attempt_key.h"
#include "execution/effect.h"
#include "execution/input.h"
#include "model/ids.h"

namespace ararat::transport {

// Called from transport threads; must not block (the engine's inbox is bounded by refusing people, not
// hosts). Posts HostUp, HostDown, StepStarted and StepFinished.
using InputSink = std::function<void(execution::Input)>;

// A piece of an attempt's output. Pieces of one attempt come in order; a piece may be repeated after a
// reconnection, so that the receiver writes at `offset`.
struct OutputChunk {
    HostId host;
    execution::AttemptKey key;
    std::uint64_t offset = 0;  // of the first byte, within this attempt's output
    std::string data;
    bool truncated = false;  // the cap was reached: what followed was dropped
};
using OutputSink = std::function<void(OutputChunk)>;

// Bytes through one end of a channel since its ticket was opened.
struct ChannelBytes {
    HostId host;
    RunId run;
    ChannelId channel;
    std::uint32_t generation = 1;
    std::uint64_t bytes = 0;
    std::uint64_t bytes_total = 0;  // 0: unknown
};
using ProgressSink = std::function<void(ChannelBytes)>;

// A ticket as one end receives it: the effect, completed by what only the adapters know.
struct TicketGrant {
    execution::OpenTicket ticket;
    bool is_source = false;
    std::string secret;        // 32 bytes
    std::string peer;          // the other end's identity (URI SAN)
    std::string peer_address;  // host:port where this end dials; else empty
    Duration lease{0};
};

// Where a host's end of a data channel is found.
struct DataEnd {
    std::string identity;  // URI SAN of whoever answers there
    std::string address;   // host:port; empty: it cannot be dialled
};

// Thread promise: every method may be called from any thread and does not block.
class HostLink {
public:
    virtual ~HostLink() = default;

    [[nodiscard]] virtual const HostId& host() const = 0;
    [[nodiscard]] virtual bool connected() const = 0;
    // An error while the host is not connected, or when it has no end of its own.
    [[nodiscard]] virtual Result<DataEnd> data_end() const = 0;

    // What is sent while the host is not connected may be dropped: the engine sends it again at HostUp.
    virtual void send(const execution::Command& command) = 0;
    virtual void send(const execution::CancelCommand& cancel) = 0;
    virtual void send(const execution::AcknowledgeResult& acknowledge) = 0;
    // Sent again before `lease` ends, it renews the lease.
    virtual void send(const TicketGrant& grant) = 0;
    virtual void send(const execution::CloseTicket& close) = 0;

    // Disconnects and joins its threads. Nothing is posted after it returned.
    virtual void stop() = 0;
};

}  // namespace ararat::transport
