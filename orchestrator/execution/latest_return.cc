#include "execution/latest_return.h"

#include <algorithm>

#include "base/units.h"
#include "execution/queries.h"

namespace ararat::execution {
namespace {

// What a host says of a time is not believed beyond reason, and sums of it do not overflow.
constexpr Duration kStepLengthMax = std::chrono::hours{24 * 366};

Duration bounded(Duration length) { return std::clamp(length, Duration{0}, kStepLengthMax); }

const StepTimes* times_of(const State& state, const Task& task) {
    const auto found = state.times.find(task.id);
    return found == state.times.end() ? nullptr : &found->second;
}

Duration undo_length(const State& state, const Task& task) {
    if (!task.undo) return Duration{0};
    const StepTimes* times = times_of(state, task);
    if (times != nullptr && times->undo) return bounded(*times->undo);
    return bounded(task.undo_expected != Duration{0} ? task.undo_expected : task.undo->timeout);
}

bool is_reached_or_passed(const Run& run, GroupIndex group) {
    return run.late_returns.contains(run.index.graph->groups[group]) ||
           passed_no_return(run, group) != nullptr;
}

}  // namespace

bool has_window(const Run& run) {
    return !run.ignore_window && run.index.graph->wave->window_end < kAnyTimeEnd;
}

Duration back_out_length(const State& state, const Run& run, GroupIndex group, TaskIndex also) {
    const RunGraph& graph = *run.index.graph;
    const auto& tasks = graph.tasks_of_group[group];
    std::vector<Duration> chain(tasks.size());  // from the end of the plan to this task's undo, inclusive
    Duration longest{0};
    for (std::size_t i = tasks.size(); i-- > 0;) {
        const Task& task = task_at(run, tasks[i]);
        const TaskProgress& progress = progress_at(run, tasks[i]);
        const bool is_gone = progress.state == TaskState::kUndone;
        const bool is_sent = (progress.performed && !is_gone) || tasks[i] == also;
        for (const TaskIndex follower : graph.successors[tasks[i]]) {
            const auto found = std::lower_bound(tasks.begin(), tasks.end(), follower);
            if (found == tasks.end() || *found != follower) continue;
            chain[i] = std::max(chain[i], chain[static_cast<std::size_t>(found - tasks.begin())]);
        }
        // Past its point of no return nothing is undone: until then that step has left nothing.
        if (is_sent && !task.point_of_no_return) chain[i] += undo_length(state, task);
        longest = std::max(longest, chain[i]);
    }
    return longest;
}

Duration expected_length(const State& state, const Task& task) {
    if (task.kind == TaskKind::kSoak) return bounded(task.soak);
    const StepTimes* times = times_of(state, task);
    return bounded(times != nullptr && times->forward ? *times->forward : task.expected);
}

std::optional<Instant> latest_return(const Run& run, GroupIndex group) {
    const GroupState is = group_state(run, group);
    const bool is_on_its_way = is == GroupState::kMoving || is == GroupState::kHeld;
    if (!is_on_its_way || run.held_in_back_out.contains(run.index.graph->groups[group])) return std::nullopt;
    const GroupCounts& counts = counts_of(run, group);
    if (!counts.cutover_begun || counts.cutover_unfinished == 0) return std::nullopt;
    if (!has_window(run) || is_reached_or_passed(run, group)) return std::nullopt;
    return run.index.graph->wave->window_end - counts.back_out;
}

std::vector<GroupIndex> late_groups(const Run& run, Instant now) {
    std::vector<GroupIndex> late;
    if (!has_window(run)) return late;
    const Instant end = run.index.graph->wave->window_end;
    const auto& groups = run.index.cutting_over;
    for (auto entry = groups.rbegin(); entry != groups.rend() && now >= end - entry->first; ++entry) {
        late.push_back(entry->second);
    }
    std::sort(late.begin(), late.end());
    return late;
}

bool waits_for_go(const State& state, const Run& run, TaskIndex index, Instant now) {
    const GroupIndex group = run.index.graph->group_of[index];
    if (group == kNoIndex || !is_cutover_phase(task_at(run, index).phase) || !has_window(run)) return false;
    if (is_reached_or_passed(run, group)) return undecided(run, group) != nullptr;
    const Duration back_out = back_out_length(state, run, group, index);
    return now + expected_length(state, task_at(run, index)) >= run.index.graph->wave->window_end - back_out;
}

bool waits_for_decision(const Run& run, GroupIndex group) {
    const GroupState is = group_state(run, group);
    const bool goes_forward =
        is == GroupState::kMoving || is == GroupState::kHeld || is == GroupState::kWaiting;
    if (!goes_forward || run.held_in_back_out.contains(run.index.graph->groups[group])) return false;
    return undecided(run, group) != nullptr;
}

const LateReturn* undecided(const Run& run, GroupIndex group) {
    const auto found = run.late_returns.find(run.index.graph->groups[group]);
    if (found == run.late_returns.end() || found->second.go) return nullptr;
    return passed_no_return(run, group) == nullptr ? &found->second : nullptr;
}

bool may_end_late(const Run& run, GroupIndex group) {
    if (group == kNoIndex || passed_no_return(run, group) == nullptr) return false;
    const auto late = run.late_returns.find(run.index.graph->groups[group]);
    return late != run.late_returns.end() && late->second.go;
}

bool ends_late_only_with_a_go(const Run& run, GroupIndex group, Instant now) {
    const GroupState is = group_state(run, group);
    if (is != GroupState::kMoving && is != GroupState::kHeld) return false;
    if (!has_window(run) || now < run.index.graph->wave->window_end) return false;
    return passed_no_return(run, group) != nullptr && counts_of(run, group).cutover_unfinished > 0 &&
           !may_end_late(run, group);
}

LatestReturnReached make_latest_return(const State& state, const Run& run, GroupIndex group, TaskIndex task) {
    LatestReturnReached reached;
    reached.run = run.id;
    reached.group = run.index.graph->groups[group];
    reached.back_out = back_out_length(state, run, group, task);
    reached.window_end = run.index.graph->wave->window_end;
    reached.latest = reached.window_end - reached.back_out;
    if (task != kNoIndex) reached.task = task_at(run, task).id;
    reached.answer = run.index.graph->when_late_of_group[group];
    return reached;
}

std::string late_text(const LateReturn& late) {
    std::string text = "the latest moment for its back-out ";
    text += late.task.empty() ? "has come" : "comes before " + late.task.str() + " would end";
    return text + ": it takes " + format_duration(late.back_out) + " and has to begin by " +
           time_text(late.latest) + " to end inside the change window (closes " + time_text(late.window_end) +
           ")";
}

void notice_late_returns(Records& out, const State& state, const Run& run, Instant now) {
    for (const GroupIndex group : late_groups(run, now)) {
        if (is_doubtful(run, group)) continue;
        const auto latest = latest_return(run, group);
        if (!latest || now < *latest) continue;
        // Once the window is over its own rule holds the group, and a go would lead nowhere.
        const bool over = now >= run.index.graph->wave->window_end;
        const WhenLate answer = run.index.graph->when_late_of_group[group];
        if (over && answer == WhenLate::kHold) continue;
        const LatestReturnReached reached = make_latest_return(state, run, group, kNoIndex);
        out.push_back(reached);
        if (answer != WhenLate::kHold || group_state(run, group) != GroupState::kHeld) continue;
        LateReturn late;
        late.latest = reached.latest;
        late.back_out = reached.back_out;
        late.window_end = reached.window_end;
        const std::string& before = run.group_reasons.at(reached.group);
        change_group(out, run, group, GroupState::kHeld,
                     {"", before + "; and " + late_text(late) + "; give a go, or back out"});
    }
}

}  // namespace ararat::execution
