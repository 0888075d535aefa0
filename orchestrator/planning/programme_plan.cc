// A plan in the ways that a schedule has chosen.
#include <algorithm>

#include "base/check.h"
#include "planning/programme_problem.h"

namespace ararat::planning {
namespace {

const Way* way_named(const std::vector<Way>& ways, const std::string& name) {
    const auto found = std::ranges::find(ways, name, &Way::name);
    return found == ways.end() ? nullptr : &*found;
}

void carry_out(const Way& way, Component& component, const Plan& plan) {
    if (!way.runbook.empty()) component.runbook = way.runbook;
    if (!way.retires) return;
    component.targets.clear();
    for (const HostId& name : component.hosts) {
        const auto host = plan.hosts.find(name);
        component.targets.push_back({name, host == plan.hosts.end() ? SiteId{} : host->second.site});
    }
}

// The longest of what the application and its components were given; nothing where none says.
void add_length(const std::optional<Duration>& length, std::optional<Duration>& longest) {
    if (length) longest = std::max(longest.value_or(Duration{0}), *length);
}

void carry_out(const std::vector<const WayChoice*>& choices, Application& application, const Plan& plan) {
    const Application written = application;
    const Way* whole = nullptr;
    for (const WayChoice* choice : choices) {
        if (choice->component.empty()) whole = way_named(written.ways, choice->way);
    }
    std::optional<Duration> duration =
        whole != nullptr && whole->duration ? whole->duration : written.expected_duration;
    std::optional<Duration> outage =
        whole != nullptr && whole->outage ? whole->outage : written.expected_outage;
    if (whole != nullptr && whole->resources) application.resources = *whole->resources;
    for (Component& component : application.components) {
        if (component.ways.empty()) {
            if (whole != nullptr) carry_out(*whole, component, plan);
            continue;
        }
        for (const WayChoice* choice : choices) {
            const Way* way =
                choice->component == component.name ? way_named(component.ways, choice->way) : nullptr;
            if (way == nullptr) continue;
            const Way chosen = *way;
            carry_out(chosen, component, plan);
            add_length(chosen.duration, duration);
            add_length(chosen.outage, outage);
            for (const auto& [name, count] : chosen.resources.value_or(std::map<std::string, int>())) {
                application.resources[name] += count;
            }
        }
        component.ways.clear();
    }
    application.expected_duration = duration;
    application.expected_outage = outage;
    application.ways.clear();
}

}  // namespace

Plan plan_in_ways(const Plan& plan, const ProgrammeProblem& problem, const scheduler::ProgrammeTimes& times) {
    ARARAT_CHECK(times.way.size() == problem.jobs.size(), "times of another programme");
    Plan chosen = plan;
    for (std::size_t group = 0; group < problem.group_jobs.size(); ++group) {
        const auto cutover = static_cast<std::size_t>(problem.group_jobs[group].cutover);
        const GroupWay& way = problem.group_ways[group][static_cast<std::size_t>(times.way[cutover])];
        std::map<ApplicationId, std::vector<const WayChoice*>> by_application;
        for (const WayChoice& choice : way.choices) by_application[choice.application].push_back(&choice);
        for (const auto& [id, choices] : by_application) {
            carry_out(choices, chosen.applications.at(id), plan);
        }
    }
    return chosen;
}

}  // namespace ararat::planning
