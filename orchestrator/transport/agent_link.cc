#include "transport/agent_link.h"

#include <fmt/format.h>

#include <utility>

#include "base/protocol.h"
#include "platform/log.h"
#include "wire/convert.h"

namespace ararat::transport {
namespace {

// Room for the frame around a command.
constexpr std::size_t kCommandBytesMax = static_cast<std::size_t>(kMessageBytesMax) - 4096;

execution::StepFinished refused_as_too_large(const execution::Command& command, std::size_t bytes) {
    execution::StepFinished finished;
    finished.host = command.host;
    finished.key = command.key;
    finished.outcome = execution::Outcome::kRefused;
    finished.detail = fmt::format(
        "the command with its shipped files has {} bytes, more than {}: make the "
        "action's files smaller",
        bytes, kCommandBytesMax);
    return finished;
}

}  // namespace

bool AgentLink::connected() const {
    const std::lock_guard lock(mutex_);
    return stream_ != nullptr;
}

Result<DataEnd> AgentLink::data_end() const {
    const std::string address = options_.address();
    const std::lock_guard lock(mutex_);
    if (stream_ == nullptr) return Error{ErrorCode::kUnavailable, "not connected", options_.host.str()};
    DataEnd end{options_.identity, {}};
    if (!address.empty() && data_port_ != 0) {
        const bool is_ipv6 = address.find(':') != std::string::npos;
        end.address = fmt::format("{}{}{}:{}", is_ipv6 ? "[" : "", address, is_ipv6 ? "]" : "", data_port_);
    }
    return end;
}

void AgentLink::send(const execution::Command& command) {
    v1::OrchestratorMessage message;
    const JournalPosition position = options_.position();
    *message.mutable_start_step() = wire::to_proto(command, position.sequence);
    message.mutable_start_step()->set_chain_hash(position.hash);
    if (const std::size_t bytes = message.ByteSizeLong(); bytes > kCommandBytesMax) {
        options_.inputs(refused_as_too_large(command, bytes));
        return;
    }
    offer(std::move(message));
}

void AgentLink::send(const execution::CancelCommand& cancel) {
    v1::OrchestratorMessage message;
    *message.mutable_cancel_step() = wire::to_proto(cancel);
    offer(std::move(message));
}

void AgentLink::send(const execution::AcknowledgeResult& acknowledge) {
    v1::OrchestratorMessage message;
    *message.mutable_acknowledge_result() = wire::to_proto(acknowledge);
    offer(std::move(message));
}

void AgentLink::send(const TicketGrant& grant) {
    v1::OrchestratorMessage message;
    *message.mutable_open_ticket() = to_proto(grant);
    offer(std::move(message));
}

v1::OpenTicket to_proto(const TicketGrant& grant) {
    v1::OpenTicket ticket;
    ticket.set_run(grant.ticket.run.str());
    ticket.set_generation(grant.ticket.generation);
    *ticket.mutable_channel() = wire::to_proto(grant.ticket.channel);
    ticket.set_secret(grant.secret);
    ticket.set_is_source(grant.is_source);
    ticket.set_peer(grant.peer);
    ticket.set_peer_address(grant.peer_address);
    ticket.set_lease_ms(grant.lease.count());
    ticket.set_epoch(grant.ticket.epoch);
    return ticket;
}

void AgentLink::send(const execution::CloseTicket& close) {
    v1::OrchestratorMessage message;
    *message.mutable_close_ticket() = wire::to_proto(close);
    offer(std::move(message));
}

void AgentLink::stop() {
    std::shared_ptr<AgentStream> stream;
    {
        const std::lock_guard lock(mutex_);
        stream = std::move(stream_);
    }
    if (stream) stream->finish(grpc::Status(grpc::StatusCode::UNAVAILABLE, "the orchestrator stops"));
}

void AgentLink::attach(std::shared_ptr<AgentStream> stream, const v1::Hello& hello, execution::HostUp up) {
    std::shared_ptr<AgentStream> older;
    {
        const std::lock_guard lock(mutex_);
        older = std::exchange(stream_, std::move(stream));
        trouble_.clear();
        data_port_ = hello.data_port();
        capabilities_.assign(hello.capabilities().begin(), hello.capabilities().end());
        heard_at_ = options_.clock->boottime();
        refused_.clear();
        // Under the lock: up and down of one host reach the engine in the order in which they happened.
        options_.inputs(std::move(up));
    }
    if (!older) return;
    spdlog::warn("agent of {} connected anew; its older connection is ended", options_.host.str());
    older->finish(grpc::Status(grpc::StatusCode::ABORTED, "a newer connection of this host has come"));
}

void AgentLink::detach(const AgentStream& stream, const std::string& reason) {
    const std::lock_guard lock(mutex_);
    if (stream_.get() != &stream) return;
    stream_.reset();
    spdlog::info("agent of {} is gone: {}", options_.host.str(), reason);
    options_.inputs(execution::HostDown{options_.host, reason});
}

void AgentLink::refused(const std::string& reason) {
    const std::lock_guard lock(mutex_);
    if (stream_ != nullptr || refused_ == reason) return;
    refused_ = reason;
    options_.inputs(execution::HostDown{options_.host, reason});
}

void AgentLink::troubled(const std::string& words) {
    const std::lock_guard lock(mutex_);
    if (stream_ == nullptr || words == trouble_) return;
    trouble_ = words;
    spdlog::warn("{}agent of {}: {}", words.empty() ? "" : "alert: ", options_.host.str(),
                 words.empty() ? "it works again" : words);
    options_.inputs(execution::HostTroubled{options_.host, words});
}

bool AgentLink::is_current(const AgentStream& stream) const {
    const std::lock_guard lock(mutex_);
    return stream_.get() == &stream;
}

void AgentLink::heard() {
    const std::lock_guard lock(mutex_);
    heard_at_ = options_.clock->boottime();
}

void AgentLink::require(const std::vector<std::string>& capabilities) {
    std::shared_ptr<AgentStream> stream;
    std::string missing;
    {
        const std::lock_guard lock(mutex_);
        stream = stream_;
        missing = missing_capabilities(capabilities, capabilities_);
    }
    if (!stream || missing.empty()) return;
    const std::string words = "the agent lacks what the plan now needs of this host: " + missing;
    spdlog::warn("alert: agent of {} is sent away: {}", options_.host.str(), words);
    detach(*stream, words);
    stream->finish(grpc::Status(grpc::StatusCode::FAILED_PRECONDITION, words));
}

void AgentLink::pulse(Instant now, Duration lease) {
    std::shared_ptr<AgentStream> stream;
    Duration silent{0};
    {
        const std::lock_guard lock(mutex_);
        stream = stream_;
        silent = options_.clock->boottime() - heard_at_;
    }
    if (!stream) return;
    if (silent > lease) {
        detach(*stream, fmt::format("silent for {} s", silent.count() / 1000));
        stream->abandon();
        return;
    }
    v1::OrchestratorMessage message;
    message.mutable_heartbeat()->set_sent_unix_ms(to_unix_ms(now));
    message.mutable_heartbeat()->set_sequence(options_.position().sequence);
    stream->offer(std::move(message));
}

void AgentLink::offer(v1::OrchestratorMessage message) {
    std::shared_ptr<AgentStream> stream;
    {
        const std::lock_guard lock(mutex_);
        stream = stream_;
    }
    if (stream) stream->offer(std::move(message));  // dropped otherwise: sent again at HostUp
}

}  // namespace ararat::transport
