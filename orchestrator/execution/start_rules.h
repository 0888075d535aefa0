// What may keep a task from being sent out once its predecessors are done. Internal to execution: the
// scheduler asks for the obstacle, `why` prints the same one, so that the two cannot disagree.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "execution/run_state.h"

namespace ararat::execution {

// Every reason to wait. Those from kWindowOver on do not pass by themselves: the group is held.
enum class Obstacle {
    kNone,
    kRunPaused,
    kRunCancelling,
    kRunHeld,
    kGroupHeld,
    kGroupTurnedBack,  // backing out, backed out, cancelled
    kGroupToStop,      // it waits for a group that turned back: it is about to turn back too, or to be held
    kNotDueYet,        // the next try's time has not come
    kFollowerNotUndone,
    kWindowNotOpen,
    kApprovalWithdrawn,
    kHostAway,
    kHostFull,
    kWindowOver,
    kLockout,
    kClockJumped,  // nobody can tell whether the window is open
    kWaitsForGo,   // the time left is only just enough for its back-out
};

// The group's and the run's rules, the clock, the window, the gate: not the host. `task` is waiting, in
// retry-wait, probing or undoing, with no attempt out.
[[nodiscard]] Obstacle obstacle_to_task(const State& state, const Run& run, TaskIndex task, Instant now);

// `more` counts what this pass of the scheduler has already given to the host.
[[nodiscard]] Obstacle obstacle_of_host(const State& state, const Connectivity& connectivity,
                                        const HostId& host, std::uint32_t more);

// Hosts that attempts are out on and that are not connected, in their order.
[[nodiscard]] std::vector<HostIndex> hosts_awaited(const Connectivity& connectivity, const Run& run);

// This run's attempts alone are as many as the host takes: told without a look at its name.
[[nodiscard]] bool is_full(const Run& run, HostIndex host);

// Nothing of the cutover may begin any more.
[[nodiscard]] bool is_late(const Run& run, Instant now);

// The host lost its journal, and the step must not be repeated blindly.
[[nodiscard]] bool is_quarantined_for(const State& state, const Task& task);

// "the wall clock jumped forward by 3h at 2018-01-15T19:00:00Z: ..." Precondition: it did.
[[nodiscard]] std::string clock_text(const State& state);

// For people: "outside its window (opens 2018-01-15T19:00:00Z)".
[[nodiscard]] std::string obstacle_text(Obstacle obstacle, const State& state,
                                        const Connectivity& connectivity, const Run& run, TaskIndex task);

// "to be undone after x of group y, which is running"; empty: nothing has to be undone before it.
[[nodiscard]] std::string followers_text(const Run& run, TaskIndex task);

// "host x is not connected since ...: reason"
[[nodiscard]] std::string away_text(const Connectivity& connectivity, const HostId& host);

}  // namespace ararat::execution
