// One function per kind of input; decide() picks. Internal to execution.
#pragma once

#include "base/result.h"
#include "execution/engine_core.h"
#include "execution/transitions.h"

namespace ararat::execution {

[[nodiscard]] Result<Records> decide_apply_plan(const State& state, const ApplyPlan& input, Instant now);
[[nodiscard]] Result<Records> decide_start_wave(const State& state, const StartWave& input, Instant now);
[[nodiscard]] Result<Records> decide_gate(const State& state, const DecideGate& input);
[[nodiscard]] Result<Records> decide_control(const State& state, const ControlRun& input);
[[nodiscard]] Result<Records> decide_retry(const State& state, const RetryTask& input);
[[nodiscard]] Result<Records> decide_skip(const State& state, const SkipTask& input);
[[nodiscard]] Result<Records> decide_manual(const State& state, const CompleteManual& input);
[[nodiscard]] Result<Records> decide_back_out(const State& state, const Connectivity& connectivity,
                                              const BackOut& input);
[[nodiscard]] Result<Records> decide_go(const State& state, const GiveGo& input, Instant now);
[[nodiscard]] Result<Records> decide_host_up(const State& state, const HostUp& input, Instant now);
[[nodiscard]] Result<Records> decide_step_started(const State& state, const StepStarted& input);
[[nodiscard]] Result<Records> decide_step_finished(const State& state, const StepFinished& input,
                                                   Instant now);

// What becomes of a task whose attempt ended with this outcome.
void judge(Records& out, const State& state, const Run& run, TaskIndex task, const AttemptFinished& result,
           Instant now);

// A held run goes on after what a person did about it.
void wake_run(Records& out, const Run& run, const Cause& cause);

// The run of a person's request. Errors: not-found; failed-precondition when it has ended.
[[nodiscard]] Result<const Run*> run_under_way(const State& state, const RunId& run);

}  // namespace ararat::execution
