#include "planning/task_order.h"

#include <algorithm>
#include <functional>
#include <queue>
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

// How many of each task's predecessors are not done yet.
std::vector<NodeIndex> open_counts(std::size_t tasks, std::span<const TaskEdge> edges) {
    std::vector<NodeIndex> open(tasks, 0);
    for (const TaskEdge& edge : edges) ++open[edge.task];
    return open;
}

// Tasks in a circle, and those after one: Kahn's algorithm (1962) does not reach them.
std::vector<bool> unreached(std::size_t tasks, std::span<const TaskEdge> edges) {
    const EdgeLists successors(tasks, edges, EdgeLists::Of::kSuccessors);
    std::vector<NodeIndex> open = open_counts(tasks, edges);
    std::vector<NodeIndex> free;
    std::vector<bool> left(tasks, true);
    for (NodeIndex task = 0; task < tasks; ++task) {
        if (open[task] == 0) free.push_back(task);
    }
    while (!free.empty()) {
        const NodeIndex task = free.back();
        free.pop_back();
        left[task] = false;
        for (const NodeIndex next : successors.at(task)) {
            if (--open[next] == 0) free.push_back(next);
        }
    }
    return left;
}

void report(const std::vector<Cycle>& cycles, DiagnosticList& faults) {
    for (const Cycle& cycle : cycles) {
        std::string message = describe(cycle);
        if (!cycle.cut.empty()) message += "; cheapest to give up: " + to_string(cycle.cut.front());
        faults.add(cycle.shortest.front().place, DiagnosticCode::kCycle, message);
    }
}

}  // namespace

EdgeLists::EdgeLists(std::size_t tasks, std::span<const TaskEdge> edges, Of of)
    : begins_(tasks + 1, 0), ends_(edges.size()) {
    const bool predecessors = of == Of::kPredecessors;
    for (const TaskEdge& edge : edges) ++begins_[predecessors ? edge.task : edge.after];
    // Each begin stands at its end first and walks back as its list is filled, from the last edge on.
    std::size_t sum = 0;
    for (std::size_t& begin : begins_) begin = sum += begin;
    for (std::size_t i = edges.size(); i-- > 0;) {
        const TaskEdge& edge = edges[i];
        ends_[--begins_[predecessors ? edge.task : edge.after]] = predecessors ? edge.after : edge.task;
    }
}

std::vector<bool> report_circles(std::span<const TaskId* const> ids, std::span<const TaskEdge> edges,
                                 DiagnosticList& faults) {
    std::vector<bool> left = unreached(ids.size(), edges);
    DependencyGraph graph;
    for (std::size_t task = 0; task < ids.size(); ++task) {
        if (left[task]) graph.add_node(ids[task]->str());
    }
    if (graph.node_count() == 0) return {};
    for (const TaskEdge& edge : edges) {
        if (!left[edge.task] || !left[edge.after]) continue;
        const Result<void> added = graph.add(
            {ids[edge.task]->str(), ids[edge.after]->str(), DependencyKind::kHard, edge.place, edge.cost});
        ARARAT_CHECK(added.ok(), "an edge between tasks that do not exist");
    }
    report(graph.cycles(), faults);
    return left;
}

std::vector<NodeIndex> order_tasks(std::span<const NodeIndex> ranks, std::span<const TaskEdge> edges) {
    const EdgeLists successors(ranks.size(), edges, EdgeLists::Of::kSuccessors);
    std::vector<NodeIndex> open = open_counts(ranks.size(), edges);
    std::vector<NodeIndex> by_rank(ranks.size());
    for (NodeIndex task = 0; task < ranks.size(); ++task) by_rank[ranks[task]] = task;
    std::priority_queue<NodeIndex, std::vector<NodeIndex>, std::greater<>> free;
    for (NodeIndex task = 0; task < ranks.size(); ++task) {
        if (open[task] == 0) free.push(ranks[task]);
    }
    std::vector<NodeIndex> order;
    order.reserve(ranks.size());
    while (!free.empty()) {
        const NodeIndex task = by_rank[free.top()];
        free.pop();
        order.push_back(task);
        for (const NodeIndex next : successors.at(task)) {
            if (--open[next] == 0) free.push(ranks[next]);
        }
    }
    ARARAT_CHECK(order.size() == ranks.size(), "a graph without circles that has no order");
    return order;
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
