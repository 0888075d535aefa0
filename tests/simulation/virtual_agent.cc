#include "tests/simulation/virtual_agent.h"

#include "agent/convert.h"
#include "agent/core/journal_frame.h"
#include "agent/core/settle.h"
#include "base/protocol.h"

namespace ararat::simulation {

using agent::AgentCore;
using agent::JournalRecord;

namespace {

constexpr const char* kJournal = "journal";

}  // namespace

VirtualAgent::VirtualAgent(std::string host, Surroundings surroundings)
    : host_(std::move(host)), around_(std::move(surroundings)), disk_(*around_.dice) {}

v1::Hello VirtualAgent::hello() const {
    v1::Hello hello;
    hello.set_protocol(kProtocolVersion);
    hello.set_version(std::string(kProgramVersion));
    for (const std::string_view capability : kCapabilities) hello.add_capabilities(std::string(capability));
    hello.set_journal_id(core_->journal_id());
    hello.set_epoch_seen(core_->epoch());
    hello.set_sequence_seen(core_->sequence());
    hello.set_chain_hash(core_->chain_hash());
    for (const std::string& key : core_->unacknowledged())
        *hello.add_unacknowledged() = agent::key_from_text(key);
    hello.set_host(host_);
    hello.set_data_port(7411);
    return hello;
}

void VirtualAgent::boot() {
    ++process_;
    pending_ = {};
    welcomed_ = false;
    core_ = std::make_unique<AgentCore>(agent::CoreOptions{});
    tickets_ = std::make_unique<VirtualTickets>(host_, *around_.faults);
    const auto image = disk_.image();
    if (!image->contains(kJournal)) {
        // Whole or not at all, as the program makes it: by a rename.
        VirtualFile& file = (*image)[kJournal];
        file.now = agent::frame(agent::JournalCreated{host_ + "-journal-" + std::to_string(++journals_)});
        file.durable = file.now;
    }
    const auto contents = agent::read_frames((*image)[kJournal].now);
    if (!contents.ok()) {
        around_.faults->push_back(host_ + ": " + contents.error().text());
        core_.reset();
        return;
    }
    disk_.truncate(*image, kJournal, contents->good_bytes);
    disk_.sync(*image, kJournal);
    started_.clear();
    for (const JournalRecord& record : contents->records) {
        note_started(record);
        core_->apply(record);
    }
    if (contents->good_bytes < acted_upon_)
        around_.faults->push_back(host_ + " acted upon records that are not in its journal any more");
    take(core_->recover());
    settle();
}

void VirtualAgent::die(CrashKind kind) {
    disk_.crash(kind);
    disk_.begin_again();
    core_.reset();
    ++process_;
}

void VirtualAgent::lose_disk() {
    die(CrashKind::kPower);
    DiskImage& image = *disk_.image();
    image.clear();
    acted_upon_ = 0;
    cancelled_.clear();
    newest_epoch_ = 0;
}

void VirtualAgent::on_message(const v1::OrchestratorMessage& message) {
    const Duration now = around_.boottime();
    if (!welcomed_ && !message.has_welcome()) return;
    switch (message.body_case()) {
        case v1::OrchestratorMessage::kWelcome:
            welcomed_ = true;
            newest_epoch_ = std::max(newest_epoch_, message.welcome().epoch());
            take(core_->on_welcome(message.welcome().epoch(),
                                   {message.welcome().sequence(), message.welcome().chain_hash()}, now));
            break;
        case v1::OrchestratorMessage::kStartStep: {
            auto spec = agent::to_spec(message.start_step());
            if (!spec.ok()) {
                around_.faults->push_back(host_ + " cannot read a command: " + spec.error().text());
                return;
            }
            take(core_->on_start(spec.value(),
                                 {message.start_step().sequence(), message.start_step().chain_hash()}, now));
            break;
        }
        case v1::OrchestratorMessage::kCancelStep: on_cancel(message.cancel_step()); break;
        case v1::OrchestratorMessage::kAcknowledgeResult:
            if (const auto key = agent::key_text(message.acknowledge_result().key()); key.ok())
                take(core_->on_acknowledge(key.value(), message.acknowledge_result().epoch()));
            break;
        case v1::OrchestratorMessage::kOpenTicket: on_open_ticket(message.open_ticket()); break;
        case v1::OrchestratorMessage::kCloseTicket:
            if (core_->accepts(message.close_ticket().epoch()))
                tickets_->close(agent::to_ticket_key(message.close_ticket()));
            break;
        case v1::OrchestratorMessage::kHeartbeat:
        case v1::OrchestratorMessage::BODY_NOT_SET: break;
    }
    settle();
}

// Cancelled before it came: from then on it must not start, however late it comes.
void VirtualAgent::on_cancel(const v1::CancelStep& command) {
    const auto key = agent::key_text(command.key());
    if (!key.ok()) return;
    const bool is_unknown = core_->accepts(command.epoch()) && !started_.contains(key.value());
    take(core_->on_cancel(key.value(), command.epoch(), around_.boottime()));
    settle();
    if (is_unknown && !has_crashed()) cancelled_.insert(key.value());
}

void VirtualAgent::on_open_ticket(const v1::OpenTicket& message) {
    if (!core_->accepts(message.epoch())) return;
    if (message.epoch() < newest_epoch_)
        around_.faults->push_back(host_ + " opens a ticket of an older epoch");
    const auto ticket = agent::to_ticket(message);
    if (!ticket.ok()) return around_.faults->push_back(host_ + ": " + ticket.error().text());
    tickets_->open(ticket.value(), around_.boottime());
}

void VirtualAgent::on_closed() {
    welcomed_ = false;
    if (core_) core_->on_disconnected();
}

void VirtualAgent::on_tick() {
    for (const std::string& key : core_->running()) {
        if (around_.supervisors->report(key).state != agent::AttemptState::kAbsent) look_at(key);
        if (has_crashed()) return;
    }
    take(core_->on_tick(around_.boottime()));
    settle();
}

void VirtualAgent::look_at(const std::string& key) {
    on_report(key, around_.supervisors->report(key));
    settle();
}

void VirtualAgent::on_report(const std::string& key, const agent::AttemptReport& report) {
    take(core_->on_report(key, report, around_.boottime()));
}

void VirtualAgent::settle() {
    const auto write_down = [this](const std::vector<JournalRecord>& records) {
        if (has_crashed()) return false;
        check_journal(records);
        append(records);
        return !has_crashed();
    };
    const auto act = [this](const agent::Action& action) {
        if (has_crashed()) return;  // since the last action
        acted_upon_ = (*disk_.image())[kJournal].now.size();
        perform(action);
    };
    agent::settle(pending_, {write_down, act});
}

void VirtualAgent::append(const std::vector<JournalRecord>& records) {
    if (records.empty()) return;
    std::string bytes;
    for (const JournalRecord& record : records) bytes += agent::frame(record);
    const auto image = disk_.image();
    disk_.write(*image, kJournal, (*image)[kJournal].now.size(), bytes);
    disk_.sync(*image, kJournal);
}

// The journal's own promise: an attempt is started once, whatever asks for it again.
void VirtualAgent::check_journal(const std::vector<JournalRecord>& records) {
    for (const JournalRecord& record : records) {
        if (const auto* started = std::get_if<agent::Started>(&record)) {
            if (started_.contains(started->key))
                around_.faults->push_back(host_ + " journals a second start of " + started->key);
            if (cancelled_.contains(started->key))
                around_.faults->push_back(host_ + " starts " + started->key + " after it was cancelled");
            if (started->epoch < newest_epoch_)
                around_.faults->push_back(host_ + " starts " + started->key + " for an older epoch");
        }
        note_started(record);
    }
}

void VirtualAgent::note_started(const JournalRecord& record) {
    if (const auto* started = std::get_if<agent::Started>(&record)) started_.insert(started->key);
    if (const auto* withdrawn = std::get_if<agent::Withdrawn>(&record)) started_.erase(withdrawn->key);
}

void VirtualAgent::perform(const agent::Action& action) {
    if (const auto* begin = std::get_if<agent::StartSupervisor>(&action)) {
        const VirtualFile& journal = (*disk_.image())[kJournal];
        if (!started_.contains(begin->spec.key) || journal.durable != journal.now)
            around_.faults->push_back(host_ + " starts " + begin->spec.key + " before that is on its disk");
        call_later([this, spec = begin->spec] {
            const auto bytes = agent::encode_spec(spec);
            const auto report = bytes.ok() ? agent::decode_report(around_.supervisors->start(bytes.value()))
                                           : Result<agent::AttemptReport>(bytes.error());
            if (report.ok()) return on_report(spec.key, report.value());
            take(core_->on_start_failed(spec.key, report.error().text(), around_.boottime()));
        });
    } else if (const auto* cancel = std::get_if<agent::CancelSupervisor>(&action)) {
        call_later([this, key = cancel->key] { on_report(key, around_.supervisors->cancel(key)); });
    } else if (const auto* forget = std::get_if<agent::ForgetSupervisor>(&action)) {
        call_later([this, key = forget->key] { around_.supervisors->forget(key); });
    } else if (const auto* check = std::get_if<agent::CheckSupervisor>(&action)) {
        on_report(check->key, around_.supervisors->report(check->key));
    } else if (const auto* started = std::get_if<agent::SendStarted>(&action)) {
        v1::AgentMessage message;
        *message.mutable_step_started()->mutable_key() = agent::key_from_text(started->key);
        say(message);
    } else if (const auto* finished = std::get_if<agent::SendFinished>(&action)) {
        v1::AgentMessage message;
        *message.mutable_step_finished() = agent::to_proto(finished->key, finished->result);
        say(message);
    }
}

void VirtualAgent::call_later(std::function<void()> call) {
    around_.later([this, call = std::move(call), process = process_] {
        if (process != process_ || !alive()) return;
        call();
        settle();
    });
}

void VirtualAgent::say(const v1::AgentMessage& message) {
    if (welcomed_) around_.say(message);
}

}  // namespace ararat::simulation
