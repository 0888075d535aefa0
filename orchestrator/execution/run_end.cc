#include "execution/run_end.h"

#include <string>

#include "execution/queries.h"

namespace ararat::execution {
namespace {

void end_run(Records& out, const Run& run) {
    std::string backed_out;
    bool cancelled = false;
    for (const auto& [group, is] : run.groups) {
        if (is == GroupState::kBackedOut) backed_out += (backed_out.empty() ? "" : ", ") + group.str();
        if (is == GroupState::kCancelled) cancelled = true;
    }
    for (const auto& [id, progress] : run.tasks) {
        const bool left = progress.state == TaskState::kOpen || progress.state == TaskState::kWaiting;
        if (left) change_task(out, run, index_of(run, id), TaskState::kCancelled, {"", "its run has ended"});
    }
    if (run.cancelling) {
        change_run(out, run, RunStatus::kCancelled, {"", run.reason}, true);
    } else if (!backed_out.empty()) {
        change_run(out, run, RunStatus::kBackedOut, {"", "backed out: " + backed_out});
    } else if (cancelled) {
        change_run(out, run, RunStatus::kFailed, {"", "a group could not be moved"});
    } else {
        change_run(out, run, RunStatus::kSucceeded, {});
    }
}

}  // namespace

std::string back_out_result(const Run& run, GroupIndex group) {
    std::string why = run.group_reasons.at(run.index.graph->groups[group]);
    std::string left;
    for (const TaskIndex task : run.index.graph->tasks_of_group[group]) {
        if (progress_at(run, task).state != TaskState::kUndoFailed) continue;
        left += (left.empty() ? "" : ", ") + task_at(run, task).id.str();
    }
    return left.empty() ? why : why + "; not undone, because their host is lost: " + left;
}

void settle_run(Records& out, const Run& run) {
    if (!run.index.in_flight.empty()) return;
    bool all_final = true;
    bool can_move = false;
    const std::string* held = nullptr;
    for (GroupIndex group = 0; group < run.index.groups.size(); ++group) {
        const GroupState is = group_state(run, group);
        if (is_final(is)) continue;
        all_final = false;
        if (is == GroupState::kHeld) {
            held = &run.group_reasons.at(run.index.graph->groups[group]);
        } else if (is == GroupState::kBackingOut || counts_of(run, group).pending > 0) {
            can_move = true;
        }
    }
    if (all_final) {
        end_run(out, run);
    } else if (held != nullptr && !can_move && run.status == RunStatus::kRunning) {
        change_run(out, run, RunStatus::kHeld, {"", *held}, run.cancelling);
    }
}

}  // namespace ararat::execution
