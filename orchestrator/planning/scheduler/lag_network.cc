#include "planning/scheduler/lag_network.h"

#include <algorithm>

namespace ararat::planning::scheduler {
namespace {

// Precondition: the labels were still rising after as many rounds as there are activities, so that going back
// over the arcs that raised them ends in a cycle.
std::vector<std::int32_t> cycle_behind(std::size_t activity, const std::vector<StartArc>& arcs,
                                       const std::vector<std::int32_t>& raised_by) {
    const auto before = [&](std::size_t at) {
        return static_cast<std::size_t>(arcs[static_cast<std::size_t>(raised_by[at])].from);
    };
    std::size_t on_cycle = activity;
    for (std::size_t step = 0; step < raised_by.size(); ++step) on_cycle = before(on_cycle);
    std::vector<std::int32_t> cycle;
    std::size_t at = on_cycle;
    do {
        cycle.push_back(raised_by[at]);
        at = before(at);
    } while (at != on_cycle);
    std::reverse(cycle.begin(), cycle.end());
    return cycle;
}

}  // namespace

std::vector<StartArc> start_arcs(const Project& project, const std::vector<std::int32_t>& mode) {
    std::vector<StartArc> arcs;
    arcs.reserve(project.arcs.size());
    for (const Arc& arc : project.arcs) {
        const auto from = static_cast<std::size_t>(arc.from);
        const Mode& chosen = project.activities[from].modes[static_cast<std::size_t>(mode[from])];
        arcs.push_back({arc.from, arc.to, arc.from_end ? chosen.duration + arc.lag : arc.lag});
    }
    return arcs;
}

EarliestStarts earliest_starts(std::size_t activities, const std::vector<StartArc>& arcs) {
    EarliestStarts found;
    found.start.assign(activities, 0);
    std::vector<std::int32_t> raised_by(activities, -1);
    for (std::size_t round = 0; round <= activities; ++round) {
        std::size_t raised = activities;
        for (std::size_t index = 0; index < arcs.size(); ++index) {
            const StartArc& arc = arcs[index];
            const Time least = found.start[static_cast<std::size_t>(arc.from)] + arc.lag;
            const auto to = static_cast<std::size_t>(arc.to);
            if (least <= found.start[to]) continue;
            found.start[to] = least;
            raised_by[to] = static_cast<std::int32_t>(index);
            raised = to;
        }
        if (raised == activities) return found;
        if (round == activities) found.positive_cycle = cycle_behind(raised, arcs, raised_by);
    }
    return found;
}

PathLengths::PathLengths(std::size_t activities, const std::vector<StartArc>& arcs)
    : count_(activities), length_(activities * activities, kNone) {
    for (std::size_t i = 0; i < count_; ++i) at(i, i) = 0;
    for (const StartArc& arc : arcs) {
        Time& length = at(static_cast<std::size_t>(arc.from), static_cast<std::size_t>(arc.to));
        length = std::max(length, arc.lag);
    }
    for (std::size_t by = 0; by < count_; ++by) {
        for (std::size_t from = 0; from < count_; ++from) {
            const Time first = at(from, by);
            if (first < kNone / 2) continue;
            for (std::size_t to = 0; to < count_; ++to) {
                at(from, to) = std::max(at(from, to), first + at(by, to));
            }
        }
    }
}

bool PathLengths::add(const StartArc& arc) {
    const auto from = static_cast<std::size_t>(arc.from);
    const auto to = static_cast<std::size_t>(arc.to);
    if (at(from, to) >= arc.lag) return true;
    if (at(to, from) >= kNone / 2 && at(to, from) + arc.lag > 0) return false;
    for (std::size_t i = 0; i < count_; ++i) {
        if (at(i, from) < kNone / 2) continue;
        const Time first = at(i, from) + arc.lag;
        for (std::size_t j = 0; j < count_; ++j) at(i, j) = std::max(at(i, j), first + at(to, j));
    }
    return true;
}

}  // namespace ararat::planning::scheduler
