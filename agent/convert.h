// Between the protocol and the agent's own types; the only file of the agent where the two meet.
// Thread promise: pure functions.
#pragma once

#include <string>

#include "agent/step_spec/step_result.h"
#include "agent/step_spec/step_spec.h"
#include "ararat/v1/agent.pb.h"
#include "base/result.h"
#include "channel/ticket.h"

namespace ararat::agent {

// The key's stable text, the same as the orchestrator's. Errors: invalid-argument where a part is missing
// or would break the text.
[[nodiscard]] Result<std::string> key_text(const v1::AttemptKey& key);
// Precondition: the text came from key_text.
[[nodiscard]] v1::AttemptKey key_from_text(const std::string& text);

// Errors: invalid-argument with the field.
[[nodiscard]] Result<StepSpec> to_spec(const v1::StartStep& command);
[[nodiscard]] v1::StepFinished to_proto(const std::string& key, const StepResult& result);
[[nodiscard]] v1::Outcome to_proto(Outcome outcome);
[[nodiscard]] Result<Verb> from_proto(v1::Verb verb);
[[nodiscard]] Result<channel::Ticket> to_ticket(const v1::OpenTicket& message);
[[nodiscard]] channel::TicketKey to_ticket_key(const v1::CloseTicket& message);

}  // namespace ararat::agent
