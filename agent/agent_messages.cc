// What the agent says to the orchestrator and does when it is spoken to; the loop is in agent.cc.
#include <algorithm>

#include "agent/agent.h"
#include "agent/convert.h"
#include "agent/welcome.h"
#include "base/protocol.h"
#include "platform/files.h"
#include "platform/log.h"
#include "platform/notify.h"

namespace ararat::agent {

namespace {

std::string boot_id() {
    auto text = platform::read_file("/proc/sys/kernel/random/boot_id", 256);
    if (!text.ok()) return {};
    while (!text->empty() && text->back() == '\n') text->pop_back();
    return text.value();
}

// Where these paths are. One that cannot be told is left out, and what needs it is refused.
PathsOnDisk on_disk(const std::vector<std::string>& paths) {
    PathsOnDisk places;
    for (const std::string& path : paths) {
        auto place = platform::real_path(path);
        if (place.ok()) places[path] = std::move(place).value();
    }
    return places;
}

}  // namespace

void Agent::on_open(std::uint64_t stream, const std::string& orchestrator) {
    orchestrator_ = orchestrator;
    stream_ = stream;
    v1::AgentMessage message;
    v1::Hello& hello = *message.mutable_hello();
    hello.set_protocol(kProtocolVersion);
    hello.set_version(std::string(kProgramVersion));
    for (const std::string_view capability : kCapabilities) hello.add_capabilities(std::string(capability));
    hello.set_journal_id(core_.journal_id());
    hello.set_boot_id(boot_id());
    hello.set_epoch_seen(core_.epoch());
    hello.set_sequence_seen(core_.sequence());
    hello.set_chain_hash(core_.chain_hash());
    for (const std::string& key : core_.unacknowledged()) *hello.add_unacknowledged() = key_from_text(key);
    hello.set_host(host_);
    hello.set_data_port(endpoint_->port());
    link_->greet(stream, std::move(message));
}

void Agent::on_closed(const std::string& why) {
    if (welcomed_)
        spdlog::warn("connection to the orchestrator lost: {}", why);
    else
        spdlog::info("no connection to the orchestrator: {}", why);
    const Instant now = clock_.now();
    if (certificate_ends_ < now) spdlog::warn("{}", certificate_warning(certificate_ends_, now));
    platform::notify_status("not connected: " + why);
    welcomed_ = false;
    core_.on_disconnected();
}

void Agent::on_message(v1::OrchestratorMessage message) {
    const Duration now = clock_.boottime();
    heard_at_ = now;
    if (!welcomed_ && !message.has_welcome()) return;
    switch (message.body_case()) {
        case v1::OrchestratorMessage::kWelcome: on_welcome(message.welcome(), now); break;
        case v1::OrchestratorMessage::kStartStep:
            on_start_step(std::move(*message.mutable_start_step()));
            break;
        case v1::OrchestratorMessage::kCancelStep:
            if (const auto key = key_text(message.cancel_step().key()); key.ok()) {
                take(core_.on_cancel(key.value(), message.cancel_step().epoch(), now));
            }
            break;
        case v1::OrchestratorMessage::kAcknowledgeResult:
            if (const auto key = key_text(message.acknowledge_result().key()); key.ok()) {
                take(core_.on_acknowledge(key.value(), message.acknowledge_result().epoch()));
            }
            break;
        case v1::OrchestratorMessage::kOpenTicket: on_open_ticket(message.open_ticket()); break;
        case v1::OrchestratorMessage::kCloseTicket:
            if (core_.accepts(message.close_ticket().epoch()))
                endpoint_->close_ticket(to_ticket_key(message.close_ticket()));
            break;
        case v1::OrchestratorMessage::kHeartbeat:
        case v1::OrchestratorMessage::BODY_NOT_SET: break;
    }
}

void Agent::on_welcome(const v1::Welcome& welcome, Duration now) {
    if (const auto fits = check_welcome(welcome); !fits.ok()) {
        // Not welcomed: the link goes on trying, ever more slowly, for one of the two may be upgraded.
        spdlog::warn("{}: {}", orchestrator_, fits.error().message);
        link_->drop(fits.error().message);
        return;
    }
    welcomed_ = true;
    lease_ = Duration{welcome.lease_ms()};
    link_->welcomed(stream_);
    outputs_->rewind();
    spdlog::info("connected to the orchestrator at {}, epoch {}", orchestrator_, welcome.epoch());
    platform::notify_status("connected to the orchestrator at " + orchestrator_);
    if (!trouble_.empty()) tell_trouble(trouble_);
    const std::string warning = certificate_warning(certificate_ends_, clock_.now());
    if (!warning.empty()) spdlog::warn("{}", warning);
    take(core_.on_welcome(welcome.epoch(), {welcome.sequence(), welcome.chain_hash()}, now));
}

void Agent::on_start_step(v1::StartStep command) {
    auto spec = to_spec(command);
    if (!spec.ok()) {
        refuse(command, spec.error());
        return;
    }
    std::vector<ShippedBytes> files;
    for (v1::FileBytes& file : *command.mutable_file_bytes())
        files.push_back({file.sha256(), std::move(*file.mutable_content())});
    Decision decision = core_.on_start(spec.value(), {command.sequence(), command.chain_hash()},
                                       clock_.boottime(), on_disk(core_.policy().paths_of(spec.value())));
    const bool starts = std::ranges::any_of(decision.actions, [](const Action& action) {
        return std::holds_alternative<StartSupervisor>(action);
    });
    if (starts) shipped_[spec->key] = std::move(files);
    take(std::move(decision));
}

// A command that is malformed cannot be journalled under its key; it is answered where it has one.
void Agent::refuse(const v1::StartStep& command, const Error& error) {
    spdlog::warn("a command was refused: {}", error.text());
    const auto key = key_text(command.key());
    if (!key.ok()) return;
    StepResult result;
    result.outcome = Outcome::kRefused;
    result.detail = error.text();
    v1::AgentMessage message;
    *message.mutable_step_finished() = to_proto(key.value(), result);
    link_->send(std::move(message));
}

void Agent::on_open_ticket(const v1::OpenTicket& message) {
    if (!core_.accepts(message.epoch())) return;
    const auto open = [&]() -> Result<void> {
        ARARAT_ASSIGN_OR_RETURN(const channel::Ticket ticket, to_ticket(message));
        const bool is_tree = ticket.kind == channel::TicketKind::kTree;
        const TicketRequest asked{ticket.is_source, is_tree, ticket.path, ticket.expose};
        const std::string why = core_.policy().refusal(asked, on_disk(core_.policy().paths_of(asked)));
        if (!why.empty()) return Error{ErrorCode::kPermissionDenied, why};
        return endpoint_->open_ticket(ticket);
    };
    if (const Result<void> opened = open(); !opened.ok()) {
        spdlog::warn("ticket {} of {} was not opened: {}", message.channel().id(), message.run(),
                     opened.error().text());
    }
}

void Agent::on_progress(const channel::ChannelProgress& progress) {
    if (!welcomed_) return;
    v1::AgentMessage message;
    v1::ChannelProgress& said = *message.mutable_channel_progress();
    said.set_run(progress.key.run);
    said.set_channel(progress.key.channel);
    said.set_generation(progress.key.generation);
    said.set_bytes(progress.bytes);
    const auto total = bytes_total_.find({progress.key.run, progress.key.channel});
    // An estimate that was too low must not show more than all.
    if (total != bytes_total_.end()) said.set_bytes_total(std::max(total->second, progress.bytes));
    if (link_->has_room()) link_->send(std::move(message));
}

}  // namespace ararat::agent
