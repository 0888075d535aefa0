#include "planning/compile.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

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
    }

    Result<CompiledPlan> compile() {
        check_schedule();
        if (!faults_.empty()) return error_of(faults_);
        auto graph = build_task_graph(plan_, faults_);
        if (!faults_.empty() || !graph) return error_of(faults_);
        result_.waves = schedule_.waves;
        take_tasks(std::move(*graph));
        add_gates();
        add_application_order();
        add_pair_order();
        split_by_wave();
        check_outputs();
        if (!faults_.empty()) return error_of(faults_);
        if (!set_order()) return error_of(faults_);
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
        for (TaskNode& node : graph.nodes) {
            Task task = std::move(node.task);
            const MoveGroup& group = *group_of_.at(task.application);
            task.group = group.id;
            task.wave = group.wave;
            places_[task.id] = node.step->place;
            of_wave_[task.wave].push_back(task.id);
            of_application_[task.application].push_back(task.id);
            tasks_.emplace(task.id, std::move(task));
        }
        edges_ = std::move(graph.edges);
        result_.channels = std::move(graph.channels);
    }

    // One task for each gate of a wave. It opens with the run, so that people see at once what they will
    // be asked; every task of the cutover and after it, and every guarded one, waits for it.
    void add_gates() {
        std::map<WaveId, std::map<GateId, SourcePlace>> gates;
        for (const auto& [id, application] : plan_.applications) {
            const WaveId& wave = group_of_.at(id)->wave;
            for (const GateId& gate : application.gates) gates[wave].emplace(gate, application.place);
        }
        for (const WavePin& pin : plan_.waves) {
            if (wave_index_.count(pin.id) == 0) continue;
            for (const GateId& gate : pin.gates) gates[pin.id].emplace(gate, pin.place);
        }
        std::map<TaskId, Task> added;
        for (const auto& [wave, of_wave] : gates) {
            for (const auto& [gate, place] : of_wave) {
                Task task;
                task.id = TaskId(wave.str() + "/gate/" + gate.str());
                task.kind = TaskKind::kGate;
                task.step = gate.str();
                task.wave = wave;
                task.gate = gate;
                add_gate_edges(task, place);
                added.emplace(task.id, std::move(task));
            }
        }
        for (auto& [id, task] : added) {
            if (tasks_.emplace(id, std::move(task)).second) continue;
            faults_.add(places_.at(id), DiagnosticCode::kConflict,
                        "task '" + id.str() + "' has the name of a gate of its wave");
        }
    }

    void add_gate_edges(const Task& gate, const SourcePlace& place) {
        for (const TaskId& id : of_wave_[gate.wave]) {
            const Task& task = tasks_.at(id);
            if (task.phase < Phase::kQuiesce && task.guard == Guard::kNone) continue;
            edges_.push_back({id, gate.id, place});
        }
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
        for (const TaskId& needed : of_application_[use.application]) {
            if (tasks_.at(needed).phase != Phase::kSwitch) continue;
            for (const TaskId& id : of_application_[application]) {
                if (tasks_.at(id).phase >= Phase::kQuiesce) edges_.push_back({id, needed, use.place});
            }
        }
    }

    void add_pair_order() {
        for (const auto& [id, application] : plan_.applications) {
            for (const Component& component : application.components) {
                if (component.pairs != PairRule::kSpread || component.hosts.size() < 2) continue;
                const ComponentContext context(plan_, application, component);
                for (TaskEdge& edge : pair_edges(context, turns_of(application, component))) {
                    edges_.push_back(std::move(edge));
                }
            }
        }
    }

    std::vector<std::vector<HostId>> turns_of(const Application& application,
                                              const Component& component) const {
        for (const PairTurns& entry : schedule_.pair_turns) {
            if (entry.application == application.id && entry.component == component.name) {
                return entry.turns;
            }
        }
        std::vector<std::vector<HostId>> turns;
        for (const HostId& host : component.hosts) turns.push_back({host});
        return turns;
    }

    // A run executes one wave. What waits for a task of an earlier wave waits by the order of waves.
    void split_by_wave() {
        std::vector<TaskEdge> within;
        for (TaskEdge& edge : edges_) {
            const WaveId& wave = tasks_.at(edge.task).wave;
            const WaveId& before = tasks_.at(edge.after).wave;
            if (wave == before) {
                within.push_back(std::move(edge));
                continue;
            }
            if (wave_index_.at(before) > wave_index_.at(wave)) {
                faults_.add(edge.place, DiagnosticCode::kConflict,
                            "task '" + edge.task.str() + "' of " + wave.str() + " waits for '" +
                                edge.after.str() + "', which moves later, in " + before.str());
                continue;
            }
            std::vector<WaveId>& after = result_.waves[wave_index_.at(wave)].after;
            if (std::count(after.begin(), after.end(), before) == 0) after.push_back(before);
        }
        for (Wave& wave : result_.waves) std::sort(wave.after.begin(), wave.after.end());
        edges_ = std::move(within);
    }

    void check_outputs() {
        for (const auto& [id, task] : tasks_) {
            for (const TaskId& from : output_tasks(task)) {
                const auto found = tasks_.find(from);
                ARARAT_CHECK(found != tasks_.end(), "an output of a task that does not exist");
                if (found->second.wave == task.wave) continue;
                faults_.add(places_.at(id), DiagnosticCode::kBadReference,
                            "task '" + id.str() + "' of " + task.wave.str() + " uses an output of '" +
                                from.str() + "', which runs in " + found->second.wave.str());
            }
        }
    }

    bool set_order() {
        std::vector<TaskId> ids;
        for (const auto& [id, task] : tasks_) ids.push_back(id);
        const auto order = order_tasks(ids, edges_, faults_);
        if (!order) return false;
        for (const TaskEdge& edge : edges_) tasks_.at(edge.task).after.push_back(edge.after);
        for (const TaskId& id : *order) {
            Task task = std::move(tasks_.at(id));
            std::sort(task.after.begin(), task.after.end());
            task.after.erase(std::unique(task.after.begin(), task.after.end()), task.after.end());
            result_.tasks.push_back(std::move(task));
        }
        return true;
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
    std::map<TaskId, Task> tasks_;
    std::map<TaskId, SourcePlace> places_;
    std::map<WaveId, std::vector<TaskId>> of_wave_;
    std::map<ApplicationId, std::vector<TaskId>> of_application_;
    std::vector<TaskEdge> edges_;
    CompiledPlan result_;
};

}  // namespace

Result<CompiledPlan> compile(const Plan& plan, const Schedule& schedule) {
    return Compiler(plan, schedule).compile();
}

}  // namespace ararat::planning
