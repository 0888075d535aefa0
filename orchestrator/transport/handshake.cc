#include "transport/handshake.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/join.h"
#include "base/protocol.h"

namespace ararat::transport {
namespace {

constexpr int kUnacknowledgedMax = 10'000;

Result<void> check_who(const v1::Hello& hello, const HandshakeTerms& terms) {
    if (terms.peer.kind != platform::IdentityKind::kAgent) {
        return Error{ErrorCode::kPermissionDenied, "only an agent's certificate may open this stream"};
    }
    if (terms.peer.project != terms.project) {
        return Error{ErrorCode::kPermissionDenied, fmt::format("the certificate is of project {}, not {}",
                                                               terms.peer.project, terms.project)};
    }
    if (hello.host() != terms.peer.name) {
        return Error{ErrorCode::kPermissionDenied,
                     fmt::format("hello.host is {}, but the certificate is of host {}", hello.host(),
                                 terms.peer.name)};
    }
    return {};
}

Result<void> check_journal(const v1::Hello& hello, const HandshakeTerms& terms) {
    const JournalPosition& position = terms.position;
    // All that it has seen, it has seen before a loss that a person has accepted.
    if (hello.epoch_seen() < position.loss_epoch) return {};
    if (hello.sequence_seen() > position.sequence) {
        return Error{
            ErrorCode::kDataLoss,
            fmt::format("the agent has seen journal record {}, this journal ends at {}: the database was "
                        "rolled back or restored from a backup",
                        hello.sequence_seen(), position.sequence)};
    }
    if (!hello.chain_hash().empty() && hello.sequence_seen() != 0 &&
        hello.chain_hash() != terms.hash_at_seen) {
        return Error{
            ErrorCode::kDataLoss,
            fmt::format("the agent has seen journal record {} with hash {}, here it has {}: the database "
                        "was restored from a backup or tampered with",
                        hello.sequence_seen(), hello.chain_hash(),
                        terms.hash_at_seen.empty() ? "none" : terms.hash_at_seen)};
    }
    if (hello.epoch_seen() > position.epoch) {
        return Error{ErrorCode::kFailedPrecondition,
                     fmt::format("the agent obeys epoch {}, this orchestrator is at epoch {}: another one "
                                 "leads, or the database was rolled back",
                                 hello.epoch_seen(), position.epoch)};
    }
    return {};
}

}  // namespace

std::string missing_capabilities(const std::vector<std::string>& wanted,
                                 const std::vector<std::string>& has) {
    std::vector<std::string> missing;
    for (const std::string& name : wanted) {
        if (std::find(has.begin(), has.end(), name) == has.end()) missing.push_back(name);
    }
    return join(missing, ", ");
}

Result<void> check_hello(const v1::Hello& hello, const HandshakeTerms& terms) {
    ARARAT_RETURN_IF_ERROR(check_who(hello, terms));
    if (hello.protocol() != kProtocolVersion) {
        return Error{ErrorCode::kFailedPrecondition,
                     fmt::format("the agent ({}) speaks protocol {}, this orchestrator ({}) protocol {}",
                                 hello.version(), hello.protocol(), kProgramVersion, kProtocolVersion)};
    }
    if (hello.journal_id().empty()) {
        return Error{ErrorCode::kInvalidArgument, "hello.journal_id is missing"};
    }
    if (hello.data_port() > 65535) {
        return Error{ErrorCode::kInvalidArgument, "hello.data_port is no port"};
    }
    if (hello.unacknowledged_size() > kUnacknowledgedMax) {
        return Error{ErrorCode::kInvalidArgument,
                     fmt::format("hello.unacknowledged has more than {} attempts", kUnacknowledgedMax)};
    }
    ARARAT_RETURN_IF_ERROR(check_journal(hello, terms));
    if (terms.via != HostVia::kAgent) {
        return Error{ErrorCode::kFailedPrecondition, "the plan drives this host without an agent"};
    }
    const std::string missing = missing_capabilities(
        terms.required_capabilities, {hello.capabilities().begin(), hello.capabilities().end()});
    if (!missing.empty()) {
        return Error{ErrorCode::kFailedPrecondition,
                     fmt::format("the agent ({}) lacks what the plan needs of this host: {}", hello.version(),
                                 missing)};
    }
    return {};
}

}  // namespace ararat::transport
