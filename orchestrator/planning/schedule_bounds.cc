// What holds for every schedule, whatever order the search takes: what waits for itself, and when
// each unit can start at the earliest.
#include <algorithm>

#include "base/check.h"
#include "base/join.h"
#include "planning/wave_builder.h"

namespace ararat::planning {

void check_unit_order(const Problem& problem, DiagnosticList& faults) {
    DependencyGraph graph;
    for (const Unit& unit : problem.units) graph.add_node(unit.name);
    for (const Unit& unit : problem.units) {
        for (const auto& [needed, why] : unit.needs) {
            const auto added =
                graph.add({unit.name, problem.units[needed].name, DependencyKind::kHard, unit.place});
            ARARAT_CHECK(added.ok(), "every unit is a node");
        }
    }
    std::map<std::string, const Unit*> by_name;
    for (const Unit& unit : problem.units) by_name[unit.name] = &unit;
    for (const Cycle& cycle : graph.cycles()) {
        std::vector<std::string> whys;
        for (const Dependency& edge : cycle.shortest) {
            for (const auto& [needed, why] : by_name.at(edge.dependent)->needs) {
                if (problem.units[needed].name == edge.prerequisite) whys.push_back(why);
            }
        }
        faults.add(by_name.at(cycle.nodes.front())->place, DiagnosticCode::kCycle,
                   join(cycle.nodes, " and ") + " wait for each other: " + join(whys, ", "));
    }
}

std::vector<std::size_t> order_by_needs(const Problem& problem) {
    std::vector<std::size_t> open(problem.units.size());
    std::vector<std::size_t> order;
    for (std::size_t unit = 0; unit < problem.units.size(); ++unit) {
        open[unit] = problem.units[unit].needs.size();
        if (open[unit] == 0) order.push_back(unit);
    }
    for (std::size_t next = 0; next < order.size(); ++next) {
        for (const std::size_t dependent : problem.needed_by[order[next]]) {
            if (--open[dependent] == 0) order.push_back(dependent);
        }
    }
    ARARAT_CHECK(order.size() == problem.units.size(), "make_problem refuses units that wait for each other");
    return order;
}

std::vector<std::optional<Instant>> earliest_starts(const Problem& problem) {
    std::vector<std::optional<Instant>> starts(problem.units.size());
    for (const std::size_t index : order_by_needs(problem)) {
        const Unit& unit = problem.units[index];
        Instant ready = std::max(problem.as_of, unit.not_before);
        bool possible = true;
        for (const auto& [needed, why] : unit.needs) {
            possible = possible && starts[needed].has_value();
            if (starts[needed]) ready = std::max(ready, *starts[needed] + problem.units[needed].duration);
        }
        for (const LinkLoad& load : unit.seeding) {
            ready = std::max(ready, problem.links[load.link].available_from + load.busy);
        }
        if (!possible) continue;
        if (unit.any_time) {  // it may also join a wave beyond its own window
            starts[index] = ready;
            continue;
        }
        Duration last_offset{0};
        for (const GroupPart& part : unit.parts) last_offset = std::max(last_offset, part.offset);
        for (const ChangeWindow& window : unit.windows.windows) {
            const Instant start = std::max(ready, window.start);
            if (start + last_offset > window.latest_start || start + unit.duration > window.end) continue;
            starts[index] = start;
            break;
        }
    }
    return starts;
}

}  // namespace ararat::planning
