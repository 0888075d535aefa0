// What must hold whatever happens; each checker names the contradiction it found, or says nothing.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "execution/engine_core.h"
#include "tests/simulation/fake_host.h"

namespace ararat::simulation {

// A command leaves for the first time: predecessors, window, gate, epoch. Written against the plan and
// the state alone, sharing no code with the scheduler.
[[nodiscard]] std::vector<std::string> check_dispatch(const execution::State& state,
                                                      const execution::Command& command, Instant now);

// After every event: source and target never both writable, the witness found no contradiction.
[[nodiscard]] std::vector<std::string> check_world(const CompiledPlan& plan, const Witness& witness);

// Once faults have stopped and nothing moves: every run has ended or is held with a reason, and a group
// that was backed out left nothing of what can be undone.
[[nodiscard]] std::vector<std::string> check_rest(const execution::State& state, const Witness& witness);

}  // namespace ararat::simulation
