#include "planning/compile.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "planning/component_context.h"
#include "planning/pair_order.h"
#include "planning/task_graph.h"
#include "planning/task_order.h"

namespace ararat::planning {
namespace {

EstateHost to_estate(const Host& host) {
    EstateHost estate;
    estate.id = host.id;
    estate.site = host.site;
    estate.address = host.address;
    estate.via = host.via;
    estate.ssh_user = host.ssh_user;
    estate.ssh_port = host.ssh_port;
    estate.ssh_jump = host.ssh_jump;
    estate.proxy = host.proxy;
    return estate;
}

class Compiler {
public:
    Compiler(const Plan& plan, const Schedule& schedule) : plan_(plan), schedule_(schedule) {
        for (std::size_t i = 0; i < schedule.waves.size(); ++i) wave_index_[schedule.waves[i].id] = i;
        for (const MoveGroup& group : schedule.groups) {
            for (const ApplicationId& application : group.applications) group_of_[application] = &group;
        }
        for (const PairTurns& turns : schedule.pair_turns) {
            turns_.emplace(std::pair{turns.application, turns.component}, &turns);
        }
    }

    Result<CompiledPlan> compile() {
        check_schedule();
        if (!faults_.empty()) return error_of(faults_);
        auto graph = build_task_graph(plan_, faults_);
        if (!faults_.empty() || !graph) return error_of(faults_);
        result_.waves = schedule_.waves;
        take_tasks(std::move(*graph));
        add_gates();
        sort_ids();
        add_application_order();
        add_pair_order();
        split_by_wave();
        check_outputs();
        if (!faults_.empty()) return error_of(faults_);
        check_circles();
        if (!faults_.empty()) return error_of(faults_);
        set_order();
        add_estate();
        seal(result_);
        return std::move(result_);
    }

private:
    void check_schedule() {
        for (const auto& [id, application] : plan_.applications) {
            const auto group = group_of_.find(id);
            if (group != group_of_.end() && wave_index_.count(group->second->wave) > 0) continue;
            faults_.add(application.place, DiagnosticCode::kConflict,
                        "application '" + id.str() + "' is in no wave");
        }
    }

    void take_tasks(TaskGraph graph) {
        tasks_.reserve(graph.nodes.size());
        const MoveGroup* group = nullptr;
        for (TaskNode& node : graph.nodes) {
            Task& task = tasks_.emplace_back(std::move(node.task));
            const auto index = static_cast<NodeIndex>(tasks_.size() - 1);
            if (index == 0 || task.application != tasks_[index - 1].application) {
                group = group_of_.at(task.application);
                of_application_[task.application].first = index;
            }
            ++of_application_.at(task.application).count;
            task.group = group->id;
            task.wave = group->wave;
            places_.push_back(&node.step->place);
            of_wave_[task.wave].push_back(index);
        }
        edges_ = std::move(graph.edges);
        result_.channels = std::move(graph.channels);
    }

    // One task for each gate of a wave. It opens with the run, so that people see at once what they will
    // be asked; every task of the cutover and after it, and every guarded one, waits for it.
    void add_gates() {
        std::map<WaveId, std::map<GateId, const SourcePlace*>> gates;
        for (const auto& [id, application] : plan_.applications) {
            const WaveId& wave = group_of_.at(id)->wave;
            for (const GateId& gate : application.gates) gates[wave].emplace(gate, &application.place);
        }
        for (const WavePin& pin : plan_.waves) {
            if (wave_index_.count(pin.id) == 0) continue;
            for (const GateId& gate : pin.gates) gates[pin.id].emplace(gate, &pin.place);
        }
        for (const auto& [wave, of_wave] : gates) {
            for (const auto& [gate, place] : of_wave) {
                Task task;
                task.id = TaskId(wave.str() + "/gate/" + gate.str());
                task.kind = TaskKind::kGate;
                task.step = gate.str();
                task.wave = wave;
                task.gate = gate;
                add_gate_edges(wave, static_cast<NodeIndex>(tasks_.size()), *place);
                tasks_.push_back(std::move(task));
                places_.push_back(place);
            }
        }
    }

