#include "planning/pair_order.h"

#include <algorithm>
#include <cstddef>
#include <set>
#include <string>

namespace ararat::planning {
namespace {

using Step = const RunbookStep*;

// What comes before a step in its runbook, itself left out. Without recursion.
std::set<Step> steps_before(const ComponentContext& context, Step start) {
    const std::vector<RunbookStep>& steps = context.runbook().steps;
    std::set<Step> found;
    std::vector<Step> open = {start};
    while (!open.empty()) {
        const Step step = open.back();
        open.pop_back();
        std::vector<Step> direct;
        if (step->after) {
            for (const std::string& name : *step->after) direct.push_back(context.find_step(name));
        } else if (step != &steps.front()) {
            direct.push_back(step - 1);
        }
        for (const Step before : direct) {
            if (before != nullptr && found.insert(before).second) open.push_back(before);
        }
    }
    return found;
}

bool once_between(const ComponentContext& context, Step first, Step last) {
    for (const Step between : steps_before(context, last)) {
        if (between->once && steps_before(context, between).count(first) > 0) return true;
    }
    return false;
}

std::size_t pair_of(const ComponentContext& context, const HostId& host) {
    const std::vector<HostId>& hosts = context.component().hosts;
    return static_cast<std::size_t>(std::find(hosts.begin(), hosts.end(), host) - hosts.begin());
}

}  // namespace

std::vector<PairEdge> pair_edges(const ComponentContext& context,
                                 const std::vector<std::vector<HostId>>& turns) {
    std::vector<std::pair<Step, Step>> rules;  // the first waits for the second, of the half before
    for (const RunbookStep& later : context.runbook().steps) {
        if (later.once) continue;
        for (const RunbookStep& earlier : context.runbook().steps) {
            if (earlier.once || earlier.phase != Phase::kSwitch) continue;
            const bool same = &later == &earlier;
            const bool one_by_one =
                later.phase == Phase::kQuiesce && !once_between(context, &later, &earlier);
            if (same || one_by_one) rules.emplace_back(&later, &earlier);
        }
    }
    std::vector<PairEdge> edges;
    for (std::size_t turn = 1; turn < turns.size(); ++turn) {
        for (const HostId& later : turns[turn]) {
            for (const HostId& earlier : turns[turn - 1]) {
                const PairScope scope{pair_of(context, later), false};
                const PairScope before{pair_of(context, earlier), false};
                if (scope.pair >= context.pair_count() || before.pair >= context.pair_count()) continue;
                for (const auto& [step, after] : rules) {
                    edges.push_back({context.task_id(*step, scope), context.task_id(*after, before)});
                }
            }
        }
    }
    return edges;
}

}  // namespace ararat::planning
