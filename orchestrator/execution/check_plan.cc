// A compiled plan arrives from outside (a person's file, a message): nothing in it is believed before it
// has passed here, because the engine follows its references without looking back.
#include <algorithm>
#include <set>
#include <unordered_map>

#include "execution/engine_core.h"

namespace ararat::execution {
namespace {

constexpr std::size_t kFaultsShown = 20;
constexpr std::size_t kTasksMax = 1'000'000;

class PlanCheck {
public:
    PlanCheck(const CompiledPlan& plan, bool is_new) : plan_(plan), is_new_(is_new) {}

    Result<void> run() {
        if (plan_.project.empty()) fault("the plan names no project");
        if (plan_.hash.empty()) fault("the plan is not sealed: it has no hash");
        if (plan_.tasks.size() > kTasksMax) fault("more than 1000000 tasks");
        collect();
        for (const Wave& wave : plan_.waves) check_wave(wave);
        for (const MoveGroup& group : plan_.groups) check_group(group);
        for (const Channel& channel : plan_.channels) check_channel(channel);
        for (std::size_t i = 0; i < plan_.tasks.size(); ++i) check_task(plan_.tasks[i], i);
        if (count_ == 0) return {};
        std::string message = words_;
        if (count_ > kFaultsShown) message += "; and " + std::to_string(count_ - kFaultsShown) + " more";
        return Error{ErrorCode::kInvalidArgument, message, "compiled plan"};
    }

private:
    void fault(const std::string& words) {
        if (++count_ <= kFaultsShown) words_ += (words_.empty() ? "" : "; ") + words;
    }

    template <typename Id, typename Items>
    void collect_ids(std::set<Id>& ids, const Items& items, const char* what) {
        for (const auto& item : items) {
            if (item.id.empty()) fault(std::string("a ") + what + " without an id");
            if (!ids.insert(item.id).second)
                fault(std::string(what) + " " + item.id.str() + " is there twice");
        }
    }

    void collect() {
        collect_ids(hosts_, plan_.hosts, "host");
        collect_ids(channels_, plan_.channels, "channel");
        collect_ids(gates_, plan_.gates, "gate");
        collect_ids(waves_, plan_.waves, "wave");
        for (const MoveGroup& group : plan_.groups) {
            if (!groups_.emplace(group.id, group.wave).second)
                fault("group " + group.id.str() + " is there twice");
        }
        for (std::size_t i = 0; i < plan_.tasks.size(); ++i) {
            if (!tasks_.emplace(plan_.tasks[i].id, i).second) {
                fault("task " + plan_.tasks[i].id.str() + " is there twice");
            }
        }
        behind_gate_.assign(plan_.tasks.size(), false);
    }

    void check_wave(const Wave& wave) {
        if (wave.subtree.empty()) fault("wave " + wave.id.str() + " is not sealed");
        if (wave.window_end < wave.window_start) fault("wave " + wave.id.str() + " ends before it starts");
        for (const MoveGroupId& group : wave.groups) {
            const auto found = groups_.find(group);
            if (found == groups_.end() || found->second != wave.id) {
                fault("wave " + wave.id.str() + " names group " + group.str() +
                      ", which is not of this wave");
            }
        }
        for (const WaveId& before : wave.after) {
            if (!waves_.contains(before))
                fault("wave " + wave.id.str() + " follows " + before.str() + ", which is not there");
        }
    }

    void check_group(const MoveGroup& group) {
        if (!waves_.contains(group.wave)) fault("group " + group.id.str() + " is of no wave");
    }

    void check_channel(const Channel& channel) {
        if (!hosts_.contains(channel.source) || !hosts_.contains(channel.target)) {
            fault("channel " + channel.id.str() + " has an end on no host of the plan");
        }
    }

