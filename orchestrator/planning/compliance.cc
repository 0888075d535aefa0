#include "planning/compliance.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace ararat::planning {

std::optional<Unsupported> unsupported(const Plan& plan, const Host& host) {
    std::optional<Unsupported> found;
    for (const auto& [regime, wanted] : host.compliance) {
        if (wanted == "retire") return Unsupported{Remedy::kRetire, regime + ": retire"};
        if (wanted == "upgrade" && !found) found = Unsupported{Remedy::kUpgrade, regime + ": upgrade"};
    }
    const auto listed = std::ranges::find(plan.unsupported, host.os, &NamedPlace::name);
    if (listed != plan.unsupported.end() && !host.os.empty()) {
        return Unsupported{Remedy::kUpgrade, host.os + " is unsupported, " + to_string(listed->place)};
    }
    return found;
}

const std::vector<Way>& ways_of(const Application& application, const Component& component) {
    return component.ways.empty() ? application.ways : component.ways;
}

bool only_retires(const Application& application, const Component& component) {
    const std::vector<Way>& ways = ways_of(application, component);
    return !ways.empty() && std::ranges::all_of(ways, [](const Way& way) { return way.retires; });
}

bool mends(const Way& way, Remedy remedy) {
    return way.retires || (remedy == Remedy::kUpgrade && way.upgrades);
}

std::string owner_of(const Plan& plan, const Application& application) {
    if (!application.owner.empty()) return application.owner;
    const auto service = plan.services.find(application.service);
    return service == plan.services.end() ? std::string() : service->second.owner;
}

std::vector<ComplianceLine> compliance_lines(const Plan& plan) {
    std::vector<ComplianceLine> lines;
    std::set<HostId> moved;
    for (const auto& [id, application] : plan.applications) {
        for (const Component& component : application.components) {
            for (const HostId& name : component.hosts) {
                const auto host = plan.hosts.find(name);
                if (host == plan.hosts.end()) continue;
                moved.insert(name);
                const auto why = unsupported(plan, host->second);
                if (!why) continue;
                ComplianceLine line{
                    owner_of(plan, application), name, why->reason, id, component.name, {}, {}};
                for (const Way& way : ways_of(application, component)) {
                    if (mends(way, why->remedy)) line.ways.push_back(way.name);
                }
                line.place = host->second.place;
                lines.push_back(std::move(line));
            }
        }
    }
    for (const auto& [name, host] : plan.hosts) {
        if (moved.contains(name)) continue;
        if (const auto why = unsupported(plan, host)) {
            lines.push_back({"", name, why->reason, {}, "", {}, host.place});
        }
    }
    std::ranges::sort(lines, [](const ComplianceLine& a, const ComplianceLine& b) {
        return std::tie(a.owner, a.host, a.application, a.component) <
               std::tie(b.owner, b.host, b.application, b.component);
    });
    return lines;
}

}  // namespace ararat::planning
