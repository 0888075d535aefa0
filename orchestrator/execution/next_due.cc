#include "execution/engine_core.h"
#include "execution/latest_return.h"
#include "execution/queries.h"

namespace ararat::execution {

std::optional<Instant> next_due(const State& state, Instant after) {
    std::optional<Instant> next;
    const auto consider = [&](Instant at) {
        if (at > after && (!next || at < *next)) next = at;
    };
    if (state.plan) {
        for (const Wave& wave : state.plan->waves) {
            if (wave.start_auto) consider(wave.window_start);
        }
    }
    for (const RunId& id : state.active_runs) {
        const Run& run = state.runs.at(id);
        const Wave& wave = *run.index.graph->wave;
        if (!run.ignore_window) {
            consider(wave.window_start);
            consider(wave.latest_start + Duration{1});
            consider(wave.window_end);
        }
        // The longest back-out has to begin first.
        const auto& groups = run.index.cutting_over;
        for (auto entry = groups.rbegin(); entry != groups.rend(); ++entry) {
            const auto latest = latest_return(run, entry->second);
            if (!latest || *latest <= after) continue;
            consider(*latest);
            break;
        }
        // Ordered by time: the first that is still to come is the next.
        const auto& due = run.index.due;
        const auto first = due.lower_bound({after, kNoIndex});
        if (first != due.end()) consider(first->first);
    }
    return next;
}

}  // namespace ararat::execution
