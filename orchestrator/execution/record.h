// What the journal holds. Records are facts: replay runs only apply(), so a newer program cannot
// read an old run differently.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "base/instant.h"
#include "execution/attempt_key.h"
#include "execution/audit_fact.h"
#include "execution/input.h"
#include "model/task.h"
#include "model/task_state.h"

namespace ararat::execution {

// A new process owns the journal from here on; agents refuse commands of older epochs.
struct EpochStarted {
    std::uint64_t epoch = 0;
    std::string version;
    // The journal came from a backup, and what had been recorded since is given up: hosts may have done what
    // it does not know.
    bool history_lost = false;
    // The machine's boot, and when it was by the wall clock: while it runs only a jump of the clock changes
    // that.
    std::string boot_id = {};
    Instant booted_at = {};
};
// The wall clock went on by this much more than time did; back where it is negative. Delays that are under
// way keep their length.
struct ClockJumped {
    Duration by{0};
};
// A person who was told of the jump lets a group go on that was held for it.
struct ClockTrusted {
    std::string by;
    std::string reason;
};
// The plan's bytes are stored beside the journal under its hash, in the same commit.
struct PlanApplied {
    Hash hash;
    Hash base;
    std::string by;
};
struct GateDecided {
    WaveId wave;
    GateId gate;
    RoleId role;  // the role in which the person decided
    bool granted = false;
    std::string by;
    std::string comment;
    Hash subtree;
    std::string signature;
    std::string certificate_pem;
};
struct RunStarted {
    RunId run;
    WaveId wave;
    Hash plan;
    std::string by;
    bool ignore_window = false;
    std::vector<MoveGroupId> groups;  // those not moved yet
    std::string reason = {};          // why its window is ignored
};
struct RunStatusChanged {
    RunId run;
    RunStatus status = RunStatus::kRunning;
    std::string by;
    std::string reason;
    bool cancelling = false;  // a cancel was asked for: what runs ends, then the run does
    bool one_step = false;    // paused, but one step is let through
};
struct GroupChanged {
    RunId run;
    MoveGroupId group;
    GroupState state = GroupState::kWaiting;
    std::string by;
    std::string reason;
    bool for_clock = false;  // held because the clock had jumped
    // Held past its point of no return, because these groups turned back, for whose steps it waits.
    std::vector<MoveGroupId> lacks = {};
};
// The intent: after this is durable the command may leave.
struct AttemptStarted {
    AttemptKey key;
    HostId host;
};
struct AttemptRunning {
    AttemptKey key;
};
struct AttemptFinished {
    AttemptKey key;
    Outcome outcome = Outcome::kUnknown;
    bool already = false;
    int exit_code = 0;
    std::string detail;
    std::map<std::string, std::string> outputs;
    std::int64_t duration_ms = 0;
    // Of `outputs`, those that are cut or changed, and how: no step may be given them.
    std::map<std::string, std::string> outputs_not_kept = {};
};
// Every change of a task's state is a record of its own, made together with what caused it.
struct TaskChanged {
    RunId run;
    TaskId task;
    TaskState state = TaskState::kWaiting;
    std::string by;  // a person, or empty for the engine
    std::string reason;
    Instant not_before;  // kRetryWait: when the next attempt is due; kOpen soak: when it ends
};
struct TicketIssued {
    RunId run;
    ChannelId channel;
    std::uint32_t generation = 1;  // counts tickets of this channel in this run
};
struct TicketRevoked {
    RunId run;
    ChannelId channel;
    std::uint32_t generation = 1;
    std::string reason;
};
// A host's journal id was seen, or changed: then the host is quarantined.
struct HostJournalSeen {
    HostId host;
    std::string journal_id;
    bool quarantined = false;
};

// The time left in the window is only just enough to back the group out.
struct LatestReturnReached {
    RunId run;
    MoveGroupId group;
    Instant latest;        // a back-out that begins then ends with the window
    Duration back_out{0};  // how long it takes, as far as was known
    Instant window_end;
    TaskId task;  // the step that would end after that moment; empty: the moment has come
    WhenLate answer = WhenLate::kHold;
};
// A person lets the group go on after that. The other decision is a back-out.
struct GoGiven {
    RunId run;
    MoveGroupId group;
    std::string by;
    std::string reason;
    // Not after that: it is past its point of no return and ends without the steps of these groups, which
    // turned back.
    std::vector<MoveGroupId> without = {};
};

using RecordBody =
    std::variant<EpochStarted, PlanApplied, GateDecided, RunStarted, RunStatusChanged, GroupChanged,
                 AttemptStarted, AttemptRunning, AttemptFinished, TaskChanged, TicketIssued, TicketRevoked,
                 HostJournalSeen, EnrolTokenMade, Enrolled, EnrolmentRefused, HostKeyPinned,
                 LatestReturnReached, GoGiven, ClockJumped, ClockTrusted>;

struct Record {
    std::uint64_t sequence = 0;  // assigned by the engine, without gaps, from 1
    Instant at;                  // wall time, for people only
    RecordBody body;
};

}  // namespace ararat::execution
