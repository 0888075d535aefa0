// The order that everything the agent promises rests on: a decision's records are on the disk before any of
// its actions, and an action may decide again. Thread promise: none of its own.
#pragma once

#include <functional>
#include <vector>

#include "agent/core/agent_core.h"

namespace ararat::agent {

struct DecisionSink {
    // They are durable when it returns. False: they are not, and nothing of the decision may be done.
    std::function<bool(const std::vector<JournalRecord>&)> write_down;
    // What comes of it is added to the pending decision.
    std::function<void(const Action&)> perform;
};

// Until nothing is pending, or something could not be written down: that stays pending.
void settle(Decision& pending, const DecisionSink& sink);

}  // namespace ararat::agent
