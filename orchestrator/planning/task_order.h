// The order of tasks, and which of them a task takes outputs from.
// Thread promise: functions of their arguments.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "model/task.h"
#include "planning/diagnostic.h"
#include "planning/task_graph.h"

namespace ararat::planning {

// For each task those of one end of the edges at its other end, in the order of the edges.
class EdgeLists {
public:
    enum class Of { kPredecessors, kSuccessors };
    EdgeLists(std::size_t tasks, std::span<const TaskEdge> edges, Of of);
    [[nodiscard]] std::span<const NodeIndex> at(NodeIndex task) const {
        return std::span(ends_).subspan(begins_[task], begins_[task + 1] - begins_[task]);
    }

private:
    std::vector<std::size_t> begins_;  // one more than tasks
    std::vector<NodeIndex> ends_;
};

// Every circle is reported with each edge of a shortest round and its place, and with what would open it.
// `ids[i]`: of the task that edges call i. Gives the tasks in circles and after them; empty: there are none.
[[nodiscard]] std::vector<bool> report_circles(std::span<const TaskId* const> ids,
                                               std::span<const TaskEdge> edges, DiagnosticList& faults);

// Predecessors first, ties by rank (of the id among all ids). Precondition: no circles.
[[nodiscard]] std::vector<NodeIndex> order_tasks(std::span<const NodeIndex> ranks,
                                                 std::span<const TaskEdge> edges);

// The tasks of all ${step.TASK.OUTPUT} in a task's operations, sorted, without repetition.
[[nodiscard]] std::vector<TaskId> output_tasks(const Task& task);

}  // namespace ararat::planning
