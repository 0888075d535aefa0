// What apply() derives so that scheduling a run looks only at what can move: counts of open
// predecessors, tasks that want attention by host, attempts in flight. Never journalled, not part of the
// fingerprint: it is a function of the run's plan and its tasks' progress.
// Owner: the Run it is part of. The graph is immutable and shared; the rest is a plain value.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/instant.h"
#include "model/compiled_plan.h"
#include "model/task_state.h"

namespace ararat::execution {

using TaskIndex = std::uint32_t;
using GroupIndex = std::uint32_t;
using HostIndex = std::uint32_t;
inline constexpr std::uint32_t kNoIndex = std::numeric_limits<std::uint32_t>::max();

// The pinned plan's part that this run executes, with numbers for names.
struct RunGraph {
    CompiledPlanPtr plan;  // owns what the pointers below point to
    const Wave* wave = nullptr;
    std::vector<const Task*> tasks;  // topological order
    std::unordered_map<TaskId, TaskIndex> index_of;
    std::vector<std::vector<TaskIndex>> successors;
    std::vector<GroupIndex> group_of;  // kNoIndex: a task of the wave as a whole
    std::vector<HostIndex> host_of;    // kNoIndex: no host (gates, manual tasks, soaks)
    std::vector<bool> refers;          // an operation uses another step's output
    std::vector<MoveGroupId> groups;
    std::vector<std::vector<TaskIndex>> tasks_of_group;
    std::vector<std::vector<ChannelId>> channels_of_group;
    std::vector<std::vector<TaskIndex>> no_return_of_group;  // its points of no return
    std::vector<WhenLate> when_late_of_group;                // hold, unless its applications agree on another
    std::vector<TaskIndex> gate_tasks;
    std::vector<HostId> hosts;
    // Tasks here that wait for a group which is not part of this run, once per waiting edge.
    std::map<MoveGroupId, std::vector<TaskIndex>> waits_outside;
    std::map<ChannelId, const Channel*> channels;
};

// `groups` are those the run moves; tasks of other groups are left out.
[[nodiscard]] std::shared_ptr<const RunGraph> make_run_graph(const CompiledPlanPtr& plan, const WaveId& wave,
                                                             const std::vector<MoveGroupId>& groups);

struct GroupCounts {
    GroupState state = GroupState::kWaiting;
    std::uint32_t unfinished = 0;         // neither succeeded nor skipped
    std::uint32_t forward_in_flight = 0;  // forward and probe attempts
    std::uint32_t undo_in_flight = 0;
    std::uint32_t pending = 0;             // tasks in `pending` or `open` below
    std::uint32_t rested = 0;              // held or failed
    std::uint32_t unresolved = 0;          // while backing out: tasks still to be looked at
    bool cutover_begun = false;            // a step of quiesce ... switch was sent out
    std::uint32_t cutover_unfinished = 0;  // as above, steps of quiesce ... switch
    Duration back_out{0};            // how long its back-out would take now; kept only where a window ends
    std::optional<Duration> listed;  // how it stands in `cutting_over` below
    bool starved = false;            // waits for a task of another group that will not come
    bool turned_back = false;        // it backs out or is cancelled: its steps let no others go
    // While backing out: tasks whose every dependant is resolved, to be looked at, and being undone.
    std::set<TaskIndex> undo_ready;
    std::set<TaskIndex> undoing;
};

struct RunIndex {
    std::shared_ptr<const RunGraph> graph;
    std::vector<std::uint32_t> blockers;         // predecessors that have not succeeded
    std::vector<std::uint32_t> dependants_left;  // while backing out
    std::vector<GroupCounts> groups;
    // Tasks that may be sent out as far as their predecessors go, by host; kNoIndex: no host.
    std::map<HostIndex, std::set<TaskIndex>> pending;
    std::map<HostIndex, std::set<TaskIndex>> in_flight;
    std::set<TaskIndex> open;
    std::set<std::pair<Instant, TaskIndex>> due;  // retry-wait, undo's next try, soak
    std::uint32_t groupless_unfinished = 0;
    // Kept by list_group(), so that a pass does not look at every group:
    // those that may end, turn round or be held for what has come of their own steps, ...
    std::set<GroupIndex> restless;
    // ... and those in their cutover that move or are held, by how long their back-out takes.
    std::set<std::pair<Duration, GroupIndex>> cutting_over;
};

// To be called whenever this group's state or counts have changed.
void list_group(RunIndex& index, GroupIndex group);
// All of them anew: the lists are not part of a snapshot.
void list_groups(RunIndex& index);

}  // namespace ararat::execution
