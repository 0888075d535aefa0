#include "model/task_state.h"

#include <cstdint>
#include <initializer_list>

#include "base/check.h"

namespace ararat {
namespace {

using States = std::uint32_t;  // one bit per TaskState

constexpr States bit(TaskState state) { return States{1} << static_cast<unsigned>(state); }

constexpr States any_of(std::initializer_list<TaskState> states) {
    States bits = 0;
    for (const TaskState state : states) bits |= bit(state);
    return bits;
}

// What may follow a command that has left: every judgement of its outcome, a new attempt straight away
// (idempotent, outcome unknown), and a back-out that no longer waits for it.
constexpr States kAfterCommand = any_of({TaskState::kDispatched, TaskState::kProbing, TaskState::kRetryWait,
                                         TaskState::kSucceeded, TaskState::kFailed, TaskState::kHeld,
                                         TaskState::kCancelled, TaskState::kUndoing, TaskState::kUndone});

// What a person or a back-out may do with a task that has come to rest without success.
constexpr States kAfterRest = any_of({TaskState::kWaiting, TaskState::kSkipped, TaskState::kUndoing,
                                      TaskState::kUndone, TaskState::kCancelled});

// The rows of the diagram in the header.
constexpr States successors_of(TaskState from) {
    switch (from) {
        case TaskState::kWaiting:
            return any_of({TaskState::kOpen, TaskState::kDispatched, TaskState::kHeld, TaskState::kSkipped,
                           TaskState::kCancelled, TaskState::kFailed});
        case TaskState::kOpen:
            return any_of({TaskState::kSucceeded, TaskState::kSkipped, TaskState::kCancelled,
                           TaskState::kHeld, TaskState::kFailed, TaskState::kWaiting});
        case TaskState::kDispatched: return kAfterCommand | bit(TaskState::kRunning);
        case TaskState::kRunning: return kAfterCommand;
        case TaskState::kProbing: return kAfterCommand;
        case TaskState::kRetryWait:
            return any_of({TaskState::kDispatched, TaskState::kHeld, TaskState::kFailed}) | kAfterRest;
        case TaskState::kSucceeded: return any_of({TaskState::kUndoing, TaskState::kUndone});
        case TaskState::kSkipped:  // what a try before it left behind is undone
            return any_of({TaskState::kWaiting, TaskState::kUndoing, TaskState::kUndone});
        case TaskState::kFailed: return kAfterRest | bit(TaskState::kHeld);
        case TaskState::kHeld: return kAfterRest | bit(TaskState::kFailed);
        case TaskState::kCancelled:
            return any_of({TaskState::kWaiting, TaskState::kUndoing, TaskState::kUndone});
        case TaskState::kUndoing:
            return any_of(
                {TaskState::kUndoing, TaskState::kUndone, TaskState::kUndoFailed, TaskState::kHeld});
        case TaskState::kUndone: return any_of({TaskState::kWaiting});
        case TaskState::kUndoFailed:
            return any_of(
                {TaskState::kWaiting, TaskState::kUndoing, TaskState::kUndone, TaskState::kSkipped});
    }
    return 0;
}

}  // namespace

std::string_view to_string(TaskState state) {
    switch (state) {
        case TaskState::kWaiting: return "waiting";
        case TaskState::kOpen: return "open";
        case TaskState::kDispatched: return "dispatched";
        case TaskState::kRunning: return "running";
        case TaskState::kProbing: return "probing";
        case TaskState::kRetryWait: return "retry-wait";
        case TaskState::kSucceeded: return "succeeded";
        case TaskState::kSkipped: return "skipped";
        case TaskState::kFailed: return "failed";
        case TaskState::kHeld: return "held";
        case TaskState::kCancelled: return "cancelled";
        case TaskState::kUndoing: return "undoing";
        case TaskState::kUndone: return "undone";
        case TaskState::kUndoFailed: return "undo-failed";
    }
    ARARAT_CHECK(false, "a TaskState outside its enum");
}

bool is_final(TaskState state) {
    switch (state) {
        case TaskState::kSucceeded:
        case TaskState::kSkipped:
        case TaskState::kFailed:
        case TaskState::kHeld:
        case TaskState::kCancelled:
        case TaskState::kUndone:
        case TaskState::kUndoFailed: return true;
        case TaskState::kWaiting:
        case TaskState::kOpen:
        case TaskState::kDispatched:
        case TaskState::kRunning:
        case TaskState::kProbing:
        case TaskState::kRetryWait:
        case TaskState::kUndoing: return false;
    }
    ARARAT_CHECK(false, "a TaskState outside its enum");
}

bool may_follow(TaskState from, TaskState to) { return (successors_of(from) & bit(to)) != 0; }

std::string_view to_string(GroupState state) {
    switch (state) {
        case GroupState::kWaiting: return "waiting";
        case GroupState::kMoving: return "moving";
        case GroupState::kMoved: return "moved";
        case GroupState::kBackingOut: return "backing-out";
        case GroupState::kBackedOut: return "backed-out";
        case GroupState::kHeld: return "held";
        case GroupState::kCancelled: return "cancelled";
    }
    ARARAT_CHECK(false, "a GroupState outside its enum");
}

std::string_view to_string(RunStatus status) {
    switch (status) {
        case RunStatus::kRunning: return "running";
        case RunStatus::kPaused: return "paused";
        case RunStatus::kHeld: return "held";
        case RunStatus::kSucceeded: return "succeeded";
        case RunStatus::kBackedOut: return "backed-out";
        case RunStatus::kFailed: return "failed";
        case RunStatus::kCancelled: return "cancelled";
    }
    ARARAT_CHECK(false, "a RunStatus outside its enum");
}

bool is_final(RunStatus status) {
    switch (status) {
        case RunStatus::kSucceeded:
        case RunStatus::kBackedOut:
        case RunStatus::kFailed:
        case RunStatus::kCancelled: return true;
        case RunStatus::kRunning:
        case RunStatus::kPaused:
        case RunStatus::kHeld: return false;
    }
    ARARAT_CHECK(false, "a RunStatus outside its enum");
}

}  // namespace ararat
