// What an agent is told over its stream, as far as it is judged without a host: conversion, the supervisor's
// encoding, the agent's rules and the tickets it holds.
#include <google/protobuf/stubs/logging.h>
#include "agent/convert.h"
#include "agent/core/agent_core.h"
#include "channel/ticket_book.h"

#include "tests/fuzz/target.h"

namespace ararat::fuzzing {
namespace {

// Sequence 0 where no hash is told: a number alone is not written down, as agent_core.cc says.
template <typename Message>
agent::ChainSeen chain_of(const Message& message) {
    const std::string& hash = message.chain_hash();
    const bool told = !hash.empty() && hash.find('\0') == std::string::npos;
    return {told ? message.sequence() : 0, hash};
}

// An agent and its tickets over one conversation. What it writes down must make the same state again.
class ToldAgent {
public:
    void hear(const v1::OrchestratorMessage& message) {
        now_ += Duration{1000};
        switch (message.body_case()) {
            case v1::OrchestratorMessage::kWelcome: return welcome(message.welcome());
            case v1::OrchestratorMessage::kStartStep: return start(message.start_step());
            case v1::OrchestratorMessage::kCancelStep: return cancel(message.cancel_step());
            case v1::OrchestratorMessage::kAcknowledgeResult:
                return acknowledge(message.acknowledge_result());
            case v1::OrchestratorMessage::kOpenTicket: return open(message.open_ticket());
            case v1::OrchestratorMessage::kCloseTicket:
                (void)book_.close(agent::to_ticket_key(message.close_ticket()));
                return;
            default: return;
        }
    }

    void expect_replayable() const {
        agent::AgentCore again{agent::CoreOptions{}};
        for (const agent::JournalRecord& record : written_) {
            const auto read = agent::decode_record(agent::encode_record(record));
            ARARAT_CHECK(read.ok() && *read == record, "a record of the agent is not read back");
            again.apply(*read);
        }
        ARARAT_CHECK(again.snapshot() == core_.snapshot(), "the journal does not give the agent's state");
    }

private:
    void take(agent::Decision decision) {
        for (agent::JournalRecord& record : decision.records) written_.push_back(std::move(record));
        (void)core_.on_tick(now_);
    }

    void welcome(const v1::Welcome& message) {
        take(core_.on_welcome(message.epoch(), chain_of(message), now_));
    }

    void start(const v1::StartStep& command) {
        const auto spec = agent::to_spec(command);
        if (!spec.ok()) return;
        ARARAT_CHECK(agent::key_text(agent::key_from_text(spec->key)).value() == spec->key,
                     "a key is read back as another one");
        const auto bytes = agent::encode_spec(*spec);
        if (bytes.ok()) {
            const auto again = agent::decode_spec(*bytes);
            ARARAT_CHECK(again.ok() && *again == *spec, "a supervisor would be told something else");
        }
        take(core_.on_start(*spec, chain_of(command), now_));
    }

    void cancel(const v1::CancelStep& command) {
        if (const auto key = agent::key_text(command.key()); key.ok())
            take(core_.on_cancel(*key, command.epoch(), now_));
    }

    void acknowledge(const v1::AcknowledgeResult& command) {
        if (const auto key = agent::key_text(command.key()); key.ok())
            take(core_.on_acknowledge(*key, command.epoch()));
    }

    void open(const v1::OpenTicket& message) {
        const auto ticket = agent::to_ticket(message);
        if (!ticket.ok()) return;
        const auto opened = book_.open(*ticket, now_);
        if (!opened.ok()) return;
        ARARAT_CHECK(!opened->entry->expired(now_), "a ticket that is over before it begins");
        (void)opened->entry->available(now_);
        (void)book_.expire(now_ + Duration{1});
    }

    Duration now_{1'000'000};
    agent::AgentCore core_{agent::CoreOptions{}};
    std::vector<agent::JournalRecord> written_;
    channel::TicketBook book_;
};

}  // namespace

void fuzz_command(std::string_view bytes) {
    // It says on standard error what it refuses.
    google::protobuf::SetLogHandler(nullptr);
    ToldAgent agent;
    for (const std::string_view piece : pieces_of(bytes)) {
        v1::OrchestratorMessage message;
        if (message.ParseFromArray(piece.data(), static_cast<int>(piece.size()))) agent.hear(message);
    }
    agent.expect_replayable();
}

}  // namespace ararat::fuzzing
