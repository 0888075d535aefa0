#include "execution/index_updates.h"

#include "base/check.h"
#include "execution/lacking.h"
#include "execution/latest_return.h"
#include "execution/queries.h"

namespace ararat::execution {
namespace {

void add(std::uint32_t& counter, int by) {
    ARARAT_CHECK(by > 0 || counter > 0, "a count of the run's index falls below zero");
    counter = by > 0 ? counter + 1 : counter - 1;
}

template <typename Set, typename Value>
void put(Set& set, const Value& value, bool present) {
    if (present) {
        set.insert(value);
    } else {
        set.erase(value);
    }
}

}  // namespace

void IndexUpdates::start() {
    const RunGraph& graph = *index_.graph;
    index_.blockers.assign(graph.tasks.size(), 0);
    index_.dependants_left.assign(graph.tasks.size(), 0);
    index_.groups.assign(graph.groups.size(), {});
    for (const auto& successors : graph.successors) {
        for (const TaskIndex successor : successors) ++index_.blockers[successor];
    }
    for (const auto& [group, waiting] : graph.waits_outside) {
        if (state_.moved.contains(group)) continue;
        for (const TaskIndex task : waiting) ++index_.blockers[task];
    }
    for (TaskIndex task = 0; task < graph.tasks.size(); ++task) link(task);
    list_groups(index_);
}

bool IndexUpdates::wants_attention(TaskIndex task, const TaskProgress& progress) const {
    if (progress.in_flight) return false;
    switch (progress.state) {
        case TaskState::kWaiting: return index_.blockers[task] == 0;
        case TaskState::kRetryWait:
        case TaskState::kProbing:
        case TaskState::kUndoing: return true;
        case TaskState::kOpen:
        case TaskState::kDispatched:
        case TaskState::kRunning:
        case TaskState::kSucceeded:
        case TaskState::kSkipped:
        case TaskState::kFailed:
        case TaskState::kHeld:
        case TaskState::kCancelled:
        case TaskState::kUndone:
        case TaskState::kUndoFailed: return false;
    }
    ARARAT_CHECK(false, "a TaskState outside its enum");
}

void IndexUpdates::put_pending(TaskIndex task, const TaskProgress& progress, bool present) {
    const bool open = progress.state == TaskState::kOpen;
    if (!open && !wants_attention(task, progress)) return;
    const GroupIndex group = index_.graph->group_of[task];
    if (group != kNoIndex) add(index_.groups[group].pending, present ? 1 : -1);
    if (open) {
        put(index_.open, task, present);
        return;
    }
    const HostIndex host = index_.graph->host_of[task];
    auto& tasks = index_.pending[host];
    put(tasks, task, present);
    if (tasks.empty()) index_.pending.erase(host);
}

void IndexUpdates::put_due(TaskIndex task, const TaskProgress& progress, bool present) {
    const bool timed = progress.state == TaskState::kRetryWait || progress.state == TaskState::kOpen ||
                       (progress.state == TaskState::kUndoing && !progress.in_flight);
    if (!timed || progress.not_before == Instant{}) return;
    put(index_.due, std::pair{progress.not_before, task}, present);
}

void IndexUpdates::count_in_flight(TaskIndex task, Purpose purpose, int sign) {
    const HostIndex host = index_.graph->host_of[task];
    ARARAT_CHECK(host != kNoIndex, "an attempt without a host");
    add(state_.hosts[index_.graph->hosts[host]].in_flight, sign);
    auto& tasks = index_.in_flight[host];
    put(tasks, task, sign > 0);
    if (tasks.empty()) index_.in_flight.erase(host);
    const GroupIndex group = index_.graph->group_of[task];
    if (group == kNoIndex) return;
    GroupCounts& counts = index_.groups[group];
    add(purpose == Purpose::kUndo ? counts.undo_in_flight : counts.forward_in_flight, sign);
}

void IndexUpdates::count(TaskIndex task, const TaskProgress& progress, int sign) {
    put_pending(task, progress, sign > 0);
    put_due(task, progress, sign > 0);
    if (progress.in_flight) count_in_flight(task, *progress.in_flight, sign);
    const GroupIndex group = index_.graph->group_of[task];
    const bool rested = progress.state == TaskState::kHeld || progress.state == TaskState::kFailed;
    if (rested && group != kNoIndex) add(index_.groups[group].rested, sign);
    if (is_satisfied(progress.state)) return;
    add(group == kNoIndex ? index_.groupless_unfinished : index_.groups[group].unfinished, sign);
    if (group != kNoIndex && is_cutover_phase(task_at(run_, task).phase)) {
        add(index_.groups[group].cutover_unfinished, sign);
    }
}

void IndexUpdates::unlink(TaskIndex task) {
    const TaskProgress& progress = progress_at(run_, task);
    was_satisfied_ = lets_followers_go(task, progress);
    was_performed_ = progress.performed;
    count(task, progress, -1);
}

void IndexUpdates::link(TaskIndex task) {
    const TaskProgress& progress = progress_at(run_, task);
    count(task, progress, 1);
    const bool satisfied = lets_followers_go(task, progress);
    if (satisfied != was_satisfied_) {
        for (const TaskIndex successor : index_.graph->successors[task]) {
            change_blockers(successor, satisfied ? -1 : 1);
        }
    }
    was_satisfied_ = false;
    const GroupIndex group = index_.graph->group_of[task];
    if (group == kNoIndex) return;
    if (progress.performed != was_performed_) measure_back_out(group);
    if (progress.in_flight == Purpose::kForward && is_cutover_phase(task_at(run_, task).phase)) {
        index_.groups[group].cutover_begun = true;
    }
    list_group(index_, group);
    if (group_state(run_, group) != GroupState::kBackingOut) return;
    GroupCounts& counts = index_.groups[group];
    if (progress.state == TaskState::kUndoing && counts.undo_ready.erase(task) > 0)
        counts.undoing.insert(task);
    resolve_settled(group, task);
}

void IndexUpdates::measure_back_out(GroupIndex group) {
    if (run_.ignore_window || index_.graph->wave->window_end >= kAnyTimeEnd) return;
    index_.groups[group].back_out = back_out_length(state_, run_, group);
    list_group(index_, group);
}

void IndexUpdates::change_blockers(TaskIndex successor, int by) {
    const TaskProgress& progress = progress_at(run_, successor);
    put_pending(successor, progress, false);
    add(index_.blockers[successor], by);
    put_pending(successor, progress, true);
    if (index_.graph->group_of[successor] != kNoIndex) list_group(index_, index_.graph->group_of[successor]);
}

void IndexUpdates::starve_followers(TaskIndex task) {
    const RunGraph& graph = *index_.graph;
    for (const TaskIndex successor : graph.successors[task]) {
        const GroupIndex group = graph.group_of[successor];
        if (group == kNoIndex || group == graph.group_of[task]) continue;
        if (is_satisfied(progress_at(run_, successor).state)) continue;
        index_.groups[group].starved = true;
        list_group(index_, group);
    }
}

bool IndexUpdates::lets_followers_go(TaskIndex task, const TaskProgress& progress) const {
    if (!is_satisfied(progress.state)) return false;
    const GroupIndex group = index_.graph->group_of[task];
    return group == kNoIndex || !index_.groups[group].turned_back;
}

void IndexUpdates::turn_back(GroupIndex group) {
    if (index_.groups[group].turned_back) return;
    index_.groups[group].turned_back = true;
    for (const TaskIndex task : index_.graph->tasks_of_group[group]) {
        starve_followers(task);
        if (!is_satisfied(progress_at(run_, task).state)) continue;
        for (const TaskIndex successor : index_.graph->successors[task]) change_blockers(successor, 1);
    }
}

void IndexUpdates::end_without(GroupIndex group, GroupIndex needed) {
    ARARAT_CHECK(index_.groups[needed].turned_back, "a group ends without one that has not turned back");
    // Since it turned back each of its steps has kept its followers waiting, done or not.
    for (const TaskIndex task : index_.graph->tasks_of_group[needed]) {
        for (const TaskIndex successor : index_.graph->successors[task]) {
            if (index_.graph->group_of[successor] == group) change_blockers(successor, -1);
        }
    }
    index_.groups[group].starved = !groups_lacked(run_, group).empty();
    list_group(index_, group);
}

void IndexUpdates::begin_back_out(GroupIndex group) {
    turn_back(group);
    const RunGraph& graph = *index_.graph;
    GroupCounts& counts = index_.groups[group];
    const auto& tasks = graph.tasks_of_group[group];
    counts.undo_ready.clear();
    counts.undoing.clear();
    counts.unresolved = static_cast<std::uint32_t>(tasks.size());
    for (const TaskIndex task : tasks) {
        index_.dependants_left[task] = 0;
        for (const TaskIndex successor : graph.successors[task]) {
            if (graph.group_of[successor] == group) ++index_.dependants_left[task];
        }
        if (index_.dependants_left[task] == 0) counts.undo_ready.insert(task);
    }
    const std::vector<TaskIndex> leaves(counts.undo_ready.begin(), counts.undo_ready.end());
    for (const TaskIndex leaf : leaves) resolve_settled(group, leaf);
}

// Settled tasks fall away from the leaves up; what stays in undo_ready has to be undone next.
void IndexUpdates::resolve_settled(GroupIndex group, TaskIndex first) {
    GroupCounts& counts = index_.groups[group];
    std::vector<TaskIndex> stack{first};
    while (!stack.empty()) {
        const TaskIndex task = stack.back();
        stack.pop_back();
        if (!counts.undo_ready.contains(task) && !counts.undoing.contains(task)) continue;
        if (!is_settled_for_back_out(progress_at(run_, task))) continue;
        counts.undo_ready.erase(task);
        counts.undoing.erase(task);
        add(counts.unresolved, -1);
        for (const TaskId& id : task_at(run_, task).after) {
            const TaskIndex predecessor = index_of(run_, id);
            if (predecessor == kNoIndex || index_.graph->group_of[predecessor] != group) continue;
            add(index_.dependants_left[predecessor], -1);
            if (index_.dependants_left[predecessor] > 0) continue;
            counts.undo_ready.insert(predecessor);
            stack.push_back(predecessor);
        }
    }
}

void IndexUpdates::shift_due(Duration by) {
    std::set<std::pair<Instant, TaskIndex>> shifted;
    for (const auto& [at, task] : index_.due) {
        progress_at(run_, task).not_before = at + by;
        shifted.emplace(at + by, task);
    }
    index_.due = std::move(shifted);
}

void IndexUpdates::group_moved_elsewhere(const MoveGroupId& group) {
    const auto waiting = index_.graph->waits_outside.find(group);
    if (waiting == index_.graph->waits_outside.end()) return;
    for (const TaskIndex task : waiting->second) change_blockers(task, -1);
}

}  // namespace ararat::execution
