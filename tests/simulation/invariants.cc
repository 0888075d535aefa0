#include "tests/simulation/invariants.h"

#include <algorithm>
#include <set>

#include "tests/simulation/plan_facts.h"
#include "tests/simulation/virtual_supervisors.h"

namespace ararat::simulation {

using namespace execution;

namespace {

bool gate_granted(const State& state, const CompiledPlan& plan, const Task& gate_task) {
    const auto gate = std::find_if(plan.gates.begin(), plan.gates.end(),
                                   [&](const Gate& each) { return each.id == gate_task.gate; });
    const auto wave = std::find_if(plan.waves.begin(), plan.waves.end(),
                                   [&](const Wave& each) { return each.id == gate_task.wave; });
    const auto decided = state.decisions.find({gate_task.wave, gate_task.gate});
    if (decided == state.decisions.end()) return false;
    std::set<RoleId> granted;
    std::set<std::string> people;
    for (const auto& [role, decisions] : decided->second) {
        bool last = true;
        for (const GateDecision& decision : decisions) {
            if (decision.subtree != wave->subtree) continue;
            last = decision.granted;
            if (!decision.granted) continue;
            granted.insert(role);
            people.insert(decision.by);
        }
        if (!last) return false;
    }
    if (!gate->all) return !granted.empty();
    return granted.size() == gate->roles.size() && people.size() >= gate->roles.size();
}

// Every task that has to come before this one.
std::set<TaskId> ancestors(const CompiledPlan& plan, const Task& task) {
    std::set<TaskId> found;
    std::vector<TaskId> open(task.after.begin(), task.after.end());
    while (!open.empty()) {
        const TaskId id = open.back();
        open.pop_back();
        if (!found.insert(id).second) continue;
        const auto& after = find_task(plan, id)->after;
        open.insert(open.end(), after.begin(), after.end());
    }
    return found;
}

// Guarded steps have their gates, and nothing is taken down before it has soaked.
void check_what_stands_before(const State& state, const Run& run, const Task& task, const std::string& name,
                              std::vector<std::string>& faults) {
    if (task.guard == Guard::kNone && task.phase != Phase::kDecommission) return;
    bool soaked = task.phase != Phase::kDecommission;
    for (const TaskId& id : ancestors(*run.plan, task)) {
        const Task& before = *find_task(*run.plan, id);
        const bool granted = before.kind != TaskKind::kGate || gate_granted(state, *run.plan, before);
        if (!granted) faults.push_back(name + " without its gate " + before.gate.str());
        if (before.kind == TaskKind::kSoak && before.group == task.group) soaked = true;
    }
    if (!soaked) faults.push_back(name + " takes down what has not soaked");
}

// Done, or skipped on record by a person when its own turn had come, for a step of the group `of`. A group
// that moved in an earlier run counts, one that turned back in this does not, unless `of` may end without it.
bool is_satisfied(const State& state, const Stood& stood, const Run& run, const TaskId& id,
                  const MoveGroupId& of) {
    const auto progress = run.tasks.find(id);
    const Task* task = find_task(*run.plan, id);
    if (progress == run.tasks.end()) return state.moved.contains(task->group);
    if (stood.without.contains({run.id, of, task->group})) return true;
    if (stood.turned_back.contains({run.id, task->group})) return false;
    const auto found = stood.tasks.find({run.id, id});
    const TaskState is = found == stood.tasks.end() ? TaskState::kWaiting : found->second;
    if (is == TaskState::kSucceeded) return true;
    if (is != TaskState::kSkipped || progress->second.reason.empty()) return false;
    return std::all_of(task->after.begin(), task->after.end(), [&](const TaskId& before) {
        return is_satisfied(state, stood, run, before, task->group);
    });
}

// A group of which a step waits for one that turned back starts nothing more.
void check_nothing_is_lacking(const Stood& stood, const Run& run, const Task& task, const std::string& name,
                              std::vector<std::string>& faults) {
    for (const auto& [of, needed] : stood.turned_back) {
        if (of != run.id || needed == task.group || stood.without.contains({of, task.group, needed}))
            continue;
        for (const Task& each : run.plan->tasks) {
            if (each.group != task.group) continue;
            const auto found = stood.tasks.find({run.id, each.id});
            const TaskState is = found == stood.tasks.end() ? TaskState::kWaiting : found->second;
            if (is == TaskState::kSucceeded || is == TaskState::kSkipped) continue;
            const bool waits = std::ranges::any_of(each.after, [&](const TaskId& before) {
                return find_task(*run.plan, before)->group == needed;
            });
            if (waits) faults.push_back(name + " goes out although " + each.id.str() + " waits in vain");
        }
    }
}

// How long a back-out from this task on would take.
Duration return_from(const State& state, const Run& run, const Task& task,
                     std::map<TaskId, Duration>& known) {
    if (const auto found = known.find(task.id); found != known.end()) return found->second;
    Duration longest{0};
    for (const Task& follower : run.plan->tasks) {
        if (follower.group != task.group || !std::ranges::binary_search(follower.after, task.id)) continue;
        longest = std::max(longest, return_from(state, run, follower, known));
    }
    const TaskProgress& progress = run.tasks.at(task.id);
    const bool stands =
        progress.performed && progress.state != TaskState::kUndone && !task.point_of_no_return;
    if (stands && task.undo) {
        const auto times = state.times.find(task.id);
        Duration own = task.undo_expected != Duration{0} ? task.undo_expected : task.undo->timeout;
        if (times != state.times.end() && times->second.undo) own = *times->second.undo;
        longest += own;
    }
    known[task.id] = longest;
    return longest;
}

// Without a go a step of the cutover leaves the time that a back-out needs.
void check_time_to_return(const State& state, const Run& run, const Task& task, Instant now,
                          std::vector<std::string>& faults) {
    const auto late = run.late_returns.find(task.group);
    if (!is_cutover(task) || run.ignore_window || had_passed(run, task)) return;
    if (late != run.late_returns.end() && late->second.go) return;
    const auto wave =
        std::ranges::find_if(run.plan->waves, [&](const Wave& each) { return each.id == run.wave; });
    if (wave->window_end - now > std::chrono::hours{24}) return;
    std::map<TaskId, Duration> known;
    for (const Task& each : run.plan->tasks) {
        if (each.group != task.group) continue;
        if (now < wave->window_end - return_from(state, run, each, known)) continue;
        faults.push_back(task.id.str() + " starts too late for a back-out inside the window, without a go");
        return;
    }
}

// Back-out goes in reverse order, also between groups that are backing out at once.
std::vector<std::string> check_undo(const Run& run, const AttemptKey& key) {
    std::vector<std::string> faults;
    for (const Task& follower : run.plan->tasks) {
        const auto progress = run.tasks.find(follower.id);
        const auto group = run.groups.find(follower.group);
        if (progress == run.tasks.end() || group == run.groups.end()) continue;
        if (group->second != GroupState::kBackingOut || !progress->second.performed) continue;
        if (std::find(follower.after.begin(), follower.after.end(), key.task) == follower.after.end())
            continue;
        const TaskState is = progress->second.state;
        if (is == TaskState::kUndone || is == TaskState::kUndoFailed) continue;
        faults.push_back(to_string(key) + " went out before " + follower.id.str() + " was undone");
    }
    return faults;
}

}  // namespace

std::vector<std::string> check_command(const State& state, const Command& command) {
    const Run& run = state.runs.at(command.key.run);
    const Task* task = find_task(*run.plan, command.key.task);
    const std::string name = to_string(command.key);
    if (task == nullptr) return {"a command for a task that is not in the plan: " + name};
    std::vector<std::string> faults;
    if (command.epoch != state.epoch) faults.push_back("a command of another epoch: " + name);
    if (task->executor != command.host) faults.push_back("sent to the wrong host: " + name);
    return faults;
}

std::vector<std::string> check_intent(const State& state, const Stood& stood, const AttemptStarted& intent,
                                      Instant now) {
    const Run& run = state.runs.at(intent.key.run);
    const Task* task = find_task(*run.plan, intent.key.task);
    const std::string name = to_string(intent.key);
    if (task == nullptr) return {"an intent for a task that is not in the plan: " + name};
    if (intent.key.purpose == Purpose::kUndo) return check_undo(run, intent.key);
    std::vector<std::string> faults;
    check_nothing_is_lacking(stood, run, *task, name, faults);
    if (intent.key.purpose != Purpose::kForward) return faults;
    const TaskProgress& own = run.tasks.at(task->id);
    if (task->action_class == ActionClass::kOneShot && own.attempts - own.attempts_base > 1)
        faults.push_back(name + " is repeated although nobody asked for it");
    for (const TaskId& before : task->after) {
        if (!is_satisfied(state, stood, run, before, task->group))
            faults.push_back(name + " went out before " + before.str());
    }
    check_time_to_return(state, run, *task, now, faults);
    for (const Wave& wave : run.plan->waves) {
        if (wave.id != run.wave || !is_cutover(*task) || run.ignore_window) continue;
        const auto late = run.late_returns.find(task->group);
        const bool has_go = late != run.late_returns.end() && late->second.go;
        if (now >= wave.window_end && has_go && had_passed(run, *task)) continue;
        if (now < wave.window_start || now >= wave.window_end) faults.push_back(name + " outside its window");
    }
    check_what_stands_before(state, run, *task, name, faults);
    return faults;
}

std::vector<std::string> check_world(const CompiledPlan& plan, const Witness& witness) {
    std::vector<std::string> faults = witness.faults;
    for (const MoveGroup& group : plan.groups) {
        const bool switched = witness.applied.contains(TaskId(group.id.str() + "/switch"));
        const bool quiet = witness.applied.contains(TaskId(group.id.str() + "/quiesce"));
        if (switched && !quiet)
            faults.push_back("source and target of " + group.id.str() + " are both writable");
    }
    return faults;
}

namespace {

// What this run's attempts at a step have done, as the witness saw it.
bool had_effect(const ProjectId& project, const Run& run, const TaskId& task, const Witness& witness) {
    const std::string begin = to_string(AttemptKey{project, run.id, task, Purpose::kForward, 0});
    const std::string_view prefix = std::string_view(begin).substr(0, begin.rfind('|') + 1);
    const auto found = witness.effects.lower_bound(std::string(prefix));
    return found != witness.effects.end() && found->first.starts_with(prefix);
}

// On a lost target, and named where the group's end is told; never on a source.
bool was_left(const Run& run, const Task& task) {
    const std::string& told = run.group_reasons.at(task.group);
    const auto list = told.find("not undone, because their host is lost: ");
    return task.executor != task.source && list != std::string::npos &&
           told.find(task.id.str(), list) != std::string::npos;
}

// Nothing that can be undone stands where a back-out is said to have ended, but on a host that a person left
// as it was.
void check_backed_out(const ProjectId& project, const Run& run, const Witness& witness,
                      std::vector<std::string>& faults) {
    for (const Task& task : run.plan->tasks) {
        const auto group = run.groups.find(task.group);
        if (group == run.groups.end() || group->second != GroupState::kBackedOut || !task.undo) continue;
        const TaskProgress& progress = run.tasks.at(task.id);
        if (progress.state == TaskState::kUndoFailed && was_left(run, task)) continue;
        const std::string is = task.id.str() + " is " + std::string(to_string(progress.state));
        const bool is_undone = progress.state == TaskState::kUndone;
        if (progress.performed && !is_undone) faults.push_back(is + " in a group that is backed out");
        if (!witness.applied.contains(task.id)) continue;
        if (is_undone || had_effect(project, run, task.id, witness))
            faults.push_back(is + " in a group that is backed out, and its effect stands");
    }
}

}  // namespace

std::vector<std::string> check_rest(const State& state, const Witness& witness) {
    std::vector<std::string> faults;
    for (const auto& [id, run] : state.runs) {
        if (!is_final(run.status)) {
            faults.push_back("run " + id.str() + " is " + std::string(to_string(run.status)) +
                             " for ever: " + run.reason);
            continue;
        }
        for (const auto& [task, progress] : run.tasks) {
            if (progress.in_flight) faults.push_back(task.str() + " is out although its run has ended");
            if (!is_final(progress.state)) faults.push_back(task.str() + " has no final state");
        }
    }
    // The newest run of a wave says what should be left of it.
    std::map<WaveId, const Run*> newest;
    for (const auto& [id, run] : state.runs) {
        const Run*& kept = newest[run.wave];
        const bool later = kept == nullptr || id.str().size() > kept->id.str().size() ||
                           (id.str().size() == kept->id.str().size() && kept->id < id);
        if (later) kept = &run;
    }
    for (const auto& [wave, run] : newest) check_backed_out(state.project, *run, witness, faults);
    return faults;
}

bool is_repeatable(const CompiledPlan& plan, const std::string& key) {
    const Task* task = find_task(plan, TaskId(task_of_key(key)));
    const std::string purpose = purpose_of_key(key);
    return task != nullptr && (task->action_class == ActionClass::kIdempotent || purpose == "probe" ||
                               (purpose == "undo" && task->action_class != ActionClass::kOneShot));
}

}  // namespace ararat::simulation
