#include "server/views.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "execution/engine_core.h"
#include "execution/latest_return.h"
#include "execution/queries.h"
#include "execution/start_rules.h"
#include "execution/transitions.h"
#include "wire/convert.h"

namespace ararat::server {
namespace {

bool is_done(TaskState state) { return state == TaskState::kSucceeded || state == TaskState::kSkipped; }

bool all_moved(const execution::State& state, const Wave& wave) {
    return std::all_of(wave.groups.begin(), wave.groups.end(),
                       [&](const MoveGroupId& group) { return state.moved.contains(group); });
}

// What a run that has come says about its wave; empty: the run is over and the wave may be run again.
std::string wave_state_of(RunStatus status) {
    switch (status) {
        case RunStatus::kRunning: return "running";
        case RunStatus::kPaused: return "paused";
        case RunStatus::kHeld: return "held";
        case RunStatus::kBackedOut: return "backed-out";
        case RunStatus::kFailed: return "failed";
        case RunStatus::kSucceeded:
        case RunStatus::kCancelled: return {};
    }
    return {};
}

// A wave that the plan starts, and that waits for a person all the same; empty: it does not.
std::string reason_for_a_person(const execution::State& state, const Wave& wave) {
    if (!wave.start_auto || newest_run(state, wave.id) != nullptr) return {};
    const std::string start = ", then start it (ararat wave run " + wave.id.str() + ")";
    if (state.clock_jump) {
        return "it does not start by itself: " + execution::clock_text(state) + "; see that it is right" +
               start;
    }
    if (execution::may_be_in_lost_history(state, wave)) {
        return fmt::format(
            "it does not start by itself: its window had opened before the loss of history was accepted (at "
            "{}); "
            "look what the hosts hold{}",
            execution::time_text(state.loss_at), start);
    }
    return {};
}

std::vector<std::string> reasons_to_wait(const execution::State& state, const CompiledPlan& plan,
                                         const Wave& wave, Instant now, bool& gates_open) {
    std::vector<std::string> reasons;
    for (const GateId& gate : gates_of(plan, wave.id)) {
        const auto status = execution::gate_status(state, plan, wave.id, gate);
        if (status.granted) continue;
        gates_open = false;
        reasons.push_back(fmt::format("gate {}: {}", gate.str(), status.words));
    }
    for (const WaveId& id : wave.after) {
        const Wave* earlier = find_wave(plan, id);
        if (earlier && !all_moved(state, *earlier)) {
            reasons.push_back(fmt::format("wave {} has not moved yet", id.str()));
        }
    }
    if (now < wave.window_start) reasons.emplace_back("its change window has not opened yet");
    if (now >= wave.window_end) reasons.emplace_back("its change window is over");
    if (auto reason = reason_for_a_person(state, wave); !reason.empty()) reasons.push_back(std::move(reason));
    return reasons;
}

}  // namespace

std::int64_t unix_ms_or_zero(Instant instant) { return instant == Instant{} ? 0 : to_unix_ms(instant); }

const Wave* find_wave(const CompiledPlan& plan, const WaveId& id) {
    const auto found =
        std::find_if(plan.waves.begin(), plan.waves.end(), [&](const Wave& wave) { return wave.id == id; });
    return found == plan.waves.end() ? nullptr : &*found;
}

std::vector<GateId> gates_of(const CompiledPlan& plan, const WaveId& wave) {
    std::set<GateId> gates;
    for (const Task& task : plan.tasks) {
        if (task.kind == TaskKind::kGate && task.wave == wave) gates.insert(task.gate);
    }
    return {gates.begin(), gates.end()};
}

const execution::Run* newest_run(const execution::State& state, const WaveId& wave) {
    const execution::Run* newest = nullptr;
    const auto is_newer = [](const execution::Run& left, const execution::Run& right) {
        if (left.started_at != right.started_at) return left.started_at > right.started_at;
        return left.id.str().size() != right.id.str().size() ? left.id.str().size() > right.id.str().size()
                                                             : left.id > right.id;
    };
    for (const auto& [id, run] : state.runs) {
        if (run.wave == wave && (!newest || is_newer(run, *newest))) newest = &run;
    }
    return newest;
}

v1::TaskView task_view(const execution::Run& run, const Task& task) {
    v1::TaskView view;
    view.set_id(task.id.str());
    view.set_kind(wire::to_proto(task.kind));
    view.set_action(task.action);
    view.set_phase(wire::to_proto(task.phase));
    view.set_host(task.executor.str());
    view.set_group(task.group.str());
    view.set_point_of_no_return(task.point_of_no_return);
    for (const TaskId& before : task.after) view.add_after(before.str());
    view.set_state(wire::to_proto(TaskState::kWaiting));
    const auto found = run.tasks.find(task.id);
    if (found == run.tasks.end()) return view;
    const execution::TaskProgress& progress = found->second;
    view.set_state(wire::to_proto(progress.state));
    view.set_attempts(progress.attempts);
    view.set_reason(progress.reason);
    view.set_started_unix_ms(unix_ms_or_zero(progress.started_at));
    view.set_finished_unix_ms(unix_ms_or_zero(progress.finished_at));
    view.mutable_outputs()->insert(progress.outputs.begin(), progress.outputs.end());
    view.set_already(progress.already);
    return view;
}

namespace {

void add_latest_return(v1::GroupView& view, const execution::Run& run, const MoveGroupId& id) {
    if (is_final(run.status)) return;
    const auto& groups = run.index.graph->groups;
    const auto place = std::lower_bound(groups.begin(), groups.end(), id);
    const auto group = static_cast<execution::GroupIndex>(place - groups.begin());
    const GroupState is = run.groups.at(id);
    if (is != GroupState::kMoving && is != GroupState::kHeld) return;
    if (run.held_in_back_out.contains(id)) return;
    if (execution::waits_for_decision(run, group)) {
        const execution::LateReturn* late = execution::undecided(run, group);
        view.set_latest_return_unix_ms(to_unix_ms(late->latest));
        view.set_back_out_ms(late->back_out.count());
        view.set_waits_for_go(true);
    } else if (const auto latest = execution::latest_return(run, group)) {
        view.set_latest_return_unix_ms(to_unix_ms(*latest));
        view.set_back_out_ms(execution::counts_of(run, group).back_out.count());
    }
}

}  // namespace

v1::RunView run_summary(const execution::State& state, const execution::Run& run) {
    v1::RunView view;
    view.set_run(run.id.str());
    view.set_wave(run.wave.str());
    view.set_status(wire::to_proto(run.status));
    view.set_by(run.started_by);
    view.set_reason(run.reason);
    view.set_started_unix_ms(unix_ms_or_zero(run.started_at));
    view.set_ended_unix_ms(unix_ms_or_zero(run.ended_at));
    for (const auto& [id, group_state] : run.groups) {
        v1::GroupView& group = *view.add_groups();
        add_latest_return(group, run, id);
        group.set_id(id.str());
        group.set_state(wire::to_proto(group_state));
        const auto reason = run.group_reasons.find(id);
        if (reason != run.group_reasons.end()) group.set_reason(reason->second);
    }
    if (run.plan) view.set_plan(run.plan->hash.str());
    view.set_tasks_total(static_cast<std::uint32_t>(run.tasks.size()));
    view.set_tasks_done(static_cast<std::uint32_t>(std::count_if(
        run.tasks.begin(), run.tasks.end(), [](const auto& item) { return is_done(item.second.state); })));
    view.set_sequence(state.sequence);
    view.set_one_step(run.one_step);
    return view;
}

v1::RunView run_view(const execution::State& state, const execution::Run& run) {
    v1::RunView view = run_summary(state, run);
    if (!run.plan) return view;
    for (const Task& task : run.plan->tasks) {
        if (run.tasks.contains(task.id)) *view.add_tasks() = task_view(run, task);
    }
    return view;
}

v1::WaveView wave_view(const execution::State& state, const CompiledPlan& plan, const Wave& wave,
                       Instant now) {
    v1::WaveView view;
    *view.mutable_wave() = wire::to_proto(wave);
    const execution::Run* run = newest_run(state, wave.id);
    if (run) view.set_last_run(run->id.str());
    if (all_moved(state, wave)) {
        view.set_state("moved");
        return view;
    }
    bool gates_open = true;
    for (auto& reason : reasons_to_wait(state, plan, wave, now, gates_open))
        view.add_waits_for(std::move(reason));
    if (run) view.set_state(wave_state_of(run->status));
    if (!view.state().empty()) return view;
    view.set_state(!gates_open ? "waiting-for-approval" : view.waits_for().empty() ? "ready" : "planned");
    return view;
}

namespace {

// Those about the wave as it is now; what was said of an earlier form of it is in the journal.
void add_decisions(const execution::State& state, const Wave& wave, const GateId& gate,
                   v1::ApprovalView& view) {
    const auto decided = state.decisions.find({wave.id, gate});
    if (decided == state.decisions.end()) return;
    for (const auto& [role, decisions] : decided->second) {
        for (const execution::GateDecision& decision : decisions) {
            if (decision.subtree != wave.subtree) continue;
            v1::GateDecided& made = *view.add_decisions();
            made.set_wave(wave.id.str());
            made.set_gate(gate.str());
            made.set_role(role.str());
            made.set_granted(decision.granted);
            made.set_by(decision.by);
            made.set_comment(decision.comment);
            made.set_subtree(decision.subtree.str());
        }
    }
}

}  // namespace

std::vector<v1::ApprovalView> approval_views(const execution::State& state, const CompiledPlan& plan,
                                             const Wave& wave) {
    std::vector<v1::ApprovalView> views;
    for (const GateId& id : gates_of(plan, wave.id)) {
        v1::ApprovalView& view = views.emplace_back();
        view.set_wave(wave.id.str());
        view.set_gate(id.str());
        view.set_subtree(wave.subtree.str());
        for (const Gate& gate : plan.gates) {
            if (gate.id != id) continue;
            for (const RoleId& role : gate.roles) view.add_roles(role.str());
            view.set_all(gate.all);
        }
        const auto status = execution::gate_status(state, plan, wave.id, id);
        view.set_state(status.granted ? "granted" : status.rejected ? "rejected" : "waiting");
        if (!status.granted) view.set_waits_for(status.words);
        add_decisions(state, wave, id, view);
    }
    return views;
}

v1::HostView host_view(const execution::State& state, const execution::Connectivity& connectivity,
                       const EstateHost& host) {
    v1::HostView view;
    *view.mutable_host() = wire::to_proto(host);
    const auto known = state.hosts.find(host.id);
    const auto up = connectivity.up.find(host.id);
    const auto down = connectivity.down.find(host.id);
    if (known != state.hosts.end() && known->second.quarantined) {
        view.set_state("quarantined");
        view.set_reason(
            "its journal, or the record of it here, was lost: steps that cannot be repeated are held");
    } else if (up != connectivity.up.end()) {
        view.set_state("up");
    } else if (down != connectivity.down.end()) {
        view.set_state("down");
    } else {
        view.set_state("never");
    }
    if (up != connectivity.up.end()) view.set_version(up->second);
    const auto trouble = connectivity.troubled.find(host.id);
    if (trouble != connectivity.troubled.end() && view.reason().empty()) view.set_reason(trouble->second);
    if (down != connectivity.down.end()) {
        view.set_reason(view.reason().empty() ? down->second : view.reason() + "; down: " + down->second);
    }
    const auto since = connectivity.since.find(host.id);
    if (since != connectivity.since.end()) view.set_since_unix_ms(to_unix_ms(since->second));
    return view;
}

}  // namespace ararat::server
