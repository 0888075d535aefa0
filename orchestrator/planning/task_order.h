// The order of tasks, and which of them a task takes outputs from.
// Thread promise: functions of their arguments.
#pragma once

#include <optional>
#include <vector>

#include "model/task.h"
#include "planning/diagnostic.h"
#include "planning/task_graph.h"

namespace ararat::planning {

// Predecessors first, ties by id. Nothing when there are circles: each is reported with every edge of a
// shortest round and its place, and with what would open it.
[[nodiscard]] std::optional<std::vector<TaskId>> order_tasks(const std::vector<TaskId>& tasks,
                                                             const std::vector<TaskEdge>& edges,
                                                             DiagnosticList& faults);

// The tasks of all ${step.TASK.OUTPUT} in a task's operations, sorted, without repetition.
[[nodiscard]] std::vector<TaskId> output_tasks(const Task& task);

}  // namespace ararat::planning
