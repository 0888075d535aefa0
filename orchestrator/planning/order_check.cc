#include "planning/order_check.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "planning/runbook_parser.h"
#include "planning/task_order.h"

namespace ararat::planning {
namespace {

std::array<const Boxed<Operation>*, 5> operations_of(const Task& task) {
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
    // `unordered`: tasks in circles and after them; empty: none.
    OrderCheck(const Plan& plan, const TaskGraph& graph, std::vector<bool> unordered, DiagnosticList& faults)
        : plan_(plan),
          graph_(graph),
          faults_(faults),
          before_(graph.nodes.size(), graph.edges, EdgeLists::Of::kPredecessors),
          unordered_(std::move(unordered)),
          seen_(graph.nodes.size()) {
        for (const WavePin& pin : plan.waves) {
            if (faults.parts().at(pin.place)) gates_known_ = false;
            if (pin.gates.empty()) continue;
            gated_.insert(gated_.end(), pin.applications.begin(), pin.applications.end());
        }
    }

    void check() {
        for (NodeIndex i = 0; i < graph_.nodes.size(); ++i) check_node(i);
    }

private:
    void check_node(NodeIndex index) {
        const TaskNode& node = graph_.nodes[index];
        const Task& task = node.task;
        if (task.kind != TaskKind::kStep && task.phase != Phase::kDecommission) return;
        const std::vector<TaskId> outputs = output_tasks(task);
        const std::vector<ChannelId> channels = tree_channels(task);
        const bool ordered = task.phase == Phase::kSwitch || task.phase == Phase::kDecommission;
        if (!ordered && task.guard == Guard::kNone && outputs.empty() && channels.empty()) return;
        const std::vector<NodeIndex> before = ancestors(index);
        // What is missing may come before it, and may be just what is wanted there.
        if (is_open(index) ||
            std::any_of(before.begin(), before.end(), [this](NodeIndex i) { return is_open(i); })) {
            return;
        }
        check_phases(node, before);
        check_guard(node, before);
        for (const TaskId& from : outputs) {
            if (comes_before(from, before)) continue;
            report(node, DiagnosticCode::kUnsafeOrder,
                   "uses an output of '" + from.str() + "', which does not come before it");
        }
        for (const ChannelId& channel : channels) check_channel(node, channel, before);
    }

    [[nodiscard]] bool comes_before(const TaskId& id, const std::vector<NodeIndex>& before) const {
        return std::any_of(before.begin(), before.end(),
                           [&](NodeIndex i) { return graph_.nodes[i].task.id == id; });
    }

    // Not everything that comes before this task is known.
    [[nodiscard]] bool is_open(NodeIndex index) const {
        return graph_.incomplete.contains(graph_.nodes[index].component) ||
               (!unordered_.empty() && unordered_[index]);
    }

    [[nodiscard]] bool any_before(const TaskNode& node, const std::vector<NodeIndex>& before,
                                  bool (*good)(const Task&)) const {
        return std::any_of(before.begin(), before.end(), [&](NodeIndex i) {
            const TaskNode& other = graph_.nodes[i];
            return other.component == node.component && good(other.task);
        });
    }

    void check_phases(const TaskNode& node, const std::vector<NodeIndex>& before) {
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

    void check_guard(const TaskNode& node, const std::vector<NodeIndex>& before) {
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

    void check_channel(const TaskNode& node, const ChannelId& channel, const std::vector<NodeIndex>& before) {
        const auto opens = [&channel](const Task& task) {
            return std::count(task.opens.begin(), task.opens.end(), channel) > 0;
        };
        const auto closes = [&channel](const Task& task) {
            return std::count(task.closes.begin(), task.closes.end(), channel) > 0;
        };
        bool open = opens(node.task);
        bool closed = false;
        if (channel_is_faulty(node, channel)) return;
        for (const NodeIndex i : before) {
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
    [[nodiscard]] std::vector<NodeIndex> ancestors(NodeIndex index) {
        std::vector<NodeIndex> found;
        ++stamp_;
        std::vector<NodeIndex> open = {index};
        while (!open.empty()) {
            const NodeIndex current = open.back();
            open.pop_back();
            for (const NodeIndex next : before_.at(current)) {
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
    EdgeLists before_;
    std::vector<ApplicationId> gated_;
    bool gates_known_ = true;          // false: a wave that could not be read may have gates
    std::vector<bool> unordered_;      // empty: none
    std::vector<std::uint32_t> seen_;  // in which search a task was last met; never cleared
    std::uint32_t stamp_ = 0;
};

}  // namespace

void check_order(const Plan& plan, const TaskGraph& graph, DiagnosticList& faults) {
    std::vector<const TaskId*> ids;
    for (const TaskNode& node : graph.nodes) ids.push_back(&node.task.id);
    std::vector<bool> unordered = report_circles(ids, graph.edges, faults);
    OrderCheck(plan, graph, std::move(unordered), faults).check();
}

}  // namespace ararat::planning
