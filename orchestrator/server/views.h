// What people see of the state, as messages: the one file that builds them.
// Thread promise: pure functions; the state is the caller's to keep still (the engine's thread).
#pragma once

#include <string>
#include <vector>

#include "ararat/v1/control.pb.h"
#include "execution/run_state.h"

namespace ararat::server {

[[nodiscard]] v1::TaskView task_view(const execution::Run& run, const Task& task);
// Without tasks.
[[nodiscard]] v1::RunView run_summary(const execution::State& state, const execution::Run& run);
// With every task, in topological order.
[[nodiscard]] v1::RunView run_view(const execution::State& state, const execution::Run& run);
[[nodiscard]] v1::WaveView wave_view(const execution::State& state, const CompiledPlan& plan,
                                     const Wave& wave, Instant now);
// One for each gate of the wave.
[[nodiscard]] std::vector<v1::ApprovalView> approval_views(const execution::State& state,
                                                           const CompiledPlan& plan, const Wave& wave);
[[nodiscard]] v1::HostView host_view(const execution::State& state,
                                     const execution::Connectivity& connectivity, const EstateHost& host);

// The newest run of a wave; null: none.
[[nodiscard]] const execution::Run* newest_run(const execution::State& state, const WaveId& wave);
// Gates that stand in the wave, sorted, none twice.
[[nodiscard]] std::vector<GateId> gates_of(const CompiledPlan& plan, const WaveId& wave);
[[nodiscard]] const Wave* find_wave(const CompiledPlan& plan, const WaveId& id);
// Milliseconds since 1970; 0 where it has not come.
[[nodiscard]] std::int64_t unix_ms_or_zero(Instant instant);

}  // namespace ararat::server
