#include "planning/order_check.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "planning/runbook_parser.h"
#include "planning/task_order.h"

namespace ararat::planning {
namespace {

std::array<const std::optional<Operation>*, 5> operations_of(const Task& task) {
    return {&task.check, &task.perform, &task.probe, &task.undo, &task.verify};
}

std::vector<ChannelId> tree_channels(const Task& task) {
    std::vector<ChannelId> channels;
    for (const auto* operation : operations_of(task)) {
        if (!operation->has_value()) continue;
        if ((*operation)->verb != Verb::kCopyTree && (*operation)->verb != Verb::kVerifyTree) continue;
        const auto channel = (*operation)->fields.find("channel");
        if (channel != (*operation)->fields.end()) channels.emplace_back(channel->second);
    }
    return channels;
}

class OrderCheck {
public:
    // `circles`: some tasks wait for each other.
    OrderCheck(const Plan& plan, const TaskGraph& graph, bool circles, DiagnosticList& faults)
        : plan_(plan),
          graph_(graph),
          faults_(faults),
          before_(graph.nodes.size()),
          seen_(graph.nodes.size()) {
        for (std::uint32_t i = 0; i < graph.nodes.size(); ++i) index_[graph.nodes[i].task.id.str()] = i;
        for (const TaskEdge& edge : graph.edges) {
            before_[index_.at(edge.task.str())].push_back(index_.at(edge.after.str()));
        }
        if (circles) leave_out_circles();
        for (const WavePin& pin : plan.waves) {
            if (faults.parts().at(pin.place)) gates_known_ = false;
            if (pin.gates.empty()) continue;
            gated_.insert(gated_.end(), pin.applications.begin(), pin.applications.end());
        }
    }

    void check() {
        for (std::uint32_t i = 0; i < graph_.nodes.size(); ++i) check_node(i);
    }

private:
    void check_node(std::uint32_t index) {
        const TaskNode& node = graph_.nodes[index];
        const Task& task = node.task;
        if (task.kind != TaskKind::kStep && task.phase != Phase::kDecommission) return;
        const std::vector<TaskId> outputs = output_tasks(task);
        const std::vector<ChannelId> channels = tree_channels(task);
        const bool ordered = task.phase == Phase::kSwitch || task.phase == Phase::kDecommission;
        if (!ordered && task.guard == Guard::kNone && outputs.empty() && channels.empty()) return;
        const std::vector<std::uint32_t> before = ancestors(index);
        // What is missing may come before it, and may be just what is wanted there.
        if (is_open(index) ||
            std::any_of(before.begin(), before.end(), [this](std::uint32_t i) { return is_open(i); })) {
            return;
        }
        check_phases(node, before);
        check_guard(node, before);
        for (const TaskId& from : outputs) {
            const auto found = index_.find(from.str());
            if (found != index_.end() && std::binary_search(before.begin(), before.end(), found->second)) {
                continue;
            }
            report(node, DiagnosticCode::kUnsafeOrder,
                   "uses an output of '" + from.str() + "', which does not come before it");
        }
        for (const ChannelId& channel : channels) check_channel(node, channel, before);
    }

    // Not everything that comes before this task is known.
    [[nodiscard]] bool is_open(std::uint32_t index) const {
        return graph_.incomplete.contains(graph_.nodes[index].component) ||
               (!unordered_.empty() && unordered_[index]);
    }

    // Tasks in a circle, and those after one: Kahn's algorithm (1962) does not reach them.
    void leave_out_circles() {
        std::vector<std::vector<std::uint32_t>> behind(before_.size());
        std::vector<std::size_t> open(before_.size());
        std::vector<std::uint32_t> free;
        unordered_.assign(before_.size(), true);
        for (std::uint32_t i = 0; i < before_.size(); ++i) {
            open[i] = before_[i].size();
            if (open[i] == 0) free.push_back(i);
            for (const std::uint32_t earlier : before_[i]) behind[earlier].push_back(i);
        }
        while (!free.empty()) {
            const std::uint32_t next = free.back();
            free.pop_back();
            unordered_[next] = false;
            for (const std::uint32_t later : behind[next]) {
                if (--open[later] == 0) free.push_back(later);
            }
        }
    }

    [[nodiscard]] bool any_before(const TaskNode& node, const std::vector<std::uint32_t>& before,
                                  bool (*good)(const Task&)) const {
        return std::any_of(before.begin(), before.end(), [&](std::uint32_t i) {
            const TaskNode& other = graph_.nodes[i];
            return other.component == node.component && good(other.task);
        });
    }

