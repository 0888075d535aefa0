// Makers of the records that several inputs lead to. Internal to execution; nothing here decides whether.
#pragma once

#include <string>
#include <vector>

#include "execution/run_state.h"

namespace ararat::execution {

using Records = std::vector<RecordBody>;

// Who and why, for the record. An empty `by` is the engine itself.
struct Cause {
    std::string by = {};
    std::string reason = {};
};

void change_task(Records& out, const Run& run, TaskIndex task, TaskState state, const Cause& cause,
                 Instant not_before = {});
void change_group(Records& out, const Run& run, GroupIndex group, GroupState state, const Cause& cause);
// What else a person can do about a hold, behind what it says to do first: `back_out`, or, past the point of
// no return, nothing, for that reason.
[[nodiscard]] std::string or_back_out(const Run& run, GroupIndex group, const char* back_out);
// Held for the clock, which has jumped; `reason` says what cannot go on.
void hold_for_clock(Records& out, const Run& run, GroupIndex group, const std::string& reason);
// Holds every group that is in its cutover: service is away, and it is not known for how long it may be.
// Precondition: the clock has jumped.
void doubt_clock(Records& out, const State& state, const Run& run);
void change_run(Records& out, const Run& run, RunStatus status, const Cause& cause, bool cancelling = false);

// The group turns round: what has not begun is cancelled, the rest is undone by schedule().
void start_back_out(Records& out, const Run& run, GroupIndex group, const Cause& cause);
// The group ends where it is; only for one that touched no service (leaves_something_live() is false).
void cancel_group(Records& out, const Run& run, GroupIndex group, const Cause& cause);
void revoke_tickets(Records& out, const Run& run, GroupIndex group, const std::string& reason);

// The tickets that end with this task.
void close_channels(Records& out, const Run& run, TaskIndex task);

// Service was touched (a step of `start` or later was sent out) or a channel is open: then ending the
// group means backing it out. What prepare and precopy copied may stay; the next run finds it.
[[nodiscard]] bool leaves_something_live(const Run& run, GroupIndex group);

// It may have run in a history that is lost; before its window nothing of its cutover can have.
[[nodiscard]] bool may_be_in_lost_history(const State& state, const Wave& wave);
// The plan starts it, now.
[[nodiscard]] bool starts_by_itself(const State& state, const Wave& wave, Instant now);

// Precondition: the wave exists in the current plan and may start.
[[nodiscard]] RunStarted make_run(const State& state, const Wave& wave, const std::string& by);
// Waves that start by themselves and whose window has opened.
void start_due_waves(Records& out, const State& state, Instant now);
// Why the wave may not start now; empty: it may.
[[nodiscard]] std::string obstacle_to_start(const State& state, const Wave& wave);

// The verdict on a task whose attempt failed for good reasons: another try, or the group turns round, or,
// past the point of no return, it is held for a person.
void fail_or_retry(Records& out, const Run& run, TaskIndex task, const std::string& reason, Instant now);
// Stops for a person: the task, and its group with it.
void hold(Records& out, const Run& run, TaskIndex task, const std::string& reason);

}  // namespace ararat::execution
