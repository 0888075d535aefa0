// A person lets a step be left out, with a reason. What comes after it then takes it for done, so that only a
// step whose turn has come may be skipped, and none that keeps source and target apart or that people decide
// about.
#include "execution/decide.h"
#include "execution/lacking.h"
#include "execution/queries.h"

namespace ararat::execution {
namespace {

// Why this step is never skipped, whatever its state; empty: it may be.
std::string why_never(const Task& task) {
    if (task.kind == TaskKind::kGate) return "it is a gate: its roles decide about it";
    if (task.kind == TaskKind::kSoak)
        return "it is a soak: time passes by itself, and what follows relies on it";
    if (task.phase == Phase::kQuiesce) {
        return "it quiets the source: without it source and target may both be written to";
    }
    if (task.point_of_no_return)
        return "it is the point of no return: whether the group can be backed out hangs on it";
    return {};
}

// Why not now; empty: its turn has come.
std::string why_not_now(const Run& run, TaskIndex task) {
    const TaskProgress& progress = progress_at(run, task);
    if (progress.in_flight) return "an attempt of it is out: its result is waited for";
    switch (progress.state) {
        case TaskState::kHeld:
        case TaskState::kFailed: return {};
        case TaskState::kWaiting:
            if (run.index.blockers[task] == 0) return {};
            if (const GroupIndex group = run.index.graph->group_of[task]; group != kNoIndex) {
                if (std::string words = lack_advice(run, group); !words.empty()) return words;
            }
            return "steps before it are not done: pause the run and skip it when its turn has come";
        case TaskState::kOpen: return "it is open: say that it is done (run complete)";
        case TaskState::kRetryWait:
            return "it is about to be tried again: pause the run, or wait until it is held";
        case TaskState::kDispatched:
        case TaskState::kRunning:
        case TaskState::kProbing:
        case TaskState::kSucceeded:
        case TaskState::kSkipped:
        case TaskState::kCancelled:
        case TaskState::kUndoing:
        case TaskState::kUndone:
        case TaskState::kUndoFailed: break;
    }
    return "it is " + std::string(to_string(progress.state)) + ": there is nothing to skip";
}

std::string why_not_its_group(const Run& run, GroupIndex group) {
    if (group == kNoIndex) return {};
    const MoveGroupId& id = run.index.graph->groups[group];
    const GroupState is = group_state(run, group);
    if (run.held_in_back_out.contains(id)) return "the back-out of group " + id.str() + " is held: retry it";
    if (is == GroupState::kBackingOut || is_final(is))
        return "group " + id.str() + " is " + std::string(to_string(is));
    return {};
}

}  // namespace

Result<Records> decide_skip(const State& state, const SkipTask& input) {
    ARARAT_ASSIGN_OR_RETURN(const Run* run, run_under_way(state, input.run));
    const TaskIndex task = index_of(*run, input.task);
    if (task == kNoIndex) {
        return Error{ErrorCode::kNotFound, "run " + input.run.str() + " has no task " + input.task.str()};
    }
    if (input.reason.empty()) {
        return Error{ErrorCode::kInvalidArgument, "a step is skipped with a reason, which is recorded"};
    }
    const GroupIndex group = run->index.graph->group_of[task];
    std::string why = why_never(task_at(*run, task));
    if (why.empty()) why = why_not_its_group(*run, group);
    if (why.empty() && run->cancelling) why = "the run is being cancelled";
    if (why.empty()) why = why_not_now(*run, task);
    if (!why.empty()) {
        return Error{ErrorCode::kFailedPrecondition,
                     "task " + input.task.str() + " cannot be skipped: " + why};
    }
    const Cause cause{input.by.name, input.reason};
    Records out;
    const bool was_stuck = progress_at(*run, task).state != TaskState::kWaiting;
    change_task(out, *run, task, TaskState::kSkipped, cause);
    close_channels(out, *run, task);
    if (was_stuck && group != kNoIndex && group_state(*run, group) == GroupState::kHeld) {
        change_group(out, *run, group, GroupState::kMoving, cause);
    }
    if (was_stuck) wake_run(out, *run, cause);
    return out;
}

}  // namespace ararat::execution
