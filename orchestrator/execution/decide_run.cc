// What people do to a run under way: pause, resume, cancel, step through, retry, complete a manual task.
#include <algorithm>

#include "execution/decide.h"
#include "execution/queries.h"

namespace ararat::execution {
namespace {

Error refused(const std::string& words) { return Error{ErrorCode::kFailedPrecondition, words}; }

std::string words_of(TaskState state) { return std::string(to_string(state)); }

Result<Records> pause(const Run& run, const ControlRun& input) {
    if (run.status != RunStatus::kRunning || run.cancelling) {
        return refused("run " + run.id.str() + " is " +
                       (run.cancelling ? "being cancelled" : std::string(to_string(run.status))) +
                       ": only a running one can be paused");
    }
    Records out;
    change_run(out, run, RunStatus::kPaused, {input.by.name, input.reason});
    return out;
}

Result<Records> resume(const Run& run, const ControlRun& input) {
    if (run.status != RunStatus::kPaused) {
        return refused("run " + run.id.str() + " is " + std::string(to_string(run.status)) + ", not paused" +
                       (run.status == RunStatus::kHeld ? ": retry the held step, or back out" : ""));
    }
    Records out;
    change_run(out, run, RunStatus::kRunning, {input.by.name, input.reason});
    return out;
}

Result<Records> cancel(const Run& run, const ControlRun& input) {
    if (run.cancelling) return refused("run " + run.id.str() + " is being cancelled already");
    Records out;
    change_run(out, run, RunStatus::kRunning, {input.by.name, input.reason}, true);
    return out;
}

Result<Records> step(const Run& run, const ControlRun& input) {
    if (run.status != RunStatus::kPaused) {
        return refused("run " + run.id.str() + " is " + std::string(to_string(run.status)) +
                       ": only a paused one goes on step by step");
    }
    if (run.one_step) {
        return refused("run " + run.id.str() + " lets a step through already, and none can start yet");
    }
    const std::string& reason = input.reason.empty() ? run.reason : input.reason;
    return Records{RunStatusChanged{run.id, RunStatus::kPaused, input.by.name, reason, false, true}};
}

// A person who retries a step on a quarantined host has looked at the host.
void lift_quarantine(Records& out, const State& state, const HostId& host) {
    const auto known = state.hosts.find(host);
    if (known == state.hosts.end() || !known->second.quarantined) return;
    out.push_back(HostJournalSeen{host, known->second.journal_id, false});
}

Result<void> retry_back_out(Records& out, const Run& run, TaskIndex task, const Cause& cause) {
    const TaskProgress& progress = progress_at(run, task);
    const bool held = progress.state == TaskState::kHeld && !progress.in_flight;
    if (progress.state != TaskState::kUndoFailed && !held) {
        return refused("the back-out of its group is held at another step: " + task_at(run, task).id.str() +
                       " is " + words_of(progress.state));
    }
    const bool can_undo = task_at(run, task).undo.has_value();
    if (progress.state == TaskState::kUndoFailed || (held && progress.performed && can_undo)) {
        change_task(out, run, task, TaskState::kUndoing, cause);
    } else {
        change_task(out, run, task, TaskState::kUndone, cause);
    }
    change_group(out, run, run.index.graph->group_of[task], GroupState::kBackingOut, cause);
    return {};
}

Result<void> retry_forward(Records& out, const Run& run, TaskIndex task, const Cause& cause) {
    const TaskState state = progress_at(run, task).state;
    const GroupIndex group = run.index.graph->group_of[task];
    const bool group_held = group_state(run, group) == GroupState::kHeld;
    switch (state) {
        case TaskState::kHeld:
        case TaskState::kFailed:
        case TaskState::kRetryWait: change_task(out, run, task, TaskState::kWaiting, cause); break;
        case TaskState::kWaiting:
        case TaskState::kDispatched:
        case TaskState::kRunning:
        case TaskState::kProbing:
            // The group was held around it (its window, a host that went away): going on is enough.
            if (group_held) break;
            return refused("it is " + words_of(state) + ": there is nothing to retry");
        case TaskState::kOpen:
        case TaskState::kSucceeded:
        case TaskState::kSkipped:
        case TaskState::kCancelled:
        case TaskState::kUndoing:
        case TaskState::kUndone:
        case TaskState::kUndoFailed:
            return refused("it is " + words_of(state) + ": there is nothing to retry");
    }
    if (group_held) change_group(out, run, group, GroupState::kMoving, cause);
    return {};
}

}  // namespace

void wake_run(Records& out, const Run& run, const Cause& cause) {
    if (run.status == RunStatus::kHeld) change_run(out, run, RunStatus::kRunning, cause);
}

Result<Records> decide_control(const State& state, const ControlRun& input) {
    ARARAT_ASSIGN_OR_RETURN(const Run* run, run_under_way(state, input.run));
    switch (input.action) {
        case RunAction::kPause: return pause(*run, input);
        case RunAction::kResume: return resume(*run, input);
        case RunAction::kCancel: return cancel(*run, input);
        case RunAction::kStep: return step(*run, input);
    }
    return Error{ErrorCode::kInvalidArgument, "an unknown action for a run"};
}

Result<Records> decide_retry(const State& state, const RetryTask& input) {
    ARARAT_ASSIGN_OR_RETURN(const Run* run, run_under_way(state, input.run));
    const TaskIndex task = index_of(*run, input.task);
    if (task == kNoIndex) {
        return Error{ErrorCode::kNotFound, "run " + input.run.str() + " has no task " + input.task.str()};
    }
    const GroupIndex group = run->index.graph->group_of[task];
    if (group == kNoIndex)
        return refused(input.task.str() + " waits for a decision: there is nothing to retry");
    const GroupState group_is = group_state(*run, group);
    if (is_final(group_is) || group_is == GroupState::kBackingOut) {
        return refused("group " + run->index.graph->groups[group].str() + " is " +
                       std::string(to_string(group_is)) + ": it is moved again by a new run of its wave");
    }
    if (run->cancelling && run->status != RunStatus::kHeld) {
        return refused("run " + input.run.str() + " is being cancelled");
    }
    const Cause cause{input.by.name, input.reason};
    Records out;
    if (state.clock_jump && run->held_for_clock.contains(task_at(*run, task).group)) {
        out.push_back(ClockTrusted{cause.by, cause.reason});
    }
    const bool backing_out = run->held_in_back_out.contains(task_at(*run, task).group);
    auto done = backing_out ? retry_back_out(out, *run, task, cause) : retry_forward(out, *run, task, cause);
    if (!done) {
        return Error{done.error().code, "task " + input.task.str() + ": " + done.error().message};
    }
    lift_quarantine(out, state, task_at(*run, task).executor);
    wake_run(out, *run, cause);
    return out;
}

Result<Records> decide_manual(const State& state, const CompleteManual& input) {
    ARARAT_ASSIGN_OR_RETURN(const Run* run, run_under_way(state, input.run));
    const TaskIndex task = index_of(*run, input.task);
    if (task == kNoIndex) {
        return Error{ErrorCode::kNotFound, "run " + input.run.str() + " has no task " + input.task.str()};
    }
    if (task_at(*run, task).kind != TaskKind::kManual) {
        return refused("task " + input.task.str() + " is not a manual task");
    }
    const TaskState is = progress_at(*run, task).state;
    if (is != TaskState::kOpen) {
        return refused("manual task " + input.task.str() + " is " + words_of(is) + ", not open");
    }
    Records out;
    change_task(out, *run, task, TaskState::kSucceeded, {input.by.name, input.note});
    return out;
}

}  // namespace ararat::execution
