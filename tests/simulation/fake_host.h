// A host with an agent's promises and none of its parts: journal, dedupe by key, tombstones, fencing by
// epoch, results kept until acknowledged. What really happened on it is seen by a witness that neither the
// engine nor the agent can talk to.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "execution/effect.h"
#include "execution/input.h"
#include "tests/simulation/random_plan.h"

namespace ararat::simulation {

// What was done to the world, over all hosts.
struct Witness {
    std::map<std::string, int> effects;  // by attempt key: how often it was carried out
    std::set<TaskId> applied;            // steps whose effect stands
    std::vector<std::string> faults;     // contradictions noticed at once
};

class FakeHost {
public:
    FakeHost(HostId id, Witness& witness, Dice& dice) : id_(std::move(id)), witness_(witness), dice_(dice) {}

    // Messages in answer; results of steps come from finish_some().
    std::vector<execution::Input> receive(const execution::Effect& effect);
    // Some running step ends. `calm`: everything succeeds.
    std::vector<execution::Input> finish_some(bool calm);
    // Results that nobody has acknowledged yet.
    [[nodiscard]] std::vector<execution::Input> resend() const;
    // What the host says when it connects.
    [[nodiscard]] execution::HostUp hello() const;

    // The machine stops and starts: steps in the middle end in an unknown state.
    void crash();
    // The journal is gone, and what ran with it.
    void lose_journal();

    [[nodiscard]] const HostId& id() const { return id_; }
    [[nodiscard]] bool busy() const { return !running_.empty(); }

private:
    std::vector<execution::Input> start(const execution::Command& command);
    execution::StepFinished carry_out(const execution::Command& command, bool calm);
    execution::StepFinished forward(const execution::Command& command, bool calm);
    void take_effect(const execution::Command& command);

    HostId id_;
    Witness& witness_;
    Dice& dice_;
    std::uint64_t epoch_ = 0;
    int journals_ = 1;
    std::map<std::string, execution::Command> running_;
    struct Finished {
        execution::StepFinished result;
        bool repeatable = false;  // may be sent again under the same key to a host that forgot it
    };
    std::map<std::string, Finished> finished_;  // not acknowledged
    std::set<std::string> closed_;              // acknowledged, or a tombstone
};

}  // namespace ararat::simulation