    void check_phases(const TaskNode& node, const std::vector<std::uint32_t>& before) {
        const auto is_verify = [](const Task& task) { return task.phase == Phase::kVerify; };
        const auto is_soak = [](const Task& task) { return task.kind == TaskKind::kSoak; };
        const bool waived = !node.step->verify_waived.empty() || !node.component->verify_waived.empty();
        if (node.task.phase == Phase::kSwitch && !waived && !any_before(node, before, is_verify)) {
            report(node, DiagnosticCode::kUnsafeOrder,
                   "switches before anything of its component was verified (meant: a step of phase verify "
                   "before it, or verify_waived with the reason)");
        }
        if (node.task.phase == Phase::kDecommission && !any_before(node, before, is_soak)) {
            report(node, DiagnosticCode::kUnsafeOrder,
                   "decommissions before a soak (meant: a soak step before it)");
        }
    }

    void check_guard(const TaskNode& node, const std::vector<std::uint32_t>& before) {
        if (node.task.guard == Guard::kNone) return;
        const Application& application = plan_.applications.at(node.task.application);
        if (!application.gates.empty() || faults_.parts().at(application.place, "gates")) return;
        if (!gates_known_) return;
        if (std::count(gated_.begin(), gated_.end(), application.id) > 0) return;
        if (any_before(node, before, [](const Task& task) { return task.kind == TaskKind::kGate; })) return;
        report(node, DiagnosticCode::kMissingGate,
               "needs an approval and has no gate before it (meant: 'gates' of its application or wave, or "
               "a gate step before it)");
    }

    void check_channel(const TaskNode& node, const ChannelId& channel,
                       const std::vector<std::uint32_t>& before) {
        const auto opens = [&channel](const Task& task) {
            return std::count(task.opens.begin(), task.opens.end(), channel) > 0;
        };
        const auto closes = [&channel](const Task& task) {
            return std::count(task.closes.begin(), task.closes.end(), channel) > 0;
        };
        bool open = opens(node.task);
        bool closed = false;
        if (channel_is_faulty(node, channel)) return;
        for (const std::uint32_t i : before) {
            open = open || opens(graph_.nodes[i].task);
            closed = closed || closes(graph_.nodes[i].task);
        }
        if (open && !closed) return;
        report(node, DiagnosticCode::kChannelUse,
               "uses channel '" + channel.str() + "' " +
                   (closed ? "after it was closed" : "before it is opened"));
    }

    // Its runbook opens and closes it in a way that was reported there.
    [[nodiscard]] bool channel_is_faulty(const TaskNode& node, const ChannelId& id) const {
        const std::string name = id.str().substr(id.str().rfind('/') + 1);
        for (const RunbookChannel& channel : plan_.runbooks.at(node.component->runbook).channels) {
            if (channel.name == name && faults_.parts().at(channel.place, kChannelUse)) return true;
        }
        return false;
    }

    void report(const TaskNode& node, DiagnosticCode code, const std::string& message) {
        faults_.add(node.step->place, code,
                    "step '" + node.step->id + "' for '" + node.task.application.str() + "/" +
                        node.task.component + "' " + message);
    }

    // Every task that comes before this one, sorted by index. Without recursion.
    [[nodiscard]] std::vector<std::uint32_t> ancestors(std::uint32_t index) {
        std::vector<std::uint32_t> found;
        ++stamp_;
        std::vector<std::uint32_t> open = {index};
        while (!open.empty()) {
            const std::uint32_t current = open.back();
            open.pop_back();
            for (const std::uint32_t next : before_[current]) {
                if (seen_[next] == stamp_) continue;
                seen_[next] = stamp_;
                found.push_back(next);
                open.push_back(next);
            }
        }
        std::sort(found.begin(), found.end());
        return found;
    }

    const Plan& plan_;
    const TaskGraph& graph_;
    DiagnosticList& faults_;
    std::unordered_map<std::string, std::uint32_t> index_;
    std::vector<std::vector<std::uint32_t>> before_;
    std::vector<ApplicationId> gated_;
    bool gates_known_ = true;          // false: a wave that could not be read may have gates
    std::vector<bool> unordered_;      // empty: none
    std::vector<std::uint32_t> seen_;  // in which search a task was last met; never cleared
    std::uint32_t stamp_ = 0;
};

}  // namespace

void check_order(const Plan& plan, const TaskGraph& graph, DiagnosticList& faults) {
    std::vector<TaskId> tasks;
    for (const TaskNode& node : graph.nodes) tasks.push_back(node.task.id);
    const bool circles = !order_tasks(tasks, graph.edges, faults);
    OrderCheck(plan, graph, circles, faults).check();
}

}  // namespace ararat::planning
