// What must hold whatever happens; each checker names the contradiction it found, or says nothing.
#pragma once

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "execution/engine_core.h"
#include "tests/simulation/witness.h"

namespace ararat::simulation {

// A command leaves, for the first time or again: of this epoch, to its host.
[[nodiscard]] std::vector<std::string> check_command(const execution::State& state,
                                                     const execution::Command& command);

// How tasks and groups stood at a record, where its turn's later ones may have changed them since.
struct Stood {
    std::map<std::pair<RunId, TaskId>, TaskState> tasks;
    std::set<std::pair<RunId, MoveGroupId>> turned_back;  // backing out, backed out or cancelled
    // run, group, and a group that turned back, without which a person has let it end
    std::set<std::tuple<RunId, MoveGroupId, MoveGroupId>> without;
};

// An intent was recorded: predecessors, window, gate, soak. Written against the plan and the state alone,
// sharing no code with the scheduler.
[[nodiscard]] std::vector<std::string> check_intent(const execution::State& state, const Stood& stood,
                                                    const execution::AttemptStarted& intent, Instant now);

// After every event: source and target never both writable, the witness found no contradiction.
[[nodiscard]] std::vector<std::string> check_world(const CompiledPlan& plan, const Witness& witness);

// Once faults have stopped, people have seen to what was held and nothing moves: every run has ended, and a
// group that was backed out left nothing of what can be undone.
[[nodiscard]] std::vector<std::string> check_rest(const execution::State& state, const Witness& witness);

// Whether a host that lost everything may be told to do this attempt again under its key.
[[nodiscard]] bool is_repeatable(const CompiledPlan& plan, const std::string& key);

}  // namespace ararat::simulation
