#include "execution/queries.h"

#include <algorithm>
#include <numeric>

#include "base/check.h"

namespace ararat::execution {

const Run* active_run(const State& state, const RunId& run) {
    if (!state.active_runs.contains(run)) return nullptr;
    return &state.runs.at(run);
}

TaskIndex index_of(const Run& run, const TaskId& task) {
    const auto& known = run.index.graph->index_of;
    const auto found = known.find(task);
    return found == known.end() ? kNoIndex : found->second;
}

const Task& task_at(const Run& run, TaskIndex index) { return *run.index.graph->tasks[index]; }

const TaskProgress& progress_at(const Run& run, TaskIndex index) {
    const auto found = run.tasks.find(run.index.graph->tasks[index]->id);
    ARARAT_CHECK(found != run.tasks.end(), "a task of the graph without progress");
    return found->second;
}

TaskProgress& progress_at(Run& run, TaskIndex index) {
    const auto found = run.tasks.find(run.index.graph->tasks[index]->id);
    ARARAT_CHECK(found != run.tasks.end(), "a task of the graph without progress");
    return found->second;
}

GroupState group_state(const Run& run, GroupIndex group) { return run.index.groups[group].state; }

const GroupCounts& counts_of(const Run& run, GroupIndex group) { return run.index.groups[group]; }

bool is_doubtful(const Run& run, GroupIndex group) {
    return !run.doubtful.empty() && run.doubtful.contains(run.index.graph->groups[group]);
}

bool is_satisfied(TaskState state) { return state == TaskState::kSucceeded || state == TaskState::kSkipped; }

bool is_final(GroupState state) {
    return state == GroupState::kMoved || state == GroupState::kBackedOut || state == GroupState::kCancelled;
}

bool is_cutover_phase(Phase phase) { return phase >= Phase::kQuiesce && phase <= Phase::kSwitch; }

std::vector<GroupIndex> groups_to_settle(const Run& run) {
    std::vector<GroupIndex> groups(run.index.restless.begin(), run.index.restless.end());
    if (run.cancelling) {
        groups.resize(run.index.groups.size());
        std::iota(groups.begin(), groups.end(), GroupIndex{0});
    } else if (!run.late_returns.empty()) {
        const auto& all = run.index.graph->groups;
        for (const auto& late : run.late_returns) {
            const auto place = std::lower_bound(all.begin(), all.end(), late.first);
            groups.push_back(static_cast<GroupIndex>(place - all.begin()));
        }
        std::sort(groups.begin(), groups.end());
        groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
    }
    return groups;
}

const Task* passed_no_return(const Run& run, GroupIndex group) {
    for (const TaskIndex index : run.index.graph->no_return_of_group[group]) {
        const TaskProgress& progress = progress_at(run, index);
        if (progress.performed || progress.already || progress.state == TaskState::kSucceeded) {
            return run.index.graph->tasks[index];
        }
    }
    return nullptr;
}

bool is_lost_target(const Connectivity& connectivity, const Task& task) {
    return !task.executor.empty() && task.executor == task.target && task.executor != task.source &&
           !connectivity.up.contains(task.executor);
}

bool is_settled_for_back_out(const TaskProgress& progress) {
    if (progress.in_flight) return false;
    switch (progress.state) {
        case TaskState::kCancelled:
        case TaskState::kSucceeded:
        case TaskState::kSkipped:
        case TaskState::kFailed:
        case TaskState::kHeld: return !progress.performed;
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

namespace {

// Backing out, or about to: as soon as what runs in it has ended.
bool turns_back(const Run& run, GroupIndex group) {
    switch (group_state(run, group)) {
        case GroupState::kBackingOut: return true;
        case GroupState::kWaiting:
        case GroupState::kMoving: return run.cancelling || counts_of(run, group).starved;
        case GroupState::kMoved:
        case GroupState::kBackedOut:
        case GroupState::kHeld:
        case GroupState::kCancelled: return false;
    }
    ARARAT_CHECK(false, "a GroupState outside its enum");
}

}  // namespace

std::vector<TaskIndex> followers_to_undo(const Run& run, TaskIndex task) {
    std::vector<TaskIndex> found;
    for (const TaskIndex follower : run.index.graph->successors[task]) {
        const GroupIndex group = run.index.graph->group_of[follower];
        if (group == kNoIndex || !turns_back(run, group)) continue;
        const TaskProgress& progress = progress_at(run, follower);
        if (progress.performed && !is_settled_for_back_out(progress)) found.push_back(follower);
    }
    return found;
}

bool uses_channel(const Task& task, const Channel& channel) {
    if (std::find(task.opens.begin(), task.opens.end(), channel.id) != task.opens.end()) return true;
    const auto names = [&](const std::string& value) {
        if (value == channel.id.str()) return true;
        return channel.kind == ChannelKind::kSocket && !channel.expose.empty() &&
               value.find(channel.expose) != std::string::npos;
    };
    const auto value_names = [&](const auto& entry) { return names(entry.second); };
    for (const auto* operation : {&task.check, &task.perform, &task.verify, &task.undo}) {
        if (!*operation) continue;
        const Operation& used = **operation;
        if (std::any_of(used.argv.begin(), used.argv.end(), names) ||
            std::any_of(used.fields.begin(), used.fields.end(), value_names) ||
            std::any_of(used.environment.begin(), used.environment.end(), value_names)) {
            return true;
        }
    }
    return false;
}

AttemptKey key_in_flight(const State& state, const Run& run, TaskIndex index) {
    const TaskProgress& progress = progress_at(run, index);
    ARARAT_CHECK(progress.in_flight.has_value(), "no attempt is in flight");
    AttemptKey key{state.project, run.id, task_at(run, index).id, *progress.in_flight, 0};
    switch (key.purpose) {
        case Purpose::kForward: key.attempt = progress.attempts; break;
        case Purpose::kProbe: key.attempt = progress.probes; break;
        case Purpose::kUndo: key.attempt = progress.undos; break;
    }
    return key;
}

std::uint32_t next_count(const State& state, std::uint32_t last) {
    return std::max(state.count_floor, last) + 1;
}

std::uint32_t tries(const TaskProgress& progress) { return progress.attempts - progress.attempts_base; }

const Wave* find_wave(const CompiledPlan& plan, const WaveId& wave) {
    const auto found = std::find_if(plan.waves.begin(), plan.waves.end(),
                                    [&](const Wave& candidate) { return candidate.id == wave; });
    return found == plan.waves.end() ? nullptr : &*found;
}

}  // namespace ararat::execution
