// The life of a task within a run.
#pragma once

#include <string_view>

namespace ararat {

//                         +---------------- retry-wait <-----------+
//                         v                                        | failed attempt, tries left
//   waiting ---------> dispatched --> running --+--> succeeded     |
//     |  ^  (gate, manual:  |            |      +------------------+
//     |  |   open instead)  |            |      +--> failed  (tries used up)
//     |  |                  +--unknown---+--> probing --> succeeded | retry-wait | held
//     |  |                               +--> held    (one-shot, or past the point of no return)
//     |  +-- retry by a person -- held, failed, undone
//     +--> skipped | cancelled             (skipped: also from held and failed, by a person)
//   succeeded, failed, held, running ... --> undoing --> undone | undo-failed (held for a person)
enum class TaskState {
    kWaiting,
    kOpen,        // a gate, manual task or soak that waits for its person or time
    kDispatched,  // the intent is durable; the command may or may not have arrived
    kRunning,     // the host said that it has started
    kProbing,     // asking the host whether an attempt of unknown outcome took effect
    kRetryWait,
    kSucceeded,
    kSkipped,
    kFailed,
    kHeld,
    kCancelled,
    kUndoing,
    kUndone,
    kUndoFailed,
};

[[nodiscard]] std::string_view to_string(TaskState state);
// No transition leaves it without a person's or a back-out's input.
[[nodiscard]] bool is_final(TaskState state);
// The table behind the diagram; apply() checks every change against it.
[[nodiscard]] bool may_follow(TaskState from, TaskState to);

// A move group within a run.
//   moving --> moved
//   moving --> backing-out --> backed-out
//   moving | backing-out --> held
enum class GroupState { kWaiting, kMoving, kMoved, kBackingOut, kBackedOut, kHeld, kCancelled };
[[nodiscard]] std::string_view to_string(GroupState state);

// A run.
//   running <--> paused ; running --> succeeded | backed-out | failed | cancelled ; held: waits for a person
enum class RunStatus { kRunning, kPaused, kHeld, kSucceeded, kBackedOut, kFailed, kCancelled };
[[nodiscard]] std::string_view to_string(RunStatus status);
[[nodiscard]] bool is_final(RunStatus status);

}  // namespace ararat
