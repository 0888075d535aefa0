// The first message of an agent, judged: who may speak for a host, in which protocol, with what abilities.
// Thread promise: pure function.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ararat/v1/agent.pb.h"
#include "base/result.h"
#include "model/compiled_plan.h"
#include "platform/identity.h"

namespace ararat::transport {

// How far this orchestrator's journal has come.
struct JournalPosition {
    std::uint64_t epoch = 0;
    std::uint64_t sequence = 0;
    std::string hash;  // of the record at `sequence`
    // The epoch that began with an accepted loss: what was seen before it is not held against this journal.
    // 0: there was none.
    std::uint64_t loss_epoch = 0;
};

struct HandshakeTerms {
    std::string project;
    platform::Identity peer;  // from the certificate of the connection
    JournalPosition position;
    std::string hash_at_seen;       // of this journal's record at hello.sequence_seen; empty: it has none
    HostVia via = HostVia::kAgent;  // what the plan says; kAgent for a host no plan names
    std::vector<std::string> required_capabilities;
};

// What of `wanted` is not among what the agent has: in words, empty when nothing is missing.
[[nodiscard]] std::string missing_capabilities(const std::vector<std::string>& wanted,
                                               const std::vector<std::string>& has);

// Errors: permission-denied (not the certificate's host, not an agent, another project),
// failed-precondition (protocol, capability, a host driven otherwise, an older epoch), data-loss (this
// journal is not the one that the agent has seen: rolled back, restored or tampered with, so that keys of its
// steps may be given out a second time), invalid-argument (fields missing).
[[nodiscard]] Result<void> check_hello(const v1::Hello& hello, const HandshakeTerms& terms);

}  // namespace ararat::transport
