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
        for (GroupIndex group = 0; group < run.index.groups.size(); ++group) {
            if (const auto latest = latest_return(run, group)) consider(*latest);
        }
        // Ordered by time: the first that is still to come is the next.
        const auto& due = run.index.due;
        const auto first = due.lower_bound({after, kNoIndex});
        if (first != due.end()) consider(first->first);
    }
    return next;
}

}  // namespace ararat::execution
