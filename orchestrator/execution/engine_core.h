// The pure engine: decide, apply, effects. No I/O, no clock, no threads; time is an argument.
//
//   decide(state, connectivity, input, now) -> records or an error for who asked
//   apply(state, record)                    -> the next state
//   schedule(state, connectivity, now)      -> records for everything that may start or is due now
//   effects_of(state, records)              -> what may leave once the records are durable
//   replies_to(state, input)                -> what a host's own message must be answered with
//   reconcile(state, host)                  -> what a host that has just connected must be told again
//
// The owner's loop: decide each input of a batch and apply its records; schedule and apply until nothing
// comes; give the records their sequences while doing so; make them durable in one commit; then let out
// effects_of(records), then replies_to(each input of the batch).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "execution/effect.h"
#include "execution/input.h"
#include "execution/record.h"
#include "execution/run_state.h"

namespace ararat::execution {

// Errors: not-found, failed-precondition, permission-denied, aborted (stale revision). Nothing changed then.
[[nodiscard]] Result<std::vector<RecordBody>> decide(const State& state, const Connectivity& connectivity,
                                                     const Input& input, Instant now);

// What can be dispatched, opened, retried, backed out or ended at `now`. Called until it returns nothing.
[[nodiscard]] std::vector<RecordBody> schedule(const State& state, const Connectivity& connectivity,
                                               Instant now);

// The first instant later than `after` at which schedule() may have something to say without any input;
// nothing: never.
[[nodiscard]] std::optional<Instant> next_due(const State& state, Instant after = Instant::min());

// Plans arrive by PlanApplied's hash: the caller puts the plan into State::plans before applying it, each
// time: revisions that nothing refers to any more are dropped from there.
void apply(State& state, const Record& record);

[[nodiscard]] std::vector<Effect> effects_of(const State& state, const std::vector<Record>& records);

// Commands in flight on this host, under their old keys (the host knows them or starts them now), and
// its active tickets.
[[nodiscard]] std::vector<Effect> reconcile(const State& state, const HostId& host);

// The answer to a host's message, whether or not records came of it: a result, also a repeated one or one
// nobody waits for, is acknowledged; a host that has come up is reconciled with, and what it still holds
// of attempts that are over is acknowledged or cancelled. Only after the commit. Sending it twice is
// harmless.
[[nodiscard]] std::vector<Effect> replies_to(const State& state, const Input& input);

// Structure of a compiled plan that came from outside: every reference leads somewhere, tasks are in
// topological order. All faults in one message, the first twenty. Errors: invalid-argument.
[[nodiscard]] Result<void> check_plan(const CompiledPlan& plan);
// The same, and the rules of safety: what powers a host off is guarded, guarded tasks stand behind a gate.
// For a plan that is to be applied; one that stands in the journal was judged by the rules of its day, and a
// rule that came later must not make the journal unreadable.
[[nodiscard]] Result<void> check_new_plan(const CompiledPlan& plan);

// Whether a wave's gate is open: what was decided under the wave's present subtree.
struct GateStatus {
    bool granted = false;
    bool rejected = false;
    std::vector<RoleId> missing;  // roles whose approval is waited for
    std::string words;            // "waits for change-board", "rejected by ann (change-board): ..."
};
[[nodiscard]] GateStatus gate_status(const State& state, const CompiledPlan& plan, const WaveId& wave,
                                     const GateId& gate);

// Why a task is not running, for people; every reason to wait has its own words.
[[nodiscard]] std::vector<std::string> why(const State& state, const Connectivity& connectivity,
                                           const Run& run, const TaskId& task, Instant now);
// What a whole run waits for: groups that are held or backed out, and every step that is not blocked by
// another one, a line each.
inline constexpr std::size_t kWhyLinesMax = 20;
[[nodiscard]] std::vector<std::string> why(const State& state, const Connectivity& connectivity,
                                           const Run& run, Instant now);

// SHA-256 over a canonical rendering: equal states have equal fingerprints.
[[nodiscard]] std::string fingerprint(const State& state);

}  // namespace ararat::execution