    void add_gate_edges(const WaveId& wave, NodeIndex gate, const SourcePlace& place) {
        for (const NodeIndex index : of_wave_[wave]) {
            const Task& task = tasks_[index];
            if (task.phase < Phase::kQuiesce && task.guard == Guard::kNone) continue;
            edges_.push_back({index, gate, place});
        }
    }

    void sort_ids() {
        sorted_.resize(tasks_.size());
        std::iota(sorted_.begin(), sorted_.end(), NodeIndex{0});
        std::sort(sorted_.begin(), sorted_.end(), [this](NodeIndex a, NodeIndex b) {
            const int order = tasks_[a].id.str().compare(tasks_[b].id.str());
            return order != 0 ? order < 0 : a < b;
        });
        for (std::size_t i = 1; i < sorted_.size(); ++i) {
            const Task& task = tasks_[sorted_[i - 1]];
            if (task.id != tasks_[sorted_[i]].id) continue;
            faults_.add(*places_[sorted_[i - 1]], DiagnosticCode::kConflict,
                        "task '" + task.id.str() + "' has the name of a gate of its wave");
        }
    }

    [[nodiscard]] NodeIndex index_of(const TaskId& id) const {
        const auto found = std::lower_bound(
            sorted_.begin(), sorted_.end(), id,
            [this](NodeIndex index, const TaskId& wanted) { return tasks_[index].id < wanted; });
        ARARAT_CHECK(found != sorted_.end() && tasks_[*found].id == id, "a task that does not exist");
        return *found;
    }

    // Within a wave the cutover of a move group waits for the switch of what it needs. Groups of
    // different waves are kept apart by the order of the waves.
    void add_application_order() {
        for (const auto& [id, application] : plan_.applications) {
            for (const ApplicationUse& use : application.dependencies) {
                const MoveGroup& here = *group_of_.at(id);
                const auto there = group_of_.find(use.application);
                if (!use.hard || there == group_of_.end()) continue;
                if (here.id == there->second->id || here.wave != there->second->wave) continue;
                add_cutover_edges(id, use);
            }
        }
    }

    void add_cutover_edges(const ApplicationId& application, const ApplicationUse& use) {
        const NodeRange later = of_application_[application];
        const NodeRange earlier = of_application_[use.application];
        for (NodeIndex needed = earlier.first; needed < earlier.first + earlier.count; ++needed) {
            if (tasks_[needed].phase != Phase::kSwitch) continue;
            for (NodeIndex task = later.first; task < later.first + later.count; ++task) {
                if (tasks_[task].phase >= Phase::kQuiesce) edges_.push_back({task, needed, use.place});
            }
        }
    }

    void add_pair_order() {
        for (const auto& [id, application] : plan_.applications) {
            for (const Component& component : application.components) {
                if (component.pairs != PairRule::kSpread || component.hosts.size() < 2) continue;
                const ComponentContext context(plan_, application, component);
                for (const PairEdge& edge : pair_edges(context, turns_of(application, component))) {
                    edges_.push_back({index_of(edge.task), index_of(edge.after), component.place});
                }
            }
        }
    }

    std::vector<std::vector<HostId>> turns_of(const Application& application,
                                              const Component& component) const {
        const auto known = turns_.find({application.id, component.name});
        if (known != turns_.end()) return known->second->turns;
        std::vector<std::vector<HostId>> turns;
        for (const HostId& host : component.hosts) turns.push_back({host});
        return turns;
    }

    // A run executes one wave. What waits for a task of an earlier wave waits by the order of waves.
    void split_by_wave() {
        std::erase_if(edges_, [this](const TaskEdge& edge) {
            const WaveId& wave = tasks_[edge.task].wave;
            const WaveId& before = tasks_[edge.after].wave;
            if (wave == before) return false;
            if (wave_index_.at(before) > wave_index_.at(wave)) {
                faults_.add(edge.place, DiagnosticCode::kConflict,
                            "task '" + tasks_[edge.task].id.str() + "' of " + wave.str() + " waits for '" +
                                tasks_[edge.after].id.str() + "', which moves later, in " + before.str());
                return true;
            }
            std::vector<WaveId>& after = result_.waves[wave_index_.at(wave)].after;
            if (std::count(after.begin(), after.end(), before) == 0) after.push_back(before);
            return true;
        });
        for (Wave& wave : result_.waves) std::sort(wave.after.begin(), wave.after.end());
    }

