// People who do what is asked of them, once the faults have stopped.
#include <algorithm>

#include "tests/simulation/plan_facts.h"
#include "tests/simulation/simulation.h"

namespace ararat::simulation {

using namespace execution;

namespace {

constexpr int kHelpsMax = 40;  // for one group

}  // namespace

// Approve, complete, resume, and see to what is held.
bool Simulation::help_along() {
    const Principal ann{"ann", {}};
    for (const RunId& id : std::set<RunId>(state().active_runs)) {
        const Run& run = state().runs.at(id);
        if (run.status == RunStatus::kPaused) {
            take(ControlRun{ann, id, RunAction::kResume, "on"});
            return true;
        }
        for (const Task& task : plan_->tasks) {
            const auto progress = run.tasks.find(task.id);
            if (progress == run.tasks.end() || progress->second.state != TaskState::kOpen) continue;
            if (task.kind != TaskKind::kManual) continue;
            take(CompleteManual{ann, id, task.id, "done"});
            return true;
        }
        if (trust_clock(run) || decide_late(run)) return true;
        if (approve(run)) return true;
        if (see_through(run)) return true;
    }
    return false;
}

// Somebody sees to each group that is held, by whatever the engine lets people do: it has to come to an end.
bool Simulation::see_through(const Run& run) {
    // Until everything else of it has ended, nobody may retry anything.
    if (run.cancelling && run.status != RunStatus::kHeld) return false;
    for (const auto& [group, is] : run.groups) {
        if (is != GroupState::kHeld) continue;
        int& helped = helped_[{run.id, group}];
        if (helped == kHelpsMax) continue;
        ++helped;
        // Late in vain: whatever else was tried holds it again.
        const bool is_last_resort = helped > kHelpsMax / 2;
        take(way_on(run, group, is_last_resort));
        return true;
    }
    return false;
}

Input Simulation::way_on(const Run& run, const MoveGroupId& group, bool is_last_resort) {
    const Principal ann{"ann", {}};
    std::vector<TaskId> stuck;
    std::vector<TaskId> unfinished;
    bool has_passed = false;
    for (const Task& task : plan_->tasks) {
        if (task.group != group) continue;
        const TaskProgress& progress = run.tasks.at(task.id);
        const TaskState is = progress.state;
        has_passed = has_passed || (task.point_of_no_return && (progress.performed || progress.already));
        if (is == TaskState::kHeld || is == TaskState::kFailed || is == TaskState::kUndoFailed)
            stuck.push_back(task.id);
        if (!is_final(is)) unfinished.push_back(task.id);
    }
    const std::vector<TaskId>& tasks = stuck.empty() ? unfinished : stuck;
    const std::uint64_t what = dice_at_the_end_.below(100);
    const bool can_back_out = !has_passed || run.held_in_back_out.contains(group);
    if (tasks.empty() || (can_back_out && (is_last_resort || what < 25)))
        return BackOut{ann, run.id, group, "no further", is_last_resort || dice_of_needs_.percent(50)};
    const TaskId& chosen = tasks[dice_at_the_end_.below(tasks.size())];
    // Its window may have closed, or a group that it needs have turned back.
    if (has_passed && what < 25) return GiveGo{ann, run.id, group, "it has to end"};
    if (what < 35) return SkipTask{ann, run.id, chosen, "not needed"};
    return RetryTask{ann, run.id, chosen, "again"};
}

// Whoever is asked whether the clock is right says yes, or turns back.
bool Simulation::trust_clock(const Run& run) {
    const Principal ann{"ann", {}};
    for (const MoveGroupId& group : run.held_for_clock) {
        for (const Task& task : plan_->tasks) {
            if (task.group != group || run.cancelling) continue;
            const TaskState is = run.tasks.at(task.id).state;
            const bool goes_on =
                is == TaskState::kWaiting || is == TaskState::kRetryWait || is == TaskState::kHeld;
            if (!goes_on) continue;
            take(RetryTask{ann, run.id, task.id, "the clock is right"});
            return true;
        }
    }
    return false;
}

bool Simulation::decide_late(const Run& run) {
    if (run.cancelling) return false;
    for (const auto& [group, late] : run.late_returns) {
        const bool is_held =
            run.groups.at(group) == GroupState::kHeld && !run.held_in_back_out.contains(group);
        const bool has_passed = std::ranges::any_of(plan_->tasks, [&](const Task& task) {
            return task.group == group && task.point_of_no_return && run.tasks.at(task.id).performed;
        });
        if (late.go || !is_held || has_passed) continue;
        const Principal ann{"ann", {}};
        if (dice_.percent(50)) {
            take(GiveGo{ann, run.id, group, "there is time"});
        } else {
            take(BackOut{ann, run.id, group, "too late"});
        }
        return true;
    }
    return false;
}

bool Simulation::leave_one_alone() {
    const Principal ann{"ann", {}};
    for (const RunId& id : state().active_runs) {
        const Run& run = state().runs.at(id);
        for (const Task& task : plan_->tasks) {
            const auto progress = run.tasks.find(task.id);
            if (progress == run.tasks.end() || is_final(progress->second.state)) continue;
            if (task.group.empty() || !has_passed(run, task.group)) continue;
            for (const TaskId& before : task.after) {
                const MoveGroupId needed = find_task(*plan_, before)->group;
                const auto is = run.groups.find(needed);
                if (needed == task.group || is == run.groups.end()) continue;
                const bool has_ended = is->second == GroupState::kMoved || turns_back(is->second);
                if (has_ended || has_passed(run, needed)) continue;
                take(BackOut{ann, id, needed, "it serves nobody", true});
                return true;
            }
        }
    }
    return false;
}

bool Simulation::approve(const Run& run) {
    const WaveId wave_id = run.wave;
    const auto wave = std::find_if(plan_->waves.begin(), plan_->waves.end(),
                                   [&](const Wave& each) { return each.id == wave_id; });
    for (const Gate& gate : plan_->gates) {
        const GateStatus status = gate_status(state(), *plan_, wave_id, gate.id);
        if (status.granted) continue;
        for (const RoleId& role : gate.roles) {
            take(DecideGate{
                {"person-of-" + role.str(), {role}}, wave_id, gate.id, true, "", wave->subtree, "", ""});
        }
        return true;
    }
    return false;
}

}  // namespace ararat::simulation
