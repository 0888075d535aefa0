// What the engine knows: the fold of all records. Owned by the engine thread; readers get it between
// commits, on that thread.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "execution/record.h"
#include "model/compiled_plan.h"

namespace ararat::execution {

struct TaskProgress {
    TaskState state = TaskState::kWaiting;
    std::uint32_t attempts = 0;  // forward attempts made
    std::uint32_t probes = 0;
    std::uint32_t undos = 0;
    std::string reason;          // last reason or detail, for people
    std::map<std::string, std::string> outputs;
    bool already = false;
    bool performed = false;      // a forward attempt was sent: it may have left something behind
    Instant not_before;
    Instant started_at;
    Instant finished_at;
    std::uint64_t finished_sequence = 0;  // order of completion, for back-out
};

struct Ticket {
    std::uint32_t generation = 0;
    bool active = false;
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
    Instant started_at;
    Instant ended_at;
    std::map<MoveGroupId, GroupState> groups;
    std::map<MoveGroupId, std::string> group_reasons;
    std::map<TaskId, TaskProgress> tasks;
    std::map<ChannelId, Ticket> tickets;
};

struct GateDecision {
    bool granted = false;
    std::string by;
    std::string comment;
    Hash subtree;
    Instant at;
};

struct HostState {
    std::string journal_id;
    bool quarantined = false;
};

struct State {
    std::uint64_t sequence = 0;
    std::uint64_t epoch = 0;
    ProjectId project;
    CompiledPlanPtr plan;                      // current revision
    std::map<Hash, CompiledPlanPtr> plans;     // every revision that a run pins, and the current one
    std::map<RunId, Run> runs;
    std::set<MoveGroupId> moved;               // over all runs
    std::map<std::pair<WaveId, GateId>, std::map<RoleId, GateDecision>> decisions;
    std::map<HostId, HostState> hosts;
};

// Who is connected right now. Never journalled: it is rebuilt from connections.
struct Connectivity {
    std::map<HostId, std::string> up;     // host -> version
    std::map<HostId, std::string> down;   // host -> why it went
};

}  // namespace ararat::execution
