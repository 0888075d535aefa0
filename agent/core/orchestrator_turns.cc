#include "agent/core/orchestrator_turns.h"

#include "base/check.h"

namespace ararat::agent {

OrchestratorTurns::OrchestratorTurns(std::size_t count) : count_(count) {
    ARARAT_CHECK(count > 0, "an agent has an orchestrator");
}

std::optional<unsigned> OrchestratorTurns::ended(bool was_welcome) {
    current_ = (current_ + 1) % count_;
    if (was_welcome) {
        tried_ = 0;
        failed_rounds_ = 1;  // the pause that follows counts as the first
        return 0U;
    }
    if (++tried_ < count_) return std::nullopt;
    tried_ = 0;
    return failed_rounds_++;
}

}  // namespace ararat::agent
