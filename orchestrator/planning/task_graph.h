// Every component's runbook as tasks, with what waits for what and why. What depends on waves (gates,
// order between applications, pairs) is added by compile().
// Thread promise: functions of their arguments. The graph points into the plan, which must outlive it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model/plan.h"
#include "model/task.h"
#include "planning/diagnostic.h"

namespace ararat::planning {

struct TaskEdge {
    TaskId task;   // this one ...
    TaskId after;  // ... waits for that one
    SourcePlace place;
    std::int64_t cost = 1;  // of giving it up, for advice on circles: what was written out is cheapest
};

struct TaskNode {
    Task task;  // wave, group and `after` are empty; only begun (step_expansion.h) where faults were found
    const RunbookStep* step = nullptr;
    const Component* component = nullptr;
};

struct TaskGraph {
    std::vector<TaskNode> nodes;
    std::vector<TaskEdge> edges;
    std::vector<Channel> channels;
    // Of these not every task and edge is there, because what they use is at fault.
    std::set<const Component*> incomplete;
};

// Every fault is reported; what faults.parts() has as unusable is left out.
// Nothing when there are too many tasks. Precondition: check_plan was called with `faults`.
[[nodiscard]] std::optional<TaskGraph> build_task_graph(const Plan& plan, DiagnosticList& faults);

// The tasks of one step: one, or one for each host pair. Precondition: that of ComponentContext.
[[nodiscard]] std::vector<TaskId> tasks_of_step(const Plan& plan, const Application& application,
                                                const Component& component, const std::string& step);

}  // namespace ararat::planning