    void check_task(const Task& task, std::size_t place) {
        const std::string name = "task " + task.id.str();
        if (task.id.empty()) fault("a task without an id");
        if (!waves_.contains(task.wave)) fault(name + " is of no wave");
        if (!task.group.empty()) {
            const auto group = groups_.find(task.group);
            if (group == groups_.end() || group->second != task.wave)
                fault(name + " is of no group of its wave");
        }
        check_kind(task, name);
        if (is_new_) check_power_off(task, name);
        for (const auto* list : {&task.opens, &task.closes}) {
            for (const ChannelId& channel : *list) {
                if (!channels_.contains(channel))
                    fault(name + " uses channel " + channel.str() + ", which is not there");
            }
        }
        for (const ShippedFile& file : task.files) {
            if (!plan_.files.contains(file.sha256))
                fault(name + " ships " + file.name + ", whose bytes are not there");
        }
        check_predecessors(task, place, name);
        if (is_new_ && task.guard != Guard::kNone && !behind_gate_[place]) {
            fault(name +
                  " is guarded and stands behind no gate: someone other than the author has to approve it");
        }
    }

    void check_kind(const Task& task, const std::string& name) {
        switch (task.kind) {
            case TaskKind::kStep:
                if (!hosts_.contains(task.executor)) fault(name + " has no host to run on");
                if (!task.check && !task.perform && !task.verify) fault(name + " has nothing to do");
                if (task.action_class == ActionClass::kProbeable && !task.probe && !task.check) {
                    fault(name + " is probeable without a probe");
                }
                if (task.retry.attempts_max < 1) fault(name + " has no attempt");
                if (task.group.empty()) fault(name + " is of no group");
                return;
            case TaskKind::kGate:
                if (!gates_.contains(task.gate)) fault(name + " names no gate of the plan");
                break;
            case TaskKind::kManual:
            case TaskKind::kSoak: break;
        }
        if (!task.executor.empty()) fault(name + " is for a person or the clock and must not name a host");
    }

    // The action's author may have left the guard out, and who sends a plan need not have used our parser.
    void check_power_off(const Task& task, const std::string& name) {
        if (task.guard == Guard::kPowerOff || task.guard == Guard::kDecommission) return;
        for (const auto* operation : {&task.check, &task.perform, &task.probe, &task.undo, &task.verify}) {
            if (!operation->has_value() || (*operation)->verb != Verb::kPowerOff) continue;
            fault(name + " powers a host off and is not guarded as power-off or decommission");
            return;
        }
    }

    void check_predecessors(const Task& task, std::size_t place, const std::string& name) {
        bool behind = task.kind == TaskKind::kGate;
        const TaskId* last = nullptr;
        for (const TaskId& id : task.after) {
            if (last != nullptr && !(*last < id)) fault(name + " has predecessors out of order or twice");
            last = &id;
            const auto found = tasks_.find(id);
            if (found == tasks_.end()) {
                fault(name + " follows " + id.str() + ", which is not there");
                continue;
            }
            if (found->second >= place)
                fault(name + " follows " + id.str() + ", which does not stand before it");
            const Task& before = plan_.tasks[found->second];
            if (before.wave != task.wave && before.group.empty()) {
                fault(name + " follows " + id.str() + ", which is of another wave and of no group");
            }
            if (found->second < place && behind_gate_[found->second]) behind = true;
        }
        behind_gate_[place] = behind;
    }

    const CompiledPlan& plan_;
    const bool is_new_;  // rules of safety too, not only what the engine follows
    std::set<HostId> hosts_;
    std::set<ChannelId> channels_;
    std::set<GateId> gates_;
    std::set<WaveId> waves_;
    std::map<MoveGroupId, WaveId> groups_;
    std::unordered_map<TaskId, std::size_t> tasks_;
    std::vector<bool> behind_gate_;
    std::string words_;
    std::size_t count_ = 0;
};

}  // namespace

Result<void> check_plan(const CompiledPlan& plan) { return PlanCheck(plan, false).run(); }
Result<void> check_new_plan(const CompiledPlan& plan) { return PlanCheck(plan, true).run(); }

}  // namespace ararat::execution
