// Which of several orchestrators is tried next, and when to rest. Each is tried once in a round, in the order
// given, from the one after the last that was tried; there is a pause after a whole round, not between the
// members of one, so that a stand-by costs no time where another leads.
// Thread promise: value.
#pragma once

#include <cstddef>
#include <optional>

namespace ararat::agent {

class OrchestratorTurns {
public:
    // Precondition: count > 0.
    explicit OrchestratorTurns(std::size_t count);

    // Index of the one to connect to, until ended().
    [[nodiscard]] std::size_t current() const { return current_; }
    // The connection to current() has ended, or did not come about. Nothing: try the next one at once. A
    // number: rest first, for the longer the higher it is: 0 after an orchestrator that had welcomed this
    // agent, for every agent of it loses it in the same moment; else how many rounds have failed before.
    [[nodiscard]] std::optional<unsigned> ended(bool was_welcome);

private:
    std::size_t count_;
    std::size_t current_ = 0;
    std::size_t tried_ = 0;  // in this round
    unsigned failed_rounds_ = 0;
};

}  // namespace ararat::agent
