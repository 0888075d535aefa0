#include "planning/graph_view.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "base/check.h"
#include "base/join.h"
#include "base/units.h"
#include "planning/calendar.h"
#include "planning/move_groups.h"

namespace ararat::planning {
namespace {

std::string_view phase_name(Phase phase) {
    switch (phase) {
        case Phase::kPrepare: return "prepare";
        case Phase::kPrecopy: return "precopy";
        case Phase::kStart: return "start";
        case Phase::kQuiesce: return "quiesce";
        case Phase::kFinalSync: return "final-sync";
        case Phase::kVerify: return "verify";
        case Phase::kSwitch: return "switch";
        case Phase::kSoak: return "soak";
        case Phase::kDecommission: return "decommission";
    }
    return "unknown";
}

void sort_edges(GraphView& view) {
    std::ranges::sort(view.edges, {},
                      [](const ViewEdge& edge) { return std::tie(edge.from, edge.to, edge.kind, edge.why); });
}

std::vector<std::string> host_lines(const Application& application) {
    std::vector<std::string> lines;
    for (const Component& component : application.components) {
        for (std::size_t i = 0; i < component.hosts.size(); ++i) {
            std::string line = component.name + ": " + component.hosts[i].str();
            if (i < component.targets.size()) {
                const TargetHost& target = component.targets[i];
                line += " \u2192 " + target.host.str() + " (" + target.site.str() + ")";
            }
            lines.push_back(std::move(line));
        }
    }
    std::ranges::sort(lines);
    return lines;
}

Duration expected_of(const Task& task, const std::map<TaskId, Duration>& expected) {
    const auto known = expected.find(task.id);
    if (known != expected.end()) return known->second;
    return task.kind == TaskKind::kSoak ? task.soak : std::chrono::seconds(1);
}

ViewNode node_of(const Task& task) {
    ViewNode node;
    node.id = task.id.str();
    node.title = task.step.empty() ? task.id.str() : task.step;
    std::string where = task.component;
    if (!task.executor.empty()) where += (where.empty() ? "on " : " on ") + task.executor.str();
    if (!where.empty()) node.lines.push_back(where);
    std::string what(phase_name(task.phase));
    switch (task.kind) {
        case TaskKind::kStep: what += ", " + task.action; break;
        case TaskKind::kGate: what = "gate " + task.gate.str(); break;
        case TaskKind::kManual: what += ", by a person"; break;
        case TaskKind::kSoak: what = "soak for " + format_duration(task.soak); break;
    }
    if (task.point_of_no_return) what += ", point of no return";
    node.lines.push_back(std::move(what));
    node.cluster = task.application.str();
    return node;
}

void add_application_edges(const DependencyGraph& graph,
                           const std::map<std::string, std::string>& critical_next,
                           const std::map<ApplicationId, MoveGroupId>& group_of, GraphView& view) {
    for (const Dependency& edge : graph.dependencies()) {
        const std::string& from = group_of.at(ApplicationId{edge.prerequisite}).str();
        const std::string& to = group_of.at(ApplicationId{edge.dependent}).str();
        const auto next = critical_next.find(from);
        const bool critical =
            edge.kind == DependencyKind::kHard && next != critical_next.end() && next->second == to;
        view.edges.push_back({edge.prerequisite, edge.dependent, edge.kind, critical, to_string(edge)});
    }
}

}  // namespace

GraphView application_view(const Plan& plan, const Schedule& schedule) {
    GraphView view;
    view.title = plan.project.str() + ": applications, move groups and what they wait for";
    std::map<std::string, std::string> critical_next;  // group -> the group after it
    std::set<MoveGroupId> critical;
    for (std::size_t i = 0; i < schedule.critical_path.size(); ++i) {
        critical.insert(schedule.critical_path[i].group);
        if (i > 0)
            critical_next[schedule.critical_path[i - 1].group.str()] = schedule.critical_path[i].group.str();
    }
    std::map<ApplicationId, MoveGroupId> group_of;
    for (const MoveGroup& group : schedule.groups) {
        const bool boxed = group.applications.size() > 1;
        if (boxed) view.clusters.push_back({group.id.str(), "move group " + group.id.str(), group.reasons});
        const auto placement = std::ranges::find(schedule.placements, group.id, &Placement::group);
        for (const ApplicationId& id : group.applications) {
            group_of[id] = group.id;
            ViewNode node{id.str(), id.str(), {}, boxed ? group.id.str() : "", critical.contains(group.id)};
            if (placement != schedule.placements.end()) {
                node.lines.push_back(group.wave.str() + ", " + local_text(placement->start, plan.timezone));
            }
            for (std::string& line : host_lines(plan.applications.at(id)))
                node.lines.push_back(std::move(line));
            view.nodes.push_back(std::move(node));
        }
    }
    std::ranges::sort(view.nodes, {}, &ViewNode::id);
    add_application_edges(application_graph(plan, Duration{0}), critical_next, group_of, view);
    sort_edges(view);
    return view;
}

Result<GraphView> task_view(const CompiledPlan& plan, const WaveId& wave,
                            const std::map<TaskId, Duration>& expected) {
    const bool known = std::ranges::find(plan.waves, wave, &Wave::id) != plan.waves.end();
    if (!wave.empty() && !known) return Error{ErrorCode::kNotFound, "the plan has no wave " + wave.str()};
    GraphView view;
    view.lanes = true;
    view.title = wave.empty() ? "tasks of all waves" : "tasks of " + wave.str();
    DependencyGraph graph;
    std::set<std::string> lanes;
    for (const Task& task : plan.tasks) {
        if (!wave.empty() && task.wave != wave) continue;
        graph.add_node(task.id.str(), expected_of(task, expected));
        view.nodes.push_back(node_of(task));
        lanes.insert(task.application.str());
    }
    for (const Task& task : plan.tasks) {
        for (const TaskId& before : task.after) {
            if (!graph.contains(task.id.str()) || !graph.contains(before.str())) continue;
            const auto added = graph.add({task.id.str(), before.str(), DependencyKind::kHard, {}});
            ARARAT_CHECK(added.ok(), "both ends were just found");
        }
    }
    ARARAT_ASSIGN_OR_RETURN(const CriticalPath path, graph.critical_path());
    const std::set<std::string> critical(path.nodes.begin(), path.nodes.end());
    std::set<std::pair<std::string, std::string>> steps;
    for (std::size_t i = 1; i < path.nodes.size(); ++i) steps.emplace(path.nodes[i - 1], path.nodes[i]);
    for (ViewNode& node : view.nodes) node.critical = critical.contains(node.id);
    std::set<std::pair<std::string, std::string>> drawn = steps;
    for (const Dependency& edge : graph.reduced()) drawn.emplace(edge.prerequisite, edge.dependent);
    for (const auto& [from, to] : drawn) {
        view.edges.push_back({from, to, DependencyKind::kHard, steps.contains({from, to}), ""});
    }
    for (const std::string& lane : lanes) view.clusters.push_back({lane, lane.empty() ? "gates" : lane, {}});
    std::ranges::sort(view.nodes, {}, &ViewNode::id);
    sort_edges(view);
    return view;
}

GraphView critical_part(const GraphView& view) {
    GraphView part;
    part.title = view.title + " (critical path)";
    part.lanes = view.lanes;
    std::set<std::string> clusters;
    for (const ViewNode& node : view.nodes) {
        if (!node.critical) continue;
        part.nodes.push_back(node);
        clusters.insert(node.cluster);
    }
    for (const ViewCluster& cluster : view.clusters) {
        if (clusters.contains(cluster.id)) part.clusters.push_back(cluster);
    }
    for (const ViewEdge& edge : view.edges) {
        if (edge.critical) part.edges.push_back(edge);
    }
    return part;
}

}  // namespace ararat::planning
