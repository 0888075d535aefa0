#include "agent/core/settle.h"

#include <utility>

namespace ararat::agent {

void settle(Decision& pending, const DecisionSink& sink) {
    while (!pending.records.empty() || !pending.actions.empty()) {
        if (!sink.write_down(pending.records)) return;
        const Decision batch = std::exchange(pending, {});
        for (const Action& action : batch.actions) sink.perform(action);
    }
}

}  // namespace ararat::agent