    void check_outputs() {
        for (NodeIndex index = 0; index < tasks_.size(); ++index) {
            const Task& task = tasks_[index];
            for (const TaskId& id : output_tasks(task)) {
                const Task& from = tasks_[index_of(id)];
                if (from.wave == task.wave) continue;
                faults_.add(*places_[index], DiagnosticCode::kBadReference,
                            "task '" + task.id.str() + "' of " + task.wave.str() + " uses an output of '" +
                                id.str() + "', which runs in " + from.wave.str());
            }
        }
    }

    void check_circles() {
        std::vector<const TaskId*> ids;
        for (const Task& task : tasks_) ids.push_back(&task.id);
        static_cast<void>(report_circles(ids, edges_, faults_));
    }

    void set_order() {
        std::vector<NodeIndex> ranks(tasks_.size());
        for (NodeIndex rank = 0; rank < sorted_.size(); ++rank) ranks[sorted_[rank]] = rank;
        const std::vector<NodeIndex> order = order_tasks(ranks, edges_);
        const EdgeLists before(tasks_.size(), edges_, EdgeLists::Of::kPredecessors);
        edges_ = {};
        // All of them before any task is moved away, its id with it.
        for (NodeIndex index = 0; index < tasks_.size(); ++index) {
            std::vector<NodeIndex> after(before.at(index).begin(), before.at(index).end());
            std::sort(after.begin(), after.end(),
                      [&](NodeIndex a, NodeIndex b) { return ranks[a] < ranks[b]; });
            after.erase(std::unique(after.begin(), after.end()), after.end());
            tasks_[index].after.reserve(after.size());
            for (const NodeIndex earlier : after) tasks_[index].after.push_back(tasks_[earlier].id);
        }
        result_.tasks.reserve(tasks_.size());
        for (const NodeIndex index : order) result_.tasks.push_back(std::move(tasks_[index]));
        tasks_ = {};
    }

    void add_estate() {
        result_.project = plan_.project;
        result_.timezone = plan_.timezone;
        for (const auto& [id, host] : plan_.hosts) result_.hosts.push_back(to_estate(host));
        for (const auto& [id, gate] : plan_.gates) result_.gates.push_back(gate);
        result_.groups = schedule_.groups;
        std::sort(result_.groups.begin(), result_.groups.end(),
                  [](const MoveGroup& a, const MoveGroup& b) { return a.id < b.id; });
        std::sort(result_.channels.begin(), result_.channels.end(),
                  [](const Channel& a, const Channel& b) { return a.id < b.id; });
        for (const Task& task : result_.tasks) {
            for (const ShippedFile& file : task.files) {
                result_.files.emplace(file.sha256, plan_.files.at(file.sha256));
            }
        }
    }

    const Plan& plan_;
    const Schedule& schedule_;
    DiagnosticList faults_;
    std::map<WaveId, std::size_t> wave_index_;
    std::map<ApplicationId, const MoveGroup*> group_of_;
    std::map<std::pair<ApplicationId, std::string>, const PairTurns*> turns_;
    std::vector<Task> tasks_;
    std::vector<const SourcePlace*> places_;            // of tasks_
    std::vector<NodeIndex> sorted_;                     // of tasks_, by id
    std::map<WaveId, std::vector<NodeIndex>> of_wave_;  // without gates
    std::map<ApplicationId, NodeRange> of_application_;
    std::vector<TaskEdge> edges_;
    CompiledPlan result_;
};

}  // namespace

Result<CompiledPlan> compile(const Plan& plan, const Schedule& schedule) {
    return Compiler(plan, schedule).compile();
}

}  // namespace ararat::planning
