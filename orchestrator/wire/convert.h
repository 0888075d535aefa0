// Between the model and the protocol: the only place where the two meet.
// to_proto never fails. from_proto refuses what the model has no word for: an unspecified or unknown enum
// value or a missing part is invalid-argument with the field's path.
// Thread promise: pure functions.
#pragma once

#include <string>

#include "ararat/v1/agent.pb.h"
#include "ararat/v1/journal.pb.h"
#include "ararat/v1/plan.pb.h"
#include "base/result.h"
#include "execution/effect.h"
#include "execution/input.h"
#include "execution/record.h"
#include "model/compiled_plan.h"

namespace ararat::wire {

// ---- enums ----
[[nodiscard]] v1::Verb to_proto(Verb value);
[[nodiscard]] v1::TaskKind to_proto(TaskKind value);
[[nodiscard]] v1::ActionClass to_proto(ActionClass value);
[[nodiscard]] v1::Phase to_proto(Phase value);
[[nodiscard]] v1::Guard to_proto(Guard value);
[[nodiscard]] v1::WhenLate to_proto(WhenLate value);
[[nodiscard]] v1::HostVia to_proto(HostVia value);
[[nodiscard]] v1::ChannelKind to_proto(ChannelKind value);
[[nodiscard]] v1::ListenSide to_proto(ListenSide value);
[[nodiscard]] v1::TaskState to_proto(TaskState value);
[[nodiscard]] v1::GroupState to_proto(GroupState value);
[[nodiscard]] v1::RunStatus to_proto(RunStatus value);
[[nodiscard]] v1::Purpose to_proto(execution::Purpose value);
[[nodiscard]] v1::Outcome to_proto(execution::Outcome value);

[[nodiscard]] Result<Verb> from_proto(v1::Verb value);
[[nodiscard]] Result<TaskKind> from_proto(v1::TaskKind value);
[[nodiscard]] Result<ActionClass> from_proto(v1::ActionClass value);
[[nodiscard]] Result<Phase> from_proto(v1::Phase value);
[[nodiscard]] Result<Guard> from_proto(v1::Guard value);
[[nodiscard]] Result<WhenLate> from_proto(v1::WhenLate value);
[[nodiscard]] Result<HostVia> from_proto(v1::HostVia value);
[[nodiscard]] Result<ChannelKind> from_proto(v1::ChannelKind value);
[[nodiscard]] Result<ListenSide> from_proto(v1::ListenSide value);
[[nodiscard]] Result<TaskState> from_proto(v1::TaskState value);
[[nodiscard]] Result<GroupState> from_proto(v1::GroupState value);
[[nodiscard]] Result<RunStatus> from_proto(v1::RunStatus value);
[[nodiscard]] Result<execution::Purpose> from_proto(v1::Purpose value);
[[nodiscard]] Result<execution::Outcome> from_proto(v1::Outcome value);

// ---- the plan ----
[[nodiscard]] v1::Operation to_proto(const Operation& value);
[[nodiscard]] v1::Task to_proto(const Task& value);
[[nodiscard]] v1::EstateHost to_proto(const EstateHost& value);
[[nodiscard]] v1::Channel to_proto(const Channel& value);
[[nodiscard]] v1::Wave to_proto(const Wave& value);
[[nodiscard]] v1::CompiledPlan to_proto(const CompiledPlan& value);
[[nodiscard]] v1::CompiledPlan to_proto_without_tasks(const CompiledPlan& value);

[[nodiscard]] Result<Operation> from_proto(const v1::Operation& value);
[[nodiscard]] Result<Task> from_proto(const v1::Task& value);
[[nodiscard]] Result<EstateHost> from_proto(const v1::EstateHost& value);
[[nodiscard]] Result<Channel> from_proto(const v1::Channel& value);
[[nodiscard]] Result<Wave> from_proto(const v1::Wave& value);
[[nodiscard]] Result<CompiledPlan> from_proto(const v1::CompiledPlan& value);

// ---- records ----
[[nodiscard]] v1::AttemptKey to_proto(const execution::AttemptKey& value);
[[nodiscard]] v1::Record to_proto(const execution::Record& value);
[[nodiscard]] Result<execution::AttemptKey> from_proto(const v1::AttemptKey& value);
[[nodiscard]] Result<execution::Record> from_proto(const v1::Record& value);

// ---- commands and what agents say ----
// With the shipped files' bytes; `sequence` is the journal's, for the agent's high-water mark.
[[nodiscard]] v1::StartStep to_proto(const execution::Command& value, std::uint64_t sequence);
[[nodiscard]] v1::CancelStep to_proto(const execution::CancelCommand& value);
[[nodiscard]] v1::AcknowledgeResult to_proto(const execution::AcknowledgeResult& value);
[[nodiscard]] v1::CloseTicket to_proto(const execution::CloseTicket& value);
[[nodiscard]] Result<execution::StepStarted> from_proto(const v1::StepStarted& value, const HostId& host);
[[nodiscard]] Result<execution::StepFinished> from_proto(const v1::StepFinished& value, const HostId& host);

// Bytes for the journal and its chain: the same record always gives the same bytes.
[[nodiscard]] std::string to_bytes(const execution::Record& value);
[[nodiscard]] Result<execution::Record> record_from_bytes(const std::string& bytes);
// The bytes of to_proto(). Task by task: far less memory than the whole message takes.
[[nodiscard]] std::string to_bytes(const CompiledPlan& value);
[[nodiscard]] Result<CompiledPlan> plan_from_bytes(const std::string& bytes);

}  // namespace ararat::wire
