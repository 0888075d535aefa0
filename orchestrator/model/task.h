// A task: one step of a runbook for one component (and host pair), compiled. Immutable once its plan
// is pinned. References of the form "${step.TASK.OUTPUT}" inside operations are resolved when the
// command is made, from recorded outputs; everything else was resolved by the compiler.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/boxed.h"
#include "base/instant.h"
#include "model/ids.h"
#include "model/operation.h"

namespace ararat {

enum class TaskKind {
    kStep,    // an action on a host
    kGate,    // waits for signed approvals
    kManual,  // waits for a person to say it is done
    kSoak,    // waits for a time to pass
};

// Decides what happens when nobody knows whether a step took effect.
enum class ActionClass {
    kIdempotent,  // do again
    kProbeable,   // probe, then decide
    kOneShot,     // held for a person, never repeated on its own
};

enum class Phase { kPrepare, kPrecopy, kStart, kQuiesce, kFinalSync, kVerify, kSwitch, kSoak, kDecommission };

// What needs an approval by others than the plan's author.
enum class Guard { kNone, kCutover, kPowerOff, kDecommission };

// A file that the action ships, delivered to the host by its hash (bytes: CompiledPlan::files).
struct ShippedFile {
    std::string name;
    Hash sha256;
    friend bool operator==(const ShippedFile&, const ShippedFile&) = default;
};

struct RetryPolicy {
    int attempts_max = 3;
    Duration backoff_first{std::chrono::seconds{1}};  // doubles each time
    Duration backoff_max{std::chrono::seconds{30}};
    friend bool operator==(const RetryPolicy&, const RetryPolicy&) = default;
};

// What the engine does at the latest moment at which the group's back-out still ends inside its window.
enum class WhenLate {
    kHold,     // held for a person's go or no-go
    kBackOut,  // the plan's no-go
    kGoOn,     // the plan's go
};

struct Task {
    TaskId id;
    TaskKind kind = TaskKind::kStep;
    ApplicationId application;
    std::string component;
    std::string step;    // the step's id in its runbook
    std::string action;  // the action's name; empty for gates, manual tasks and soaks
    ActionClass action_class = ActionClass::kIdempotent;
    Phase phase = Phase::kPrepare;
    Guard guard = Guard::kNone;
    WaveId wave;
    MoveGroupId group;
    HostId source;
    HostId target;
    HostId executor;  // where the operations run; empty for gates, manual tasks and soaks

    // Shared between the tasks that do the same.
    Boxed<Operation> check;  // judged good: already in the wanted state, `perform` is left out
    Boxed<Operation> perform;
    Boxed<Operation> probe;  // judged good: it took effect; else it did not
    Boxed<Operation> undo;
    Boxed<Operation> verify;
    std::vector<ShippedFile> files;
    std::vector<std::string> outputs;  // names that `perform` or `verify` may set

    std::vector<TaskId> after;      // every predecessor, sorted, without repetition
    std::vector<ChannelId> opens;   // tickets issued before this task's first attempt
    std::vector<ChannelId> closes;  // tickets revoked when it has succeeded
    RetryPolicy retry;
    bool point_of_no_return = false;  // once this task was sent out, its group is not backed out

    GateId gate;       // kGate
    std::string text;  // kManual: what the person has to do
    Duration soak{0};  // kSoak

    // How long it is expected to take until it has been measured; 0: the plan does not say.
    Duration expected{0};
    Duration undo_expected{0};
    WhenLate when_late = WhenLate::kHold;  // its application's, for its whole group
    friend bool operator==(const Task&, const Task&) = default;
};

}  // namespace ararat
