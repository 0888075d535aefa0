#include <algorithm>
#include <set>

#include "base/check.h"
#include "execution/run_index.h"

namespace ararat::execution {
namespace {

bool has_reference(const Boxed<Operation>& operation) {
    static constexpr const char* kReference = "${step.";
    if (!operation) return false;
    const auto refers = [](const std::string& text) { return text.find(kReference) != std::string::npos; };
    const auto value_refers = [&](const auto& entry) { return refers(entry.second); };
    return std::any_of(operation->argv.begin(), operation->argv.end(), refers) ||
           std::any_of(operation->fields.begin(), operation->fields.end(), value_refers) ||
           std::any_of(operation->environment.begin(), operation->environment.end(), value_refers) ||
           refers(operation->expect.output_equals) || refers(operation->expect.output_contains);
}

bool refers_to_outputs(const Task& task) {
    return has_reference(task.check) || has_reference(task.perform) || has_reference(task.probe) ||
           has_reference(task.undo) || has_reference(task.verify);
}

template <typename Id>
std::uint32_t number_of(const std::vector<Id>& ids, const Id& id) {
    const auto found = std::lower_bound(ids.begin(), ids.end(), id);
    return found != ids.end() && *found == id ? static_cast<std::uint32_t>(found - ids.begin()) : kNoIndex;
}

void add_task(RunGraph& graph, const Task& task) {
    const auto index = static_cast<TaskIndex>(graph.tasks.size());
    const GroupIndex group = task.group.empty() ? kNoIndex : number_of(graph.groups, task.group);
    graph.tasks.push_back(&task);
    graph.index_of.emplace(task.id, index);
    graph.successors.emplace_back();
    graph.group_of.push_back(group);
    graph.host_of.push_back(task.executor.empty() ? kNoIndex : number_of(graph.hosts, task.executor));
    graph.refers.push_back(refers_to_outputs(task));
    if (task.kind == TaskKind::kGate) graph.gate_tasks.push_back(index);
    if (group == kNoIndex) return;
    graph.tasks_of_group[group].push_back(index);
    WhenLate& when_late = graph.when_late_of_group[group];
    const bool first = graph.tasks_of_group[group].size() == 1;
    if (first) {
        when_late = task.when_late;
    } else if (when_late != task.when_late) {
        when_late = WhenLate::kHold;
    }
    if (task.point_of_no_return) graph.no_return_of_group[group].push_back(index);
    auto& channels = graph.channels_of_group[group];
    channels.insert(channels.end(), task.opens.begin(), task.opens.end());
}

void add_edges(RunGraph& graph) {
    std::unordered_map<TaskId, const Task*> whole_plan;
    for (const Task& task : graph.plan->tasks) whole_plan.emplace(task.id, &task);
    for (TaskIndex index = 0; index < graph.tasks.size(); ++index) {
        for (const TaskId& predecessor : graph.tasks[index]->after) {
            const auto here = graph.index_of.find(predecessor);
            if (here != graph.index_of.end()) {
                graph.successors[here->second].push_back(index);
                continue;
            }
            const auto elsewhere = whole_plan.find(predecessor);
            ARARAT_CHECK(elsewhere != whole_plan.end(), "a predecessor that the plan does not have");
            graph.waits_outside[elsewhere->second->group].push_back(index);
        }
    }
}

}  // namespace

std::shared_ptr<const RunGraph> make_run_graph(const CompiledPlanPtr& plan, const WaveId& wave,
                                               const std::vector<MoveGroupId>& groups) {
    auto graph = std::make_shared<RunGraph>();
    graph->plan = plan;
    for (const Wave& candidate : plan->waves) {
        if (candidate.id == wave) graph->wave = &candidate;
    }
    ARARAT_CHECK(graph->wave != nullptr, "a run of a wave that its plan does not have");
    graph->groups = groups;
    std::sort(graph->groups.begin(), graph->groups.end());
    for (const EstateHost& host : plan->hosts) graph->hosts.push_back(host.id);
    std::sort(graph->hosts.begin(), graph->hosts.end());
    graph->tasks_of_group.resize(groups.size());
    graph->channels_of_group.resize(groups.size());
    graph->no_return_of_group.resize(groups.size());
    graph->when_late_of_group.resize(groups.size(), WhenLate::kHold);
    for (const Channel& channel : plan->channels) graph->channels.emplace(channel.id, &channel);
    for (const Task& task : plan->tasks) {
        if (task.wave != wave) continue;
        if (!task.group.empty() && number_of(graph->groups, task.group) == kNoIndex) continue;
        add_task(*graph, task);
    }
    add_edges(*graph);
    return graph;
}

}  // namespace ararat::execution
