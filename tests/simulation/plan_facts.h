// Questions about a plan and a run of it that the checkers ask, in words of their own: they share no code
// with the engine.
#pragma once

#include "execution/run_state.h"

namespace ararat::simulation {

// nullptr: the plan has no such task.
[[nodiscard]] const Task* find_task(const CompiledPlan& plan, const TaskId& id);
[[nodiscard]] bool is_cutover(const Task& task);
// Backing out, backed out or cancelled.
[[nodiscard]] bool turns_back(GroupState state);
// A point of no return of the group went out before this attempt of the task.
[[nodiscard]] bool had_passed(const execution::Run& run, const Task& task);
// One of the group went out, or was found done.
[[nodiscard]] bool has_passed(const execution::Run& run, const MoveGroupId& group);

}  // namespace ararat::simulation
