#include "wire/field_path.h"

namespace ararat::wire {
namespace {

using namespace execution;

struct ToBody {
    v1::Record& out;

    void operator()(const EpochStarted& body) const {
        auto* to = out.mutable_epoch_started();
        to->set_epoch(body.epoch);
        to->set_version(body.version);
        to->set_history_lost(body.history_lost);
        to->set_boot_id(body.boot_id);
        to->set_booted_at_unix_ms(to_unix_ms(body.booted_at));
    }
    void operator()(const ClockJumped& body) const { out.mutable_clock_jumped()->set_by_ms(body.by.count()); }
    void operator()(const ClockTrusted& body) const {
        out.mutable_clock_trusted()->set_by(body.by);
        out.mutable_clock_trusted()->set_reason(body.reason);
    }
    void operator()(const PlanApplied& body) const {
        auto* to = out.mutable_plan_applied();
        to->set_hash(body.hash.str());
        to->set_base(body.base.str());
        to->set_by(body.by);
    }
    void operator()(const GateDecided& body) const {
        auto* to = out.mutable_gate_decided();
        to->set_wave(body.wave.str());
        to->set_gate(body.gate.str());
        to->set_role(body.role.str());
        to->set_granted(body.granted);
        to->set_by(body.by);
        to->set_comment(body.comment);
        to->set_subtree(body.subtree.str());
        to->set_signature(body.signature);
        to->set_certificate_pem(body.certificate_pem);
    }
    void operator()(const RunStarted& body) const {
        auto* to = out.mutable_run_started();
        to->set_run(body.run.str());
        to->set_wave(body.wave.str());
        to->set_plan(body.plan.str());
        to->set_by(body.by);
        to->set_ignore_window(body.ignore_window);
        put_ids(to->mutable_groups(), body.groups);
        to->set_reason(body.reason);
    }
    void operator()(const RunStatusChanged& body) const {
        auto* to = out.mutable_run_status_changed();
        to->set_run(body.run.str());
        to->set_status(to_proto(body.status));
        to->set_by(body.by);
        to->set_reason(body.reason);
        to->set_cancelling(body.cancelling);
        to->set_one_step(body.one_step);
    }
    void operator()(const GroupChanged& body) const {
        auto* to = out.mutable_group_changed();
        to->set_run(body.run.str());
        to->set_group(body.group.str());
        to->set_state(to_proto(body.state));
        to->set_by(body.by);
        to->set_reason(body.reason);
        to->set_for_clock(body.for_clock);
        put_ids(to->mutable_lacks(), body.lacks);
    }
    void operator()(const AttemptStarted& body) const {
        *out.mutable_attempt_started()->mutable_key() = to_proto(body.key);
        out.mutable_attempt_started()->set_host(body.host.str());
    }
    void operator()(const AttemptRunning& body) const {
        *out.mutable_attempt_running()->mutable_key() = to_proto(body.key);
    }
    void operator()(const AttemptFinished& body) const {
        auto* to = out.mutable_attempt_finished();
        *to->mutable_key() = to_proto(body.key);
        to->set_outcome(to_proto(body.outcome));
        to->set_already(body.already);
        to->set_exit_code(body.exit_code);
        to->set_detail(body.detail);
        for (const auto& [name, value] : body.outputs) (*to->mutable_outputs())[name] = value;
        to->set_duration_ms(body.duration_ms);
        for (const auto& [name, why] : body.outputs_not_kept) (*to->mutable_outputs_not_kept())[name] = why;
    }
    void operator()(const TaskChanged& body) const {
        auto* to = out.mutable_task_changed();
        to->set_run(body.run.str());
        to->set_task(body.task.str());
        to->set_state(to_proto(body.state));
        to->set_by(body.by);
        to->set_reason(body.reason);
        to->set_not_before_unix_ms(to_unix_ms(body.not_before));
    }
    void operator()(const TicketIssued& body) const {
        auto* to = out.mutable_ticket_issued();
        to->set_run(body.run.str());
        to->set_channel(body.channel.str());
        to->set_generation(body.generation);
    }
    void operator()(const TicketRevoked& body) const {
        auto* to = out.mutable_ticket_revoked();
        to->set_run(body.run.str());
        to->set_channel(body.channel.str());
        to->set_generation(body.generation);
        to->set_reason(body.reason);
    }
    void operator()(const HostJournalSeen& body) const {
        auto* to = out.mutable_host_journal_seen();
        to->set_host(body.host.str());
        to->set_journal_id(body.journal_id);
        to->set_quarantined(body.quarantined);
    }
    void operator()(const EnrolTokenMade& body) const {
        auto* to = out.mutable_enrol_token_made();
        to->set_name(body.name);
        to->set_kind(body.kind);
        put_ids(to->mutable_roles(), body.roles);
        to->set_expires_unix_ms(to_unix_ms(body.expires));
        to->set_by(body.by);
    }
    void operator()(const Enrolled& body) const {
        auto* to = out.mutable_enrolled();
        to->set_identity(body.identity);
        to->set_certificate_sha256(body.certificate_sha256);
        to->set_peer(body.peer);
    }
    void operator()(const EnrolmentRefused& body) const {
        auto* to = out.mutable_enrolment_refused();
        to->set_host(body.host);
        to->set_reason(body.reason);
        to->set_peer(body.peer);
        to->set_not_recorded(body.not_recorded);
    }
    void operator()(const HostKeyPinned& body) const {
        auto* to = out.mutable_host_key_pinned();
        to->set_host(body.host.str());
        to->set_fingerprint(body.fingerprint);
        to->set_by(body.by);
    }
    void operator()(const LatestReturnReached& body) const {
        auto* to = out.mutable_latest_return_reached();
        to->set_run(body.run.str());
        to->set_group(body.group.str());
        to->set_latest_unix_ms(to_unix_ms(body.latest));
        to->set_back_out_ms(body.back_out.count());
        to->set_window_end_unix_ms(to_unix_ms(body.window_end));
        to->set_task(body.task.str());
        to->set_answer(to_proto(body.answer));
    }
    void operator()(const GoGiven& body) const {
        auto* to = out.mutable_go_given();
        to->set_run(body.run.str());
        to->set_group(body.group.str());
        to->set_by(body.by);
        to->set_reason(body.reason);
        put_ids(to->mutable_without(), body.without);
    }
};

Result<RecordBody> body_from(const v1::EpochStarted& from) {
    return RecordBody{EpochStarted{from.epoch(), from.version(), from.history_lost(), from.boot_id(),
                                   from_unix_ms(from.booted_at_unix_ms())}};
}

Result<RecordBody> body_from(const v1::GateDecided& from) {
    return RecordBody{GateDecided{WaveId(from.wave()), GateId(from.gate()), RoleId(from.role()),
                                  from.granted(), from.by(), from.comment(), Hash(from.subtree()),
                                  from.signature(), from.certificate_pem()}};
}

Result<RecordBody> body_from(const v1::RunStarted& from) {
    return RecordBody{RunStarted{RunId(from.run()), WaveId(from.wave()), Hash(from.plan()), from.by(),
                                 from.ignore_window(), ids_of<MoveGroupId>(from.groups()), from.reason()}};
}

Result<RecordBody> body_from(const v1::RunStatusChanged& from) {
    ARARAT_ASSIGN_OR_RETURN(const RunStatus status, read("status", from.status()));
    return RecordBody{RunStatusChanged{RunId(from.run()), status, from.by(), from.reason(), from.cancelling(),
                                       from.one_step()}};
}

Result<RecordBody> body_from(const v1::GroupChanged& from) {
    ARARAT_ASSIGN_OR_RETURN(const GroupState state, read("state", from.state()));
    return RecordBody{GroupChanged{RunId(from.run()), MoveGroupId(from.group()), state, from.by(),
                                   from.reason(), from.for_clock(), ids_of<MoveGroupId>(from.lacks())}};
}

Result<RecordBody> body_from(const v1::AttemptFinished& from) {
    AttemptFinished body;
    ARARAT_ASSIGN_OR_RETURN(body.key, read("key", from.key()));
    ARARAT_ASSIGN_OR_RETURN(body.outcome, read("outcome", from.outcome()));
    body.already = from.already();
    body.exit_code = from.exit_code();
    body.detail = from.detail();
    for (const auto& [name, value] : from.outputs()) body.outputs.emplace(name, value);
    body.duration_ms = from.duration_ms();
    for (const auto& [name, why] : from.outputs_not_kept()) body.outputs_not_kept.emplace(name, why);
    return RecordBody{std::move(body)};
}

Result<RecordBody> body_from(const v1::TaskChanged& from) {
    ARARAT_ASSIGN_OR_RETURN(const TaskState state, read("state", from.state()));
    return RecordBody{TaskChanged{RunId(from.run()), TaskId(from.task()), state, from.by(), from.reason(),
                                  from_unix_ms(from.not_before_unix_ms())}};
}

Result<RecordBody> body_from(const v1::EnrolTokenMade& from) {
    return RecordBody{EnrolTokenMade{from.name(), from.kind(), ids_of<RoleId>(from.roles()),
                                     from_unix_ms(from.expires_unix_ms()), from.by()}};
}

Result<RecordBody> body_from(const v1::EnrolmentRefused& from) {
    return RecordBody{EnrolmentRefused{from.host(), from.reason(), from.peer(), from.not_recorded()}};
}

Result<RecordBody> body_from(const v1::LatestReturnReached& from) {
    ARARAT_ASSIGN_OR_RETURN(const WhenLate answer, read("answer", from.answer()));
    return RecordBody{LatestReturnReached{
        RunId(from.run()), MoveGroupId(from.group()), from_unix_ms(from.latest_unix_ms()),
        Duration(from.back_out_ms()), from_unix_ms(from.window_end_unix_ms()), TaskId(from.task()), answer}};
}

Result<RecordBody> attempt_started_from(const v1::AttemptStarted& from) {
    ARARAT_ASSIGN_OR_RETURN(AttemptKey key, read("key", from.key()));
    return RecordBody{AttemptStarted{std::move(key), HostId(from.host())}};
}

Result<RecordBody> attempt_running_from(const v1::AttemptRunning& from) {
    ARARAT_ASSIGN_OR_RETURN(AttemptKey key, read("key", from.key()));
    return RecordBody{AttemptRunning{std::move(key)}};
}

Result<RecordBody> body_of(const v1::Record& value) {
    switch (value.body_case()) {
        case v1::Record::kEpochStarted: return body_from(value.epoch_started());
        case v1::Record::kPlanApplied:
            return RecordBody{PlanApplied{Hash(value.plan_applied().hash()),
                                          Hash(value.plan_applied().base()), value.plan_applied().by()}};
        case v1::Record::kGateDecided: return body_from(value.gate_decided());
        case v1::Record::kRunStarted: return body_from(value.run_started());
        case v1::Record::kRunStatusChanged: return body_from(value.run_status_changed());
        case v1::Record::kGroupChanged: return body_from(value.group_changed());
        case v1::Record::kAttemptStarted: return attempt_started_from(value.attempt_started());
        case v1::Record::kAttemptRunning: return attempt_running_from(value.attempt_running());
        case v1::Record::kAttemptFinished: return body_from(value.attempt_finished());
        case v1::Record::kTaskChanged: return body_from(value.task_changed());
        case v1::Record::kTicketIssued:
            return RecordBody{TicketIssued{RunId(value.ticket_issued().run()),
                                           ChannelId(value.ticket_issued().channel()),
                                           value.ticket_issued().generation()}};
        case v1::Record::kTicketRevoked:
            return RecordBody{TicketRevoked{
                RunId(value.ticket_revoked().run()), ChannelId(value.ticket_revoked().channel()),
                value.ticket_revoked().generation(), value.ticket_revoked().reason()}};
        case v1::Record::kHostJournalSeen:
            return RecordBody{HostJournalSeen{HostId(value.host_journal_seen().host()),
                                              value.host_journal_seen().journal_id(),
                                              value.host_journal_seen().quarantined()}};
        case v1::Record::kEnrolTokenMade: return body_from(value.enrol_token_made());
        case v1::Record::kEnrolled:
            return RecordBody{Enrolled{value.enrolled().identity(), value.enrolled().certificate_sha256(),
                                       value.enrolled().peer()}};
        case v1::Record::kEnrolmentRefused: return body_from(value.enrolment_refused());
        case v1::Record::kHostKeyPinned:
            return RecordBody{HostKeyPinned{HostId(value.host_key_pinned().host()),
                                            value.host_key_pinned().fingerprint(),
                                            value.host_key_pinned().by()}};
        case v1::Record::kLatestReturnReached: return body_from(value.latest_return_reached());
        case v1::Record::kGoGiven:
            return RecordBody{GoGiven{RunId(value.go_given().run()), MoveGroupId(value.go_given().group()),
                                      value.go_given().by(), value.go_given().reason(),
                                      ids_of<MoveGroupId>(value.go_given().without())}};
        case v1::Record::kClockJumped: return RecordBody{ClockJumped{Duration(value.clock_jumped().by_ms())}};
        case v1::Record::kClockTrusted:
            return RecordBody{ClockTrusted{value.clock_trusted().by(), value.clock_trusted().reason()}};
        case v1::Record::BODY_NOT_SET: break;
    }
    return Error{ErrorCode::kInvalidArgument, "a record of a kind that this program does not know"};
}

}  // namespace

v1::AttemptKey to_proto(const AttemptKey& value) {
    v1::AttemptKey out;
    out.set_project(value.project.str());
    out.set_run(value.run.str());
    out.set_task(value.task.str());
    out.set_purpose(to_proto(value.purpose));
    out.set_attempt(value.attempt);
    return out;
}

Result<AttemptKey> from_proto(const v1::AttemptKey& value) {
    AttemptKey key;
    key.project = ProjectId(value.project());
    key.run = RunId(value.run());
    key.task = TaskId(value.task());
    ARARAT_ASSIGN_OR_RETURN(key.purpose, read("purpose", value.purpose()));
    key.attempt = value.attempt();
    return key;
}

v1::Record to_proto(const Record& value) {
    v1::Record out;
    out.set_sequence(value.sequence);
    out.set_at_unix_ms(to_unix_ms(value.at));
    std::visit(ToBody{out}, value.body);
    return out;
}

Result<Record> from_proto(const v1::Record& value) {
    Record record;
    record.sequence = value.sequence();
    record.at = from_unix_ms(value.at_unix_ms());
    ARARAT_ASSIGN_OR_RETURN(record.body, body_of(value));
    return record;
}

v1::StartStep to_proto(const Command& value, std::uint64_t sequence) {
    v1::StartStep out;
    *out.mutable_key() = to_proto(value.key);
    out.set_plan_hash(value.plan.str());
    out.set_epoch(value.epoch);
    out.set_action_class(to_proto(value.action_class));
    out.set_guard(to_proto(value.guard));
    for (const Stage& stage : value.stages) {
        auto* added = out.add_stages();
        added->set_name(stage.name);
        *added->mutable_operation() = to_proto(stage.operation);
    }
    for (const ShippedFile& file : value.files) {
        auto* added = out.add_files();
        added->set_name(file.name);
        added->set_sha256(file.sha256.str());
        const auto bytes = value.pinned->files.find(file.sha256);
        if (bytes == value.pinned->files.end()) continue;
        auto* content = out.add_file_bytes();
        content->set_sha256(file.sha256.str());
        content->set_content(bytes->second);
    }
    for (const std::string& name : value.outputs) out.add_outputs(name);
    out.set_sequence(sequence);
    return out;
}

v1::CancelStep to_proto(const CancelCommand& value) {
    v1::CancelStep out;
    *out.mutable_key() = to_proto(value.key);
    out.set_epoch(value.epoch);
    return out;
}

v1::AcknowledgeResult to_proto(const AcknowledgeResult& value) {
    v1::AcknowledgeResult out;
    *out.mutable_key() = to_proto(value.key);
    out.set_epoch(value.epoch);
    return out;
}

v1::CloseTicket to_proto(const CloseTicket& value) {
    v1::CloseTicket out;
    out.set_run(value.run.str());
    out.set_channel(value.channel.id.str());
    out.set_generation(value.generation);
    out.set_epoch(value.epoch);
    return out;
}

Result<StepStarted> from_proto(const v1::StepStarted& value, const HostId& host) {
    ARARAT_ASSIGN_OR_RETURN(AttemptKey key, read("key", value.key()));
    return StepStarted{host, std::move(key)};
}

Result<StepFinished> from_proto(const v1::StepFinished& value, const HostId& host) {
    StepFinished finished;
    finished.host = host;
    ARARAT_ASSIGN_OR_RETURN(finished.key, read("key", value.key()));
    ARARAT_ASSIGN_OR_RETURN(finished.outcome, read("outcome", value.outcome()));
    finished.already = value.already();
    finished.exit_code = value.exit_code();
    finished.detail = value.detail();
    for (const auto& [name, text] : value.outputs()) finished.outputs.emplace(name, text);
    finished.duration_ms = value.duration_ms();
    return finished;
}

}  // namespace ararat::wire
