#include "agent/convert.h"

#include "base/check.h"
#include "base/join.h"
#include "base/utf8.h"

namespace ararat::agent {

namespace {

constexpr std::int64_t kTimeoutMsMax = 30LL * 24 * 3600 * 1000;

Error invalid(const std::string& field, const std::string& why) {
    return Error{ErrorCode::kInvalidArgument, why, field};
}

const char* purpose_text(v1::Purpose purpose) {
    switch (purpose) {
        case v1::PURPOSE_FORWARD: return "forward";
        case v1::PURPOSE_PROBE: return "probe";
        case v1::PURPOSE_UNDO: return "undo";
        default: return "";
    }
}

v1::Purpose purpose_from(const std::string& text) {
    if (text == "probe") return v1::PURPOSE_PROBE;
    if (text == "undo") return v1::PURPOSE_UNDO;
    return v1::PURPOSE_FORWARD;
}

std::map<std::string, std::string> to_map(const google::protobuf::Map<std::string, std::string>& values) {
    return {values.begin(), values.end()};
}

Result<Operation> to_operation(const v1::Operation& message) {
    Operation operation;
    ARARAT_ASSIGN_OR_RETURN(operation.verb, from_proto(message.verb()));
    operation.argv.assign(message.argv().begin(), message.argv().end());
    operation.fields = to_map(message.fields());
    operation.environment = to_map(message.environment());
    operation.until = {Duration{message.until().every_ms()}, Duration{message.until().within_ms()}};
    operation.expect = {message.expect().exit_code(), message.expect().output_equals(),
                        message.expect().output_contains()};
    operation.timeout = Duration{message.timeout_ms()};
    if (message.timeout_ms() <= 0 || message.timeout_ms() > kTimeoutMsMax)
        return invalid("timeout_ms", "not within (0, 30 days]");
    if (message.until().every_ms() < 0 || message.until().within_ms() < 0)
        return invalid("until", "negative");
    if (operation.expect.exit_code < 0 || operation.expect.exit_code > 255)
        return invalid("expect.exit_code", "not within [0, 255]");
    return operation;
}

bool is_utf8(const std::string& text) {
    std::size_t at = 0;
    while (at < text.size()) {
        const auto decoded = decode_utf8(text, at);
        if (!decoded) return false;
        at += decoded->bytes;
    }
    return true;
}

}  // namespace

Result<std::string> key_text(const v1::AttemptKey& key) {
    const std::string purpose = purpose_text(key.purpose());
    if (purpose.empty()) return invalid("key.purpose", "unknown");
    if (key.attempt() == 0) return invalid("key.attempt", "counted from 1");
    for (const std::string* part : {&key.project(), &key.run(), &key.task()}) {
        if (part->empty() || part->size() > 512) return invalid("key", "a part is missing or too long");
        for (const char c : *part) {
            if (c == '|' || static_cast<unsigned char>(c) < 0x20)
                return invalid("key", "a part holds a character it may not");
        }
    }
    return key.project() + "|" + key.run() + "|" + key.task() + "|" + purpose + "|" +
           std::to_string(key.attempt());
}

v1::AttemptKey key_from_text(const std::string& text) {
    const std::vector<std::string> parts = split(text, '|');
    ARARAT_CHECK(parts.size() == 5, "a key's text has five parts");
    v1::AttemptKey key;
    key.set_project(parts[0]);
    key.set_run(parts[1]);
    key.set_task(parts[2]);
    key.set_purpose(purpose_from(parts[3]));
    key.set_attempt(static_cast<std::uint32_t>(std::stoul(parts[4])));
    return key;
}

Result<Verb> from_proto(v1::Verb verb) {
    switch (verb) {
        case v1::VERB_RUN: return Verb::kRun;
        case v1::VERB_SERVICE: return Verb::kService;
        case v1::VERB_HTTP_PROBE: return Verb::kHttpProbe;
        case v1::VERB_TCP_PROBE: return Verb::kTcpProbe;
        case v1::VERB_WRITE_FILE: return Verb::kWriteFile;
        case v1::VERB_RESTORE_FILE: return Verb::kRestoreFile;
        case v1::VERB_COPY_TREE: return Verb::kCopyTree;
        case v1::VERB_VERIFY_TREE: return Verb::kVerifyTree;
        case v1::VERB_FACTS: return Verb::kFacts;
        case v1::VERB_POWER_OFF: return Verb::kPowerOff;
        default:
            return invalid("verb", "this agent does not know verb " + std::to_string(static_cast<int>(verb)));
    }
}

v1::Outcome to_proto(Outcome outcome) {
    switch (outcome) {
        case Outcome::kSucceeded: return v1::OUTCOME_SUCCEEDED;
        case Outcome::kFailed: return v1::OUTCOME_FAILED;
        case Outcome::kUnknown: return v1::OUTCOME_UNKNOWN;
        case Outcome::kRefused: return v1::OUTCOME_REFUSED;
        case Outcome::kCancelled: return v1::OUTCOME_CANCELLED;
    }
    return v1::OUTCOME_UNKNOWN;
}

Result<StepSpec> to_spec(const v1::StartStep& command) {
    StepSpec spec;
    ARARAT_ASSIGN_OR_RETURN(spec.key, key_text(command.key()));
    spec.epoch = command.epoch();
    for (const v1::ShippedFile& file : command.files()) spec.files.push_back({file.name(), file.sha256()});
    spec.outputs.assign(command.outputs().begin(), command.outputs().end());
    for (const v1::Stage& stage : command.stages()) {
        auto operation = to_operation(stage.operation());
        if (!operation.ok())
            return invalid("stages." + stage.name() + "." + operation.error().context,
                           operation.error().message);
        spec.stages.push_back({stage.name(), std::move(operation).value()});
    }
    return spec;
}

v1::StepFinished to_proto(const std::string& key, const StepResult& result) {
    v1::StepFinished message;
    *message.mutable_key() = key_from_text(key);
    message.set_outcome(to_proto(result.outcome));
    message.set_already(result.already);
    message.set_exit_code(result.exit_code);
    message.set_detail(displayable(result.detail));
    message.set_duration_ms(result.duration_ms);
    for (const auto& [name, value] : result.outputs) {
        // A message with ill-formed text cannot be read at all: it would end the stream, again and again.
        (*message.mutable_outputs())[name] = is_utf8(value) ? value : displayable(value);
    }
    return message;
}

Result<channel::Ticket> to_ticket(const v1::OpenTicket& message) {
    channel::Ticket ticket;
    ticket.key = {message.run(), message.channel().id(), message.generation()};
    switch (message.channel().kind()) {
        case v1::CHANNEL_KIND_TREE: ticket.kind = channel::TicketKind::kTree; break;
        case v1::CHANNEL_KIND_SOCKET: ticket.kind = channel::TicketKind::kSocket; break;
        default: return invalid("channel.kind", "unknown");
    }
    ticket.is_source = message.is_source();
    ticket.path = message.channel().path();
    ticket.expose = message.channel().expose();
    ticket.expose_owner = message.channel().expose_owner();
    ticket.secret = message.secret();
    ticket.peer = message.peer();
    ticket.peer_address = message.peer_address();
    ticket.bytes_per_second_max = message.channel().bytes_per_second_max();
    ticket.lease = Duration{message.lease_ms()};
    return ticket;
}

channel::TicketKey to_ticket_key(const v1::CloseTicket& message) {
    return {message.run(), message.channel(), message.generation()};
}

}  // namespace ararat::agent
