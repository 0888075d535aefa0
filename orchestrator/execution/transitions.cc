#include "execution/transitions.h"

#include <algorithm>

#include "execution/latest_return.h"
#include "execution/queries.h"
#include "execution/start_rules.h"

namespace ararat::execution {
namespace {

Duration backoff(const RetryPolicy& policy, std::uint32_t tries_made) {
    Duration wait = policy.backoff_first;
    for (std::uint32_t i = 1; i < tries_made && wait < policy.backoff_max; ++i) wait *= 2;
    return std::min(wait, policy.backoff_max);
}

// Nothing of it has been sent out, or nothing of it is left behind.
bool has_not_begun(const TaskProgress& progress) {
    switch (progress.state) {
        case TaskState::kWaiting:
        case TaskState::kOpen: return true;  // what an earlier attempt left is undone from `cancelled`
        case TaskState::kRetryWait:
        case TaskState::kHeld:
        case TaskState::kFailed: return !progress.performed && !progress.in_flight;
        case TaskState::kDispatched:
        case TaskState::kRunning:
        case TaskState::kProbing:
        case TaskState::kSucceeded:
        case TaskState::kSkipped:
        case TaskState::kCancelled:
        case TaskState::kUndoing:
        case TaskState::kUndone:
        case TaskState::kUndoFailed: return false;
    }
    return false;
}

void give_up(Records& out, const Run& run, TaskIndex task, const std::string& reason) {
    const GroupIndex group = run.index.graph->group_of[task];
    const GroupState state = group_state(run, group);
    const std::string& name = task_at(run, task).id.str();
    if (const Task* passed = passed_no_return(run, group)) {
        hold(out, run, task,
             reason + "; past the point of no return (" + passed->id.str() +
                 "), so the group is not backed out: put the cause right and retry " + name);
        return;
    }
    if (is_doubtful(run, group)) {
        hold(out, run, task,
             reason + "; the group is not backed out, for its history was lost: " + run.reason);
        return;
    }
    change_task(out, run, task, TaskState::kFailed, {"", reason});
    if (state == GroupState::kMoving) start_back_out(out, run, group, {"", name + " failed: " + reason});
}

}  // namespace

void change_task(Records& out, const Run& run, TaskIndex task, TaskState state, const Cause& cause,
                 Instant not_before) {
    out.push_back(TaskChanged{run.id, task_at(run, task).id, state, cause.by, cause.reason, not_before});
}

void change_group(Records& out, const Run& run, GroupIndex group, GroupState state, const Cause& cause) {
    out.push_back(GroupChanged{run.id, run.index.graph->groups[group], state, cause.by, cause.reason});
}

std::string or_back_out(const Run& run, GroupIndex group, const char* back_out) {
    const Task* passed = passed_no_return(run, group);
    return passed == nullptr ? back_out : "; it is past its point of no return (" + passed->id.str() + ")";
}

void hold_for_clock(Records& out, const Run& run, GroupIndex group, const std::string& reason) {
    out.push_back(GroupChanged{
        run.id, run.index.graph->groups[group], GroupState::kHeld, "",
        reason + "; see that it is right, then retry" + or_back_out(run, group, ", or back out"), true});
}

void doubt_clock(Records& out, const State& state, const Run& run) {
    if (!has_window(run)) return;
    for (GroupIndex group = 0; group < run.index.groups.size(); ++group) {
        const GroupCounts& counts = counts_of(run, group);
        if (counts.state != GroupState::kMoving || !counts.cutover_begun) continue;
        if (counts.cutover_unfinished > 0) hold_for_clock(out, run, group, clock_text(state));
    }
}

void change_run(Records& out, const Run& run, RunStatus status, const Cause& cause, bool cancelling) {
    out.push_back(RunStatusChanged{run.id, status, cause.by, cause.reason, cancelling});
}

void start_back_out(Records& out, const Run& run, GroupIndex group, const Cause& cause) {
    change_group(out, run, group, GroupState::kBackingOut, cause);
    for (const TaskIndex task : run.index.graph->tasks_of_group[group]) {
        if (has_not_begun(progress_at(run, task))) {
            change_task(out, run, task, TaskState::kCancelled, {cause.by, "its group is backed out"});
        }
    }
}

void cancel_group(Records& out, const Run& run, GroupIndex group, const Cause& cause) {
    for (const TaskIndex task : run.index.graph->tasks_of_group[group]) {
        const TaskState state = progress_at(run, task).state;
        const bool unfinished = state == TaskState::kWaiting || state == TaskState::kOpen ||
                                state == TaskState::kRetryWait || state == TaskState::kHeld ||
                                state == TaskState::kProbing;
        if (unfinished) change_task(out, run, task, TaskState::kCancelled, cause);
    }
    revoke_tickets(out, run, group, "its group is cancelled");
    change_group(out, run, group, GroupState::kCancelled, cause);
}

void revoke_tickets(Records& out, const Run& run, GroupIndex group, const std::string& reason) {
    for (const auto& [channel, ticket] : run.tickets) {
        const auto& channels = run.index.graph->channels_of_group[group];
        if (!ticket.active || std::find(channels.begin(), channels.end(), channel) == channels.end())
            continue;
        out.push_back(TicketRevoked{run.id, channel, ticket.generation, reason});
    }
}

void close_channels(Records& out, const Run& run, TaskIndex task) {
    for (const ChannelId& channel : task_at(run, task).closes) {
        const auto ticket = run.tickets.find(channel);
        if (ticket == run.tickets.end() || !ticket->second.active) continue;
        out.push_back(TicketRevoked{run.id, channel, ticket->second.generation,
                                    "closed by " + task_at(run, task).id.str()});
    }
}

bool leaves_something_live(const Run& run, GroupIndex group) {
    for (const TaskIndex task : run.index.graph->tasks_of_group[group]) {
        if (progress_at(run, task).performed && task_at(run, task).phase >= Phase::kStart) return true;
    }
    const auto& channels = run.index.graph->channels_of_group[group];
    return std::any_of(channels.begin(), channels.end(), [&](const ChannelId& channel) {
        const auto ticket = run.tickets.find(channel);
        return ticket != run.tickets.end() && ticket->second.active;
    });
}

std::string obstacle_to_start(const State& state, const Wave& wave) {
    for (const WaveId& before : wave.after) {
        const Wave* other = find_wave(*state.plan, before);
        if (other == nullptr) return "it follows wave " + before.str() + ", which the plan does not have";
        for (const MoveGroupId& group : other->groups) {
            if (!state.moved.contains(group)) {
                return "it follows wave " + before.str() + ", whose group " + group.str() + " has not moved";
            }
        }
    }
    for (const RunId& run : state.active_runs) {
        if (state.runs.at(run).wave == wave.id) return "its run " + run.str() + " is under way";
    }
    const auto moved = [&](const MoveGroupId& group) { return state.moved.contains(group); };
    if (std::all_of(wave.groups.begin(), wave.groups.end(), moved)) return "all of its groups have moved";
    return {};
}

bool may_be_in_lost_history(const State& state, const Wave& wave) {
    return state.loss_epoch != 0 && wave.window_start <= state.loss_at;
}

bool starts_by_itself(const State& state, const Wave& wave, Instant now) {
    if (!wave.start_auto || now < wave.window_start || now > wave.latest_start) return false;
    if (may_be_in_lost_history(state, wave)) return false;
    // Once only: a wave that was backed out or cancelled is started again by a person.
    const bool ran = std::any_of(state.runs.begin(), state.runs.end(),
                                 [&](const auto& entry) { return entry.second.wave == wave.id; });
    return !ran && obstacle_to_start(state, wave).empty();
}

void start_due_waves(Records& out, const State& state, Instant now) {
    // By a clock that nobody vouches for no window opens.
    if (!state.plan || state.clock_jump) return;
    for (const Wave& wave : state.plan->waves) {
        if (starts_by_itself(state, wave, now)) out.push_back(make_run(state, wave, ""));
    }
}

RunStarted make_run(const State& state, const Wave& wave, const std::string& by) {
    const auto id = [&](std::uint32_t count) { return RunId(wave.id.str() + '.' + std::to_string(count)); };
    std::uint32_t count = next_count(state, 0);
    while (state.runs.contains(id(count))) ++count;
    RunStarted started;
    started.run = id(count);
    started.wave = wave.id;
    started.plan = state.plan->hash;
    started.by = by;
    for (const MoveGroupId& group : wave.groups) {
        if (!state.moved.contains(group)) started.groups.push_back(group);
    }
    return started;
}

void fail_or_retry(Records& out, const Run& run, TaskIndex task, const std::string& reason, Instant now) {
    const Task& failed = task_at(run, task);
    const GroupState state = group_state(run, run.index.graph->group_of[task]);
    if (state == GroupState::kBackingOut || run.held_in_back_out.contains(failed.group)) {
        change_task(out, run, task, TaskState::kFailed, {"", reason});
        return;
    }
    const std::uint32_t made = tries(progress_at(run, task));
    const bool again = failed.action_class != ActionClass::kOneShot && !run.cancelling &&
                       made < static_cast<std::uint32_t>(failed.retry.attempts_max);
    if (again) {
        change_task(out, run, task, TaskState::kRetryWait, {"", reason}, now + backoff(failed.retry, made));
        return;
    }
    const std::string attempts = made > 1 ? " (after " + std::to_string(made) + " attempts)" : "";
    give_up(out, run, task, reason + attempts);
}

void hold(Records& out, const Run& run, TaskIndex task, const std::string& reason) {
    change_task(out, run, task, TaskState::kHeld, {"", reason});
    const GroupIndex group = run.index.graph->group_of[task];
    const GroupState state = group_state(run, group);
    if (state == GroupState::kHeld || is_final(state)) return;
    change_group(out, run, group, GroupState::kHeld,
                 {"", task_at(run, task).id.str() + " is held: " + reason});
}

}  // namespace ararat::execution
