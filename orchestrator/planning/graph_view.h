// A dependency graph as people look at it: what `ararat graph` draws, as text for Graphviz, as a
// picture of its own, and as data. An arrow goes from what comes first to what waits for it.
// The same view gives the same bytes.
// Thread promise: values and functions of their arguments.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "model/compiled_plan.h"
#include "model/plan.h"
#include "planning/dependency_graph.h"
#include "planning/schedule.h"

namespace ararat::planning {

struct ViewNode {
    std::string id;
    std::string title;
    std::vector<std::string> lines;  // below the title
    std::string cluster;             // id of its box; empty: none
    bool critical = false;
};

struct ViewCluster {
    std::string id;
    std::string title;
    std::vector<std::string> reasons;  // why its members belong together
};

struct ViewEdge {
    std::string from;  // comes first ...
    std::string to;    // ... and this one waits for it
    DependencyKind kind = DependencyKind::kHard;
    bool critical = false;
    std::string why;
};

struct GraphView {
    std::string title;
    bool lanes = false;                 // a cluster is a lane across the picture, not a box in it
    std::vector<ViewNode> nodes;        // sorted by id
    std::vector<ViewCluster> clusters;  // sorted by id
    std::vector<ViewEdge> edges;        // sorted by from, to, kind
};

// Applications with their hosts; move groups of several applications are boxes.
[[nodiscard]] GraphView application_view(const Plan& plan, const Schedule& schedule);

// The tasks of one wave, or of all when `wave` is empty, in a lane for each application. Dependencies that
// follow from others are left out. The critical path goes by `expected` where it names the task, else by
// a soak's time, else by one second a task.
// Errors: not-found when the plan has no such wave.
[[nodiscard]] Result<GraphView> task_view(const CompiledPlan& plan, const WaveId& wave,
                                          const std::map<TaskId, Duration>& expected = {});

// Only the nodes on the critical path, and what connects them.
[[nodiscard]] GraphView critical_part(const GraphView& view);

[[nodiscard]] std::string render_dot(const GraphView& view);   // Graphviz
[[nodiscard]] std::string render_svg(const GraphView& view);   // laid out in layers
[[nodiscard]] std::string render_json(const GraphView& view);  // ends with a newline

}  // namespace ararat::planning
