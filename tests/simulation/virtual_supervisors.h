// The supervisors of one host, by their contract (agent/step_spec/README.md) and their own rules: one attempt
// a key, results durable and kept until forgotten, tombstones, refusal of older epochs. They outlive agents
// and sessions. What they do to the world is told to the witness; what comes of it is the dice's.
// Thread promise: one owner.
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
    // Its two halves, both under the lock: the answer, or nothing, if the step is to be started and its epoch
    // is obeyed from now on; the step's folder gets its name, and it runs.
    [[nodiscard]] std::optional<agent::AttemptReport> judge_start(const agent::StepSpec& spec);
    void publish(agent::StepSpec spec);
    // An agent's questions, by key. It has judged the epoch itself.
    [[nodiscard]] agent::AttemptReport report(const std::string& key) const;
    [[nodiscard]] agent::AttemptReport cancel(const std::string& key);
    void forget(const std::string& key);

    // The program's `status` and `wait`, `never-start`, `cancel`, `forget` and `list`.
    [[nodiscard]] agent::AttemptReport report_of(const std::string& id, std::uint64_t output_offset) const;
    [[nodiscard]] agent::AttemptReport never_start_in(std::uint64_t epoch, const std::string& id);
    [[nodiscard]] agent::AttemptReport cancel_in(std::uint64_t epoch, const std::string& id);
    // Not synced: it has not been, where the power goes.
    [[nodiscard]] agent::AttemptReport forget_in(std::uint64_t epoch, const std::string& id, bool synced);
    [[nodiscard]] std::vector<std::string> known_keys() const;
    // What it has written so far, kept until it is forgotten; nothing: it is not known.
    [[nodiscard]] std::optional<std::string> output_of(const std::string& key) const;
    void write_output(const std::string& key, const std::string& bytes);

    [[nodiscard]] std::vector<std::string> running() const;  // keys
    // Carries the step out and writes its result. `calm`: everything succeeds.
    void finish(const std::string& key, bool calm);

    // Its supervisor is killed: what ran may have had its effect, and has no result.
    void kill(const std::string& key);
    // So does all that ran when the machine stops.
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
        bool is_forgotten_for_good = true;
        std::string output;
    };

    // The refusal of a command of this epoch; nothing: it is obeyed.
    [[nodiscard]] std::optional<agent::AttemptReport> obey(std::uint64_t asked_in);
    void raise_epoch(std::uint64_t epoch);
    // It will never start.
    void bury(const std::string& id, agent::StepResult tombstone);
    [[nodiscard]] agent::AttemptReport cancel_id(const std::string& id);
    void forget_id(const std::string& id);
    agent::StepResult carry_out(const std::string& key, const agent::StepSpec& spec, bool calm);
    agent::StepResult forward(const std::string& key, const agent::StepSpec& spec, bool calm);
    void take_effect(const std::string& key);

    Witness& witness_;
    Dice& dice_;
    std::uint64_t epoch_ = 0;
    std::uint64_t newest_epoch_ = 0;           // that any command named: the witness's, not the rules'
    std::map<std::string, Attempt> attempts_;  // by id
};

// The parts of an attempt's key in its text.
[[nodiscard]] std::string task_of_key(const std::string& key);
[[nodiscard]] std::string purpose_of_key(const std::string& key);

}  // namespace ararat::simulation
