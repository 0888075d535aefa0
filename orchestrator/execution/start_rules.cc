#include "execution/start_rules.h"

#include <algorithm>

#include "base/check.h"
#include "base/units.h"
#include "execution/engine_core.h"
#include "execution/lacking.h"
#include "execution/latest_return.h"
#include "execution/queries.h"

namespace ararat::execution {
namespace {

Obstacle obstacle_of_run(const Run& run) {
    if (run.cancelling) return Obstacle::kRunCancelling;
    switch (run.status) {
        case RunStatus::kRunning: return Obstacle::kNone;
        case RunStatus::kPaused: return run.one_step ? Obstacle::kNone : Obstacle::kRunPaused;
        case RunStatus::kHeld:
        case RunStatus::kSucceeded:
        case RunStatus::kBackedOut:
        case RunStatus::kFailed:
        case RunStatus::kCancelled: return Obstacle::kRunHeld;
    }
    ARARAT_CHECK(false, "a RunStatus outside its enum");
}

Obstacle obstacle_of_group(GroupState state) {
    switch (state) {
        case GroupState::kWaiting:
        case GroupState::kMoving: return Obstacle::kNone;
        case GroupState::kHeld: return Obstacle::kGroupHeld;
        case GroupState::kMoved:
        case GroupState::kBackingOut:
        case GroupState::kBackedOut:
        case GroupState::kCancelled: return Obstacle::kGroupTurnedBack;
    }
    ARARAT_CHECK(false, "a GroupState outside its enum");
}

// Fails closed: outside the window nothing of the cutover is sent out, also when the clock jumps.
Obstacle obstacle_of_window(const State& state, const Run& run, TaskIndex task, Instant now) {
    if (run.ignore_window || !is_cutover_phase(task_at(run, task).phase)) return Obstacle::kNone;
    if (state.clock_jump && has_window(run)) return Obstacle::kClockJumped;
    const Wave& wave = *run.index.graph->wave;
    if (now < wave.window_start) return Obstacle::kWindowNotOpen;
    const GroupIndex group = run.index.graph->group_of[task];
    if (now >= wave.window_end && !may_end_late(run, group)) return Obstacle::kWindowOver;
    const bool begun = group != kNoIndex && counts_of(run, group).cutover_begun;
    return !begun && now > wave.latest_start ? Obstacle::kLockout : Obstacle::kNone;
}

// A guarded step goes out only while every approval it came through still stands.
bool approvals_stand(const State& state, const Run& run, TaskIndex task) {
    const Task& guarded = task_at(run, task);
    if (guarded.guard == Guard::kNone) return true;
    const auto& gates = run.index.graph->gate_tasks;
    return std::all_of(gates.begin(), gates.end(), [&](TaskIndex index) {
        const Task& gate = task_at(run, index);
        if (!gate.group.empty() && gate.group != guarded.group) return true;
        if (progress_at(run, index).state != TaskState::kSucceeded) return true;
        return gate_status(state, *run.plan, run.wave, gate.gate).granted;
    });
}

}  // namespace

Obstacle obstacle_to_task(const State& state, const Run& run, TaskIndex task, Instant now) {
    const TaskProgress& progress = progress_at(run, task);
    const bool late = progress.not_before <= now;
    const GroupIndex group = run.index.graph->group_of[task];
    if (progress.state == TaskState::kUndoing) {
        // A back-out goes on while the run is paused or cancelled: service waits for it.
        if (group_state(run, group) != GroupState::kBackingOut) return Obstacle::kGroupHeld;
        if (is_doubtful(run, group)) return Obstacle::kRunPaused;
        if (!followers_to_undo(run, task).empty()) return Obstacle::kFollowerNotUndone;
        return late ? Obstacle::kNone : Obstacle::kNotDueYet;
    }
    if (const Obstacle found = obstacle_of_run(run); found != Obstacle::kNone) return found;
    if (group != kNoIndex) {
        const Obstacle found = obstacle_of_group(group_state(run, group));
        if (found != Obstacle::kNone) return found;
        // Whatever went out now would only have to be undone, or be stopped before.
        if (is_to_stop(run, group)) return Obstacle::kGroupToStop;
    }
    if (progress.state == TaskState::kProbing) return Obstacle::kNone;
    if (!late) return Obstacle::kNotDueYet;
    if (task_at(run, task).kind == TaskKind::kGate) return Obstacle::kNone;
    if (const Obstacle found = obstacle_of_window(state, run, task, now); found != Obstacle::kNone)
        return found;
    if (!approvals_stand(state, run, task)) return Obstacle::kApprovalWithdrawn;
    return waits_for_go(state, run, task, now) ? Obstacle::kWaitsForGo : Obstacle::kNone;
}

Obstacle obstacle_of_host(const State& state, const Connectivity& connectivity, const HostId& host,
                          std::uint32_t more) {
    if (!connectivity.up.contains(host)) return Obstacle::kHostAway;
    const auto known = state.hosts.find(host);
    const std::uint32_t out = known == state.hosts.end() ? 0 : known->second.in_flight;
    return out + more >= kParallelStepsPerHost ? Obstacle::kHostFull : Obstacle::kNone;
}

std::vector<HostIndex> hosts_awaited(const Connectivity& connectivity, const Run& run) {
    constexpr int kStepsMax = 4;
    std::vector<HostIndex> awaited;
    // Both are in the order of the hosts' names: two walks side by side.
    auto up = connectivity.up.begin();
    const auto end = connectivity.up.end();
    for (const auto& entry : run.index.in_flight) {
        const HostId& id = run.index.graph->hosts[entry.first];
        for (int steps = 0; steps < kStepsMax && up != end && up->first < id; ++steps) ++up;
        if (up != end && up->first < id) up = connectivity.up.lower_bound(id);
        if (up == end || up->first != id) awaited.push_back(entry.first);
    }
    return awaited;
}

bool is_full(const Run& run, HostIndex host) {
    const auto out = run.index.in_flight.find(host);
    return out != run.index.in_flight.end() && out->second.size() >= kParallelStepsPerHost;
}

bool is_late(const Run& run, Instant now) {
    return !run.ignore_window && now > run.index.graph->wave->latest_start;
}

bool is_quarantined_for(const State& state, const Task& task) {
    if (task.action_class == ActionClass::kIdempotent) return false;
    const auto host = state.hosts.find(task.executor);
    return host != state.hosts.end() && host->second.quarantined;
}

std::string followers_text(const Run& run, TaskIndex task) {
    constexpr std::size_t kNamedMax = 3;
    const std::vector<TaskIndex> followers = followers_to_undo(run, task);
    std::string text;
    for (std::size_t i = 0; i < std::min(followers.size(), kNamedMax); ++i) {
        const Task& follower = task_at(run, followers[i]);
        text += (text.empty() ? "to be undone after " : "; after ") + follower.id.str();
        if (follower.group != task_at(run, task).group) text += " of group " + follower.group.str();
        text += ", which is " + std::string(to_string(progress_at(run, followers[i]).state));
    }
    if (followers.size() > kNamedMax)
        text += "; and " + std::to_string(followers.size() - kNamedMax) + " more";
    return text;
}

std::string away_text(const Connectivity& connectivity, const HostId& host) {
    std::string text = "host " + host.str() + " is not connected";
    const auto since = connectivity.since.find(host);
    if (since != connectivity.since.end()) text += " since " + time_text(since->second);
    const auto reason = connectivity.down.find(host);
    if (reason != connectivity.down.end() && !reason->second.empty()) text += ": " + reason->second;
    return text;
}

std::string clock_text(const State& state) {
    const ClockJump& jump = *state.clock_jump;
    return "the wall clock jumped " + std::string(jump.by < Duration{0} ? "back" : "forward") + " by " +
           format_duration(std::chrono::abs(jump.by)) + " at " + time_text(jump.at) +
           ": nobody can tell by it whether the change window is open";
}

std::string obstacle_text(Obstacle obstacle, const State& state, const Connectivity& connectivity,
                          const Run& run, TaskIndex index) {
    const Task& task = task_at(run, index);
    const Wave& wave = *run.index.graph->wave;
    const auto group_reason = [&] {
        const auto found = run.group_reasons.find(task.group);
        return found == run.group_reasons.end() || found->second.empty() ? "" : ": " + found->second;
    };
    switch (obstacle) {
        case Obstacle::kNone: return "may start now";
        case Obstacle::kRunPaused: return "run " + run.id.str() + " is paused: " + run.reason;
        case Obstacle::kRunCancelling: return "run " + run.id.str() + " is being cancelled: " + run.reason;
        case Obstacle::kRunHeld:
            return "run " + run.id.str() + " is " + std::string(to_string(run.status)) + ": " + run.reason;
        case Obstacle::kGroupHeld: return "group " + task.group.str() + " is held" + group_reason();
        case Obstacle::kGroupTurnedBack:
            return "group " + task.group.str() + " is " + std::string(to_string(run.groups.at(task.group))) +
                   group_reason();
        case Obstacle::kGroupToStop:
            return "group " + task.group.str() + " " + stop_text(run, run.index.graph->group_of[index]);
        case Obstacle::kNotDueYet: return "next try at " + time_text(progress_at(run, index).not_before);
        case Obstacle::kFollowerNotUndone: return followers_text(run, index);
        case Obstacle::kWindowNotOpen:
            return "outside its change window (opens " + time_text(wave.window_start) + ")";
        case Obstacle::kApprovalWithdrawn: return "an approval it came through does not stand any more";
        case Obstacle::kHostAway: return away_text(connectivity, task.executor);
        case Obstacle::kHostFull:
            return "host " + task.executor.str() + " runs " + std::to_string(kParallelStepsPerHost) +
                   " steps already, its limit";
        case Obstacle::kWindowOver:
            return "its change window is over (closed " + time_text(wave.window_end) + ")";
        case Obstacle::kLockout:
            return "too late to begin its cutover in this window (latest start " +
                   time_text(wave.latest_start) + ")";
        case Obstacle::kClockJumped: return clock_text(state);
        case Obstacle::kWaitsForGo:
            return "waits for a go or a back-out: with it a back-out would not end inside the change window "
                   "(closes " +
                   time_text(wave.window_end) + ")";
    }
    ARARAT_CHECK(false, "an Obstacle outside its enum");
}

}  // namespace ararat::execution
