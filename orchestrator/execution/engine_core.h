// The pure engine: decide, apply, effects. No I/O, no clock, no threads; time is an argument.
//
//   decide(state, connectivity, input, now) -> records or an error for who asked
//   apply(state, record)                    -> the next state
//   schedule(state, connectivity, now)      -> records for everything that may start or is due now
//   effects_of(state, records)              -> what may leave once the records are durable
//   reconcile(state, host)                  -> what a host that has just connected must be told again
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

// When schedule() may next have something to say without any input; nothing: never.
[[nodiscard]] std::optional<Instant> next_due(const State& state);

// Plans arrive by PlanApplied's hash: the caller puts the plan into State::plans before applying it.
void apply(State& state, const Record& record);

[[nodiscard]] std::vector<Effect> effects_of(const State& state, const std::vector<Record>& records);

[[nodiscard]] std::vector<Effect> reconcile(const State& state, const HostId& host);

// Why a task is not running, for people; every reason to wait has its own words.
[[nodiscard]] std::vector<std::string> why(const State& state, const Connectivity& connectivity,
                                           const Run& run, const TaskId& task, Instant now);

// SHA-256 over a canonical rendering: equal states have equal fingerprints.
[[nodiscard]] std::string fingerprint(const State& state);

}  // namespace ararat::execution
