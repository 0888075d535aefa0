#include "planning/task_order.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "base/check.h"
#include "planning/dependency_graph.h"

namespace ararat::planning {
namespace {

// The TASK of every ${step.TASK.OUTPUT} in a text.
void add_output_tasks(const std::string& text, std::vector<TaskId>& tasks) {
    constexpr std::string_view kStep = "${step.";
    for (std::size_t at = text.find(kStep); at != std::string::npos; at = text.find(kStep, at + 1)) {
        const std::size_t end = text.find('}', at);
        if (end == std::string::npos) return;
        const std::string name = text.substr(at + kStep.size(), end - at - kStep.size());
        tasks.emplace_back(name.substr(0, name.rfind('.')));
    }
}

}  // namespace

std::optional<std::vector<TaskId>> order_tasks(const std::vector<TaskId>& tasks,
                                               const std::vector<TaskEdge>& edges, DiagnosticList& faults) {
    DependencyGraph graph;
    for (const TaskId& task : tasks) graph.add_node(task.str());
    for (const TaskEdge& edge : edges) {
        Dependency dependency;
        dependency.dependent = edge.task.str();
        dependency.prerequisite = edge.after.str();
        dependency.place = edge.place;
        dependency.cost = edge.cost;
        ARARAT_CHECK(graph.add(dependency).ok(), "an edge between tasks that do not exist");
    }
    const std::vector<Cycle> cycles = graph.cycles();
    for (const Cycle& cycle : cycles) {
        std::string message = describe(cycle);
        if (!cycle.cut.empty()) message += "; cheapest to give up: " + to_string(cycle.cut.front());
        faults.add(cycle.shortest.front().place, DiagnosticCode::kCycle, message);
    }
    if (!cycles.empty()) return std::nullopt;
    const auto order = graph.topological_order();
    ARARAT_CHECK(order.ok(), "a graph without cycles that has no order");
    std::vector<TaskId> ordered;
    ordered.reserve(order->size());
    for (const std::string& id : *order) ordered.emplace_back(id);
    return ordered;
}

std::vector<TaskId> output_tasks(const Task& task) {
    std::vector<TaskId> tasks;
    for (const auto* operation : {&task.check, &task.perform, &task.probe, &task.undo, &task.verify}) {
        if (!operation->has_value()) continue;
        for (const std::string& argument : (*operation)->argv) add_output_tasks(argument, tasks);
        for (const auto& [key, text] : (*operation)->fields) add_output_tasks(text, tasks);
        for (const auto& [key, text] : (*operation)->environment) add_output_tasks(text, tasks);
        add_output_tasks((*operation)->expect.output_equals, tasks);
        add_output_tasks((*operation)->expect.output_contains, tasks);
    }
    std::sort(tasks.begin(), tasks.end());
    tasks.erase(std::unique(tasks.begin(), tasks.end()), tasks.end());
    return tasks;
}

}  // namespace ararat::planning
