// Every component's runbook as tasks, with what waits for what and why. What depends on waves (gates,
// order between applications, pairs) is added by compile().
// Thread promise: functions of their arguments. The graph points into the plan, which must outlive it.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model/plan.h"
#include "model/task.h"
#include "planning/diagnostic.h"

namespace ararat::planning {

using NodeIndex = std::uint32_t;  // of TaskGraph::nodes

// Tasks that stand together.
struct NodeRange {
    NodeIndex first = 0;
    NodeIndex count = 0;
};

struct TaskEdge {
    NodeIndex task = 0;   // this one ...
    NodeIndex after = 0;  // ... waits for that one
    SourcePlace place;
    std::int64_t cost = 1;  // of giving it up, for advice on circles: what was written out is cheapest
};

struct TaskNode {
    Task task;  // wave, group and `after` are empty; only begun (step_expansion.h) where faults were found
    const RunbookStep* step = nullptr;
    const Component* component = nullptr;
};

struct TaskGraph {
    std::vector<TaskNode> nodes;  // those of an application, and of a component, stand together
    std::vector<TaskEdge> edges;
    std::vector<Channel> channels;
    // Of these not every task and edge is there, because what they use is at fault.
    std::set<const Component*> incomplete;
};

// Every fault is reported; what faults.parts() has as unusable is left out.
// Nothing when there are too many tasks. Precondition: check_plan was called with `faults`.
[[nodiscard]] std::optional<TaskGraph> build_task_graph(const Plan& plan, DiagnosticList& faults);

}  // namespace ararat::planning
