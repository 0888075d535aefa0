// What the engine knows: the fold of all records. Owned by the engine thread; readers get it between
// commits, on that thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "execution/record.h"
#include "execution/run_index.h"
#include "model/compiled_plan.h"

namespace ararat::execution {

struct TaskProgress {
    TaskState state = TaskState::kWaiting;
    std::uint32_t attempts = 0;  // forward attempts made
    std::uint32_t probes = 0;
    std::uint32_t undos = 0;
    std::string reason;  // last reason or detail, for people
    std::map<std::string, std::string> outputs;
    std::map<std::string, std::string> outputs_not_kept;  // see AttemptFinished
    bool already = false;
    bool performed = false;            // a forward attempt was sent: it may have left something behind
    bool performed_before = false;     // the same, whatever comes of the newest forward attempt
    bool done = false;                 // the newest forward attempt did it, to its end
    bool effect_confirmed = false;     // a probe found the effect: the next attempt only verifies
    std::optional<Purpose> in_flight;  // an attempt is out and its result is not recorded yet
    std::uint32_t attempts_base = 0;   // attempts made before a person's last retry
    std::uint32_t undos_base = 0;
    Instant not_before;
    Instant started_at;
    Instant finished_at;
    std::uint64_t finished_sequence = 0;  // order of completion, for back-out
};

struct Ticket {
    std::uint32_t generation = 0;
    bool active = false;
};

// A group's go/no-go because of the time left in its window.
struct LateReturn {
    Instant latest;
    Duration back_out{0};
    Instant window_end;
    TaskId task;  // see LatestReturnReached
    WhenLate answer = WhenLate::kHold;
    bool go = false;
    std::string by;  // who gave the go; empty: nobody yet, or the plan
    std::string reason;
};

// The longest that a task ever took on its host, over all runs: rehearsals and earlier tries.
struct StepTimes {
    std::optional<Duration> forward;
    std::optional<Duration> undo;
};

struct Run {
    RunId id;
    WaveId wave;
    CompiledPlanPtr plan;
    RunStatus status = RunStatus::kRunning;
    std::string started_by;
    std::string reason;
    bool ignore_window = false;
    bool cancelling = false;
    bool one_step = false;  // paused, and the next step that can start is let through
    Instant started_at;
    Instant ended_at;
    std::map<MoveGroupId, GroupState> groups;
    std::map<MoveGroupId, std::string> group_reasons;
    std::map<TaskId, TaskProgress> tasks;
    std::map<ChannelId, Ticket> tickets;
    // Groups whose back-out was under way when they were held: a retry goes on with the back-out.
    std::set<MoveGroupId> held_in_back_out;
    // Groups whose latest moment for a back-out has come, once each.
    std::map<MoveGroupId, LateReturn> late_returns;
    // Groups that a lost history may have taken further than is known here: nothing is done about them, not
    // even a back-out goes on, until a person has said so.
    std::set<MoveGroupId> doubtful;
    // Groups that are held because of the newest jump of the clock: whoever retries one has been told of it.
    std::set<MoveGroupId> held_for_clock;
    // Groups that are held past their point of no return, and the groups that turned back for whose steps
    // they wait, as their holds have told.
    std::map<MoveGroupId, std::set<MoveGroupId>> lacking;
    // Groups that a person has let end without the steps of those that turned back.
    std::map<MoveGroupId, std::set<MoveGroupId>> ends_without;
    RunIndex index;  // derived from all of the above by apply()
};

struct GateDecision {
    bool granted = false;
    std::string by;
    std::string comment;
    Hash subtree;
    Instant at;
};

// Of each person the latest decision in one role, in the order in which they were made.
using RoleDecisions = std::vector<GateDecision>;

// Stands for a host's journal id where the orchestrator's own record of it is lost; real ones are random.
inline constexpr const char* kLostJournal = "lost";

struct HostState {
    std::string journal_id;
    bool quarantined = false;
    std::uint32_t in_flight = 0;  // attempts out on it, over all runs; derived
};

// A jump of the wall clock that nobody has looked at yet.
struct ClockJump {
    Duration by{0};
    Instant at;  // by the new time
};

struct State {
    std::uint64_t sequence = 0;
    std::uint64_t epoch = 0;
    Instant epoch_at;  // when this epoch began
    ProjectId project;
    CompiledPlanPtr plan;                   // current revision
    std::map<Hash, CompiledPlanPtr> plans;  // those that a run pins, and the current one
    std::map<RunId, Run> runs;
    std::set<MoveGroupId> moved;  // over all runs
    std::map<std::pair<WaveId, GateId>, std::map<RoleId, RoleDecisions>> decisions;
    std::map<HostId, HostState> hosts;
    // Everyone who ever applied a plan with this wave's subtree: they may not decide about it.
    std::map<Hash, std::set<std::string>> subtree_authors;
    // Attempts, tickets and runs are counted on from here: below it the numbers may have been given out in a
    // history that is lost.
    std::uint32_t count_floor = 0;
    std::uint64_t loss_epoch = 0;  // the epoch that began with the last accepted loss; 0: none was
    Instant loss_at;               // when that was, by the wall clock as it goes now
    std::map<TaskId, StepTimes> times;
    std::string boot_id;  // see EpochStarted
    Instant booted_at;
    // Fails closed: until a person trusts the clock again no cutover goes on by it and no wave starts by
    // itself.
    std::optional<ClockJump> clock_jump;
    std::set<RunId> active_runs;  // not final; derived
};

inline constexpr Duration kLostAfter{std::chrono::minutes{10}};

// Who is connected right now. Never journalled: it is rebuilt from connections.
struct Connectivity {
    std::map<HostId, std::string> up;        // host -> version
    std::map<HostId, std::string> down;      // host -> why it went
    std::map<HostId, std::string> troubled;  // host -> why it can do nothing although it is up
    std::map<HostId, Instant> since;         // when it came or went; a host may be missing here
    // A group whose step is out on a host that has been away for this long is held for a person.
    Duration lost_after = kLostAfter;
};

}  // namespace ararat::execution
