// What must hold whatever happens; each checker names the contradiction it found, or says nothing.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
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

// Every record as it becomes durable: an attempt has one end, it is a success only if the witness saw its
// effect or it was so already, and it is known only if somebody can know it; no step of the cutover starts
// while a go is waited for.
class RecordChecker {
public:
    [[nodiscard]] std::vector<std::string> check(const execution::State& state,
                                                 const execution::Record& record, const Witness& witness);
    // The journal ends at `records` again, in this state: what came after it never was.
    void begin_again(std::uint64_t records, const execution::State& state);
    // As the record that was checked last left them.
    [[nodiscard]] const Stood& stood() const { return stood_; }

private:
    // What failed is tried again or backs its group out; it waits for a person only past the point of no
    // return.
    [[nodiscard]] std::vector<std::string> check_hold(const execution::State& state,
                                                      const execution::Record& record);
    [[nodiscard]] std::vector<std::string> check_go(const execution::State& state,
                                                    const execution::Record& record);

    // Groups whose latest moment for a back-out is reached; true: a go is given.
    std::map<std::pair<RunId, MoveGroupId>, bool> decisions_;
    std::optional<execution::AttemptKey> failed_;  // by the record that was checked last
    std::map<std::string, std::uint64_t> ended_;   // attempt -> the record that ended it
    Stood stood_;
};

// Whether a host that lost everything may be told to do this attempt again under its key.
[[nodiscard]] bool is_repeatable(const CompiledPlan& plan, const std::string& key);

}  // namespace ararat::simulation
