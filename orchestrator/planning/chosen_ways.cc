// What of a plan is carried out, once a way has been chosen for each of its moves.
#include <algorithm>

#include "base/check.h"
#include "planning/programme_schedule.h"

namespace ararat::planning {
namespace {

const Way* find_way(const std::vector<Way>& ways, const std::string& name) {
    const auto found = std::ranges::find(ways, name, &Way::name);
    return found == ways.end() ? nullptr : &*found;
}

void put_way(const Way& way, Component& component) {
    if (!way.runbook.empty()) component.runbook = way.runbook;
    if (way.site.empty()) return;
    for (TargetHost& target : component.targets) target.site = way.site;
}

void put_choice(const WayChoice& choice, Application& application) {
    if (choice.component.empty()) {
        const Way* way = find_way(application.ways, choice.way);
        ARARAT_CHECK(way != nullptr, "a way that its application does not have");
        if (way->duration) application.expected_duration = way->duration;
        if (way->outage) application.expected_outage = way->outage;
        for (Component& component : application.components) {
            if (component.ways.empty()) put_way(*way, component);
        }
        return;
    }
    for (Component& component : application.components) {
        if (component.name != choice.component) continue;
        const Way* way = find_way(component.ways, choice.way);
        ARARAT_CHECK(way != nullptr, "a way that its component does not have");
        put_way(*way, component);
    }
}

}  // namespace

Plan with_chosen_ways(const Plan& plan, const ProgrammeProblem& problem,
                      const scheduler::ProgrammeTimes& times) {
    Plan chosen = plan;
    for (std::size_t group = 0; group < problem.group_jobs.size(); ++group) {
        const auto job = static_cast<std::size_t>(problem.group_jobs[group].cutover);
        const GroupWay& way = problem.group_ways[group][static_cast<std::size_t>(times.way[job])];
        for (const WayChoice& choice : way.choices)
            put_choice(choice, chosen.applications.at(choice.application));
    }
    return chosen;
}

}  // namespace ararat::planning
