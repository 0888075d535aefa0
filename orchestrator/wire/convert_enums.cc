// Each enum once as a switch without default (a new value does not compile until it is here); the way
// back searches the same switch, so that the two directions cannot disagree.
#include "base/check.h"
#include "wire/convert.h"

namespace ararat::wire {
namespace {

// The first value of the model that becomes `value`. `last` is the model's last enumerator.
template <typename Model, typename Proto>
Result<Model> search(Proto value, Model last, const char* what) {
    for (int i = 0; i <= static_cast<int>(last); ++i) {
        const auto candidate = static_cast<Model>(i);
        if (to_proto(candidate) == value) return candidate;
    }
    return Error{ErrorCode::kInvalidArgument,
                 std::string("unknown ") + what + " " + std::to_string(static_cast<int>(value))};
}

}  // namespace

v1::Verb to_proto(Verb value) {
    switch (value) {
        case Verb::kRun: return v1::VERB_RUN;
        case Verb::kService: return v1::VERB_SERVICE;
        case Verb::kHttpProbe: return v1::VERB_HTTP_PROBE;
        case Verb::kTcpProbe: return v1::VERB_TCP_PROBE;
        case Verb::kWriteFile: return v1::VERB_WRITE_FILE;
        case Verb::kRestoreFile: return v1::VERB_RESTORE_FILE;
        case Verb::kCopyTree: return v1::VERB_COPY_TREE;
        case Verb::kVerifyTree: return v1::VERB_VERIFY_TREE;
        case Verb::kFacts: return v1::VERB_FACTS;
        case Verb::kPowerOff: return v1::VERB_POWER_OFF;
    }
    ARARAT_CHECK(false, "a Verb outside its enum");
}
Result<Verb> from_proto(v1::Verb value) { return search(value, Verb::kPowerOff, "verb"); }

v1::TaskKind to_proto(TaskKind value) {
    switch (value) {
        case TaskKind::kStep: return v1::TASK_KIND_STEP;
        case TaskKind::kGate: return v1::TASK_KIND_GATE;
        case TaskKind::kManual: return v1::TASK_KIND_MANUAL;
        case TaskKind::kSoak: return v1::TASK_KIND_SOAK;
    }
    ARARAT_CHECK(false, "a TaskKind outside its enum");
}
Result<TaskKind> from_proto(v1::TaskKind value) { return search(value, TaskKind::kSoak, "kind of task"); }

v1::ActionClass to_proto(ActionClass value) {
    switch (value) {
        case ActionClass::kIdempotent: return v1::ACTION_CLASS_IDEMPOTENT;
        case ActionClass::kProbeable: return v1::ACTION_CLASS_PROBEABLE;
        case ActionClass::kOneShot: return v1::ACTION_CLASS_ONE_SHOT;
    }
    ARARAT_CHECK(false, "an ActionClass outside its enum");
}
Result<ActionClass> from_proto(v1::ActionClass value) {
    return search(value, ActionClass::kOneShot, "action class");
}

v1::Phase to_proto(Phase value) {
    switch (value) {
        case Phase::kPrepare: return v1::PHASE_PREPARE;
        case Phase::kPrecopy: return v1::PHASE_PRECOPY;
        case Phase::kStart: return v1::PHASE_START;
        case Phase::kQuiesce: return v1::PHASE_QUIESCE;
        case Phase::kFinalSync: return v1::PHASE_FINAL_SYNC;
        case Phase::kVerify: return v1::PHASE_VERIFY;
        case Phase::kSwitch: return v1::PHASE_SWITCH;
        case Phase::kSoak: return v1::PHASE_SOAK;
        case Phase::kDecommission: return v1::PHASE_DECOMMISSION;
    }
    ARARAT_CHECK(false, "a Phase outside its enum");
}
Result<Phase> from_proto(v1::Phase value) { return search(value, Phase::kDecommission, "phase"); }

v1::Guard to_proto(Guard value) {
    switch (value) {
        case Guard::kNone: return v1::GUARD_NONE;
        case Guard::kCutover: return v1::GUARD_CUTOVER;
        case Guard::kPowerOff: return v1::GUARD_POWER_OFF;
        case Guard::kDecommission: return v1::GUARD_DECOMMISSION;
    }
    ARARAT_CHECK(false, "a Guard outside its enum");
}
Result<Guard> from_proto(v1::Guard value) { return search(value, Guard::kDecommission, "guard"); }

v1::WhenLate to_proto(WhenLate value) {
    switch (value) {
        case WhenLate::kHold: return v1::WHEN_LATE_HOLD;
        case WhenLate::kBackOut: return v1::WHEN_LATE_BACK_OUT;
        case WhenLate::kGoOn: return v1::WHEN_LATE_GO_ON;
    }
    ARARAT_CHECK(false, "a WhenLate outside its enum");
}
Result<WhenLate> from_proto(v1::WhenLate value) { return search(value, WhenLate::kGoOn, "answer"); }

v1::HostVia to_proto(HostVia value) {
    switch (value) {
        case HostVia::kAgent: return v1::HOST_VIA_AGENT;
        case HostVia::kSsh: return v1::HOST_VIA_SSH;
        case HostVia::kManual: return v1::HOST_VIA_MANUAL;
    }
    ARARAT_CHECK(false, "a HostVia outside its enum");
}
Result<HostVia> from_proto(v1::HostVia value) { return search(value, HostVia::kManual, "way to a host"); }

v1::ChannelKind to_proto(ChannelKind value) {
    switch (value) {
        case ChannelKind::kTree: return v1::CHANNEL_KIND_TREE;
        case ChannelKind::kSocket: return v1::CHANNEL_KIND_SOCKET;
    }
    ARARAT_CHECK(false, "a ChannelKind outside its enum");
}
Result<ChannelKind> from_proto(v1::ChannelKind value) {
    return search(value, ChannelKind::kSocket, "kind of channel");
}

v1::ListenSide to_proto(ListenSide value) {
    switch (value) {
        case ListenSide::kSource: return v1::LISTEN_SIDE_SOURCE;
        case ListenSide::kTarget: return v1::LISTEN_SIDE_TARGET;
    }
    ARARAT_CHECK(false, "a ListenSide outside its enum");
}
Result<ListenSide> from_proto(v1::ListenSide value) {
    return search(value, ListenSide::kTarget, "listening side");
}

v1::TaskState to_proto(TaskState value) {
    switch (value) {
        case TaskState::kWaiting: return v1::TASK_STATE_WAITING;
        case TaskState::kOpen: return v1::TASK_STATE_OPEN;
        case TaskState::kDispatched: return v1::TASK_STATE_DISPATCHED;
        case TaskState::kRunning: return v1::TASK_STATE_RUNNING;
        case TaskState::kProbing: return v1::TASK_STATE_PROBING;
        case TaskState::kRetryWait: return v1::TASK_STATE_RETRY_WAIT;
        case TaskState::kSucceeded: return v1::TASK_STATE_SUCCEEDED;
        case TaskState::kSkipped: return v1::TASK_STATE_SKIPPED;
        case TaskState::kFailed: return v1::TASK_STATE_FAILED;
        case TaskState::kHeld: return v1::TASK_STATE_HELD;
        case TaskState::kCancelled: return v1::TASK_STATE_CANCELLED;
        case TaskState::kUndoing: return v1::TASK_STATE_UNDOING;
        case TaskState::kUndone: return v1::TASK_STATE_UNDONE;
        case TaskState::kUndoFailed: return v1::TASK_STATE_UNDO_FAILED;
    }
    ARARAT_CHECK(false, "a TaskState outside its enum");
}
Result<TaskState> from_proto(v1::TaskState value) {
    return search(value, TaskState::kUndoFailed, "state of a task");
}

v1::GroupState to_proto(GroupState value) {
    switch (value) {
        case GroupState::kWaiting: return v1::GROUP_STATE_WAITING;
        case GroupState::kMoving: return v1::GROUP_STATE_MOVING;
        case GroupState::kMoved: return v1::GROUP_STATE_MOVED;
        case GroupState::kBackingOut: return v1::GROUP_STATE_BACKING_OUT;
        case GroupState::kBackedOut: return v1::GROUP_STATE_BACKED_OUT;
        case GroupState::kHeld: return v1::GROUP_STATE_HELD;
        case GroupState::kCancelled: return v1::GROUP_STATE_CANCELLED;
    }
    ARARAT_CHECK(false, "a GroupState outside its enum");
}
Result<GroupState> from_proto(v1::GroupState value) {
    return search(value, GroupState::kCancelled, "state of a group");
}

v1::RunStatus to_proto(RunStatus value) {
    switch (value) {
        case RunStatus::kRunning: return v1::RUN_STATUS_RUNNING;
        case RunStatus::kPaused: return v1::RUN_STATUS_PAUSED;
        case RunStatus::kHeld: return v1::RUN_STATUS_HELD;
        case RunStatus::kSucceeded: return v1::RUN_STATUS_SUCCEEDED;
        case RunStatus::kBackedOut: return v1::RUN_STATUS_BACKED_OUT;
        case RunStatus::kFailed: return v1::RUN_STATUS_FAILED;
        case RunStatus::kCancelled: return v1::RUN_STATUS_CANCELLED;
    }
    ARARAT_CHECK(false, "a RunStatus outside its enum");
}
Result<RunStatus> from_proto(v1::RunStatus value) {
    return search(value, RunStatus::kCancelled, "status of a run");
}

v1::Purpose to_proto(execution::Purpose value) {
    switch (value) {
        case execution::Purpose::kForward: return v1::PURPOSE_FORWARD;
        case execution::Purpose::kProbe: return v1::PURPOSE_PROBE;
        case execution::Purpose::kUndo: return v1::PURPOSE_UNDO;
    }
    ARARAT_CHECK(false, "a Purpose outside its enum");
}
Result<execution::Purpose> from_proto(v1::Purpose value) {
    return search(value, execution::Purpose::kUndo, "purpose");
}

v1::Outcome to_proto(execution::Outcome value) {
    switch (value) {
        case execution::Outcome::kSucceeded: return v1::OUTCOME_SUCCEEDED;
        case execution::Outcome::kFailed: return v1::OUTCOME_FAILED;
        case execution::Outcome::kUnknown: return v1::OUTCOME_UNKNOWN;
        case execution::Outcome::kRefused: return v1::OUTCOME_REFUSED;
        case execution::Outcome::kCancelled: return v1::OUTCOME_CANCELLED;
    }
    ARARAT_CHECK(false, "an Outcome outside its enum");
}
Result<execution::Outcome> from_proto(v1::Outcome value) {
    return search(value, execution::Outcome::kCancelled, "outcome");
}

}  // namespace ararat::wire
