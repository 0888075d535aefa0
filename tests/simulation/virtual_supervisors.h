// The supervisors of one host, by their contract (agent/step_spec/README.md): one attempt a key, results
// durable and kept until forgotten, tombstones, refusal of older epochs. They outlive agents and sessions.
// What they do to the world is told to the witness; what comes of it is the dice's. Thread promise: one
// owner.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/step_spec/step_result.h"
#include "agent/step_spec/step_spec.h"
#include "base/result.h"
#include "tests/simulation/dice.h"
#include "tests/simulation/witness.h"

namespace ararat::simulation {

class VirtualSupervisors {
public:
    VirtualSupervisors(Witness& witness, Dice& dice) : witness_(witness), dice_(dice) {}

    // The program's `start`, with its standard input and what it prints.
    [[nodiscard]] std::string start(std::string_view spec_bytes);
    [[nodiscard]] agent::AttemptReport report(const std::string& key) const;
    [[nodiscard]] agent::AttemptReport cancel(const std::string& key);
    void forget(const std::string& key);

    [[nodiscard]] std::vector<std::string> running() const;  // keys
    // Carries the step out and writes its result. `calm`: everything succeeds.
    void finish(const std::string& key, bool calm);

    // The machine stops: what ran may have had its effect, and has no result.
    void lose_power();
    // The disk is another one: nothing is known any more, and what ran is gone with it. Returns the keys that
    // may be carried out once more under the same key by a host that forgot them.
    [[nodiscard]] std::vector<std::string> lose_disk();

private:
    struct Attempt {
        agent::StepSpec spec;
        agent::AttemptState state = agent::AttemptState::kRunning;
        std::optional<agent::StepResult> result;
        std::optional<std::uint64_t> forgotten_in;  // epoch
    };

    agent::StepResult carry_out(const std::string& key, const agent::StepSpec& spec, bool calm);
    agent::StepResult forward(const std::string& key, const agent::StepSpec& spec, bool calm);
    void take_effect(const std::string& key);

    Witness& witness_;
    Dice& dice_;
    std::uint64_t epoch_ = 0;
    std::map<std::string, Attempt> attempts_;
};

// The parts of an attempt's key in its text.
[[nodiscard]] std::string task_of_key(const std::string& key);
[[nodiscard]] std::string purpose_of_key(const std::string& key);

}  // namespace ararat::simulation
