#include "tests/simulation/plan_facts.h"

#include <algorithm>

namespace ararat::simulation {

using namespace execution;

const Task* find_task(const CompiledPlan& plan, const TaskId& id) {
    const auto found =
        std::find_if(plan.tasks.begin(), plan.tasks.end(), [&](const Task& task) { return task.id == id; });
    return found == plan.tasks.end() ? nullptr : &*found;
}

bool is_cutover(const Task& task) { return task.phase >= Phase::kQuiesce && task.phase <= Phase::kSwitch; }

bool turns_back(GroupState state) {
    return state == GroupState::kBackingOut || state == GroupState::kBackedOut ||
           state == GroupState::kCancelled;
}

bool had_passed(const Run& run, const Task& task) {
    return std::ranges::any_of(run.plan->tasks, [&](const Task& each) {
        if (each.group != task.group || !each.point_of_no_return) return false;
        const TaskProgress& progress = run.tasks.at(each.id);
        return each.id == task.id ? progress.performed_before : progress.performed;
    });
}

bool has_passed(const Run& run, const MoveGroupId& group) {
    return std::ranges::any_of(run.plan->tasks, [&](const Task& each) {
        if (each.group != group || !each.point_of_no_return) return false;
        const TaskProgress& progress = run.tasks.at(each.id);
        return progress.performed || progress.already;
    });
}

}  // namespace ararat::simulation
