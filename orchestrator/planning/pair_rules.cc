// Pairs for availability: the halves of a spread component, and applications that pair with each
// other, never land on one site. That they do not move at once is the wave builder's part.
#include <algorithm>

#include "base/join.h"
#include "planning/compliance.h"
#include "planning/schedule_problem.h"

namespace ararat::planning {
namespace {

void check_spread(const ApplicationId& application, const Component& component, std::vector<PairTurns>& turns,
                  DiagnosticList& faults) {
    const std::string name = application.str() + "/" + component.name;
    if (component.targets.size() < 2 || component.targets.size() != component.hosts.size()) {
        faults.add(component.place, DiagnosticCode::kConflict,
                   name +
                       " is to be spread (pairs: spread) but has fewer than "
                       "two hosts with a target each");
        return;
    }
    std::vector<SiteId> sites;  // in order of first use: the order of the turns
    std::map<SiteId, std::vector<std::size_t>> at_site;
    for (std::size_t i = 0; i < component.targets.size(); ++i) {
        const SiteId& site = component.targets[i].site;
        if (!at_site.contains(site)) sites.push_back(site);
        at_site[site].push_back(i);
    }
    const std::size_t half = (component.targets.size() + 1) / 2;
    PairTurns pair{application, component.name, {}};
    for (const SiteId& site : sites) {
        const std::vector<std::size_t>& members = at_site.at(site);
        std::vector<std::string> names;
        std::vector<HostId> turn;
        for (const std::size_t i : members) {
            names.push_back(component.hosts[i].str() + " (to " + component.targets[i].host.str() + ")");
            turn.push_back(component.hosts[i]);
        }
        pair.turns.push_back(std::move(turn));
        if (members.size() > half) {
            faults.add(component.place, DiagnosticCode::kConflict,
                       name + " is to be spread (pairs: spread), but " + join(names, " and ") +
                           " would both land on site " + site.str() + "; move one of them elsewhere");
        }
    }
    turns.push_back(std::move(pair));
}

std::set<SiteId> target_sites(const Application& application) {
    std::set<SiteId> sites;
    for (const Component& component : application.components) {
        if (only_retires(application, component)) continue;
        for (const TargetHost& target : component.targets) sites.insert(target.site);
    }
    return sites;
}

void check_pairs_with(const Plan& plan, const MoveGroups& groups, const Application& application,
                      DiagnosticList& faults) {
    for (const ApplicationUse& use : application.pairs_with) {
        const std::string both = application.id.str() + " pairs with " + use.application.str();
        if (use.application == application.id) {
            faults.add(use.place, DiagnosticCode::kConflict, both + ": a pair has two different halves");
            continue;
        }
        const MoveGroupId group = groups.group_of.at(application.id);
        if (group == groups.group_of.at(use.application)) {
            const auto at = std::ranges::find(groups.groups, group, &MoveGroup::id);
            faults.add(
                use.place, DiagnosticCode::kConflict,
                both + " and must move apart, but they must move together: " + join(at->reasons, "; "));
        }
        const Application& other = plan.applications.at(use.application);
        if (chooses_site(application) || chooses_site(other)) continue;
        const std::set<SiteId> theirs = target_sites(other);
        for (const SiteId& site : target_sites(application)) {
            if (!theirs.contains(site)) continue;
            faults.add(use.place, DiagnosticCode::kConflict,
                       both + ", but both would land on site " + site.str() + ": " + application.id.str() +
                           " (" + to_string(application.place) + "), " + other.id.str() + " (" +
                           to_string(other.place) + ")");
        }
    }
}

}  // namespace

bool chooses_site(const Application& application) {
    const auto has_site = [](const Way& way) { return !way.site.empty(); };
    return std::ranges::any_of(application.ways, has_site) ||
           std::ranges::any_of(application.components, [&](const Component& component) {
               return std::ranges::any_of(component.ways, has_site);
           });
}

void check_pairs(const Plan& plan, const MoveGroups& groups, std::vector<PairTurns>& turns,
                 DiagnosticList& faults) {
    for (const auto& [id, application] : plan.applications) {
        std::vector<const Component*> spread;
        for (const Component& component : application.components) {
            if (component.pairs == PairRule::kSpread) spread.push_back(&component);
        }
        std::ranges::sort(spread, {}, &Component::name);
        for (const Component* component : spread) check_spread(id, *component, turns, faults);
        check_pairs_with(plan, groups, application, faults);
    }
}

}  // namespace ararat::planning
