// What an application's data asks of the links between its source and target sites: seeding D bytes
// over B bytes a second while c bytes a second change takes D / (B - c), and never ends unless B > c.
#include <algorithm>
#include <limits>

#include "base/units.h"
#include "planning/schedule_problem.h"

namespace ararat::planning {
namespace {

// Bytes and change of one application between two sites.
struct Flow {
    std::uint64_t hosts = 0;
    std::uint64_t change_bytes_per_hour = 0;
};

std::map<std::pair<SiteId, SiteId>, Flow> flows_of(const Plan& plan, const Application& application,
                                                   std::uint64_t& hosts_moved) {
    std::map<std::pair<SiteId, SiteId>, Flow> flows;
    for (const Component& component : application.components) {
        for (std::size_t i = 0; i < std::min(component.hosts.size(), component.targets.size()); ++i) {
            const auto host = plan.hosts.find(component.hosts[i]);
            if (host == plan.hosts.end()) continue;
            ++hosts_moved;
            if (host->second.site == component.targets[i].site) continue;  // stays: no link is used
            Flow& flow = flows[{host->second.site, component.targets[i].site}];
            ++flow.hosts;
            flow.change_bytes_per_hour += host->second.change_bytes_per_hour;
        }
    }
    return flows;
}

const Link* find_link(const Plan& plan, const SiteId& from, const SiteId& to) {
    const Link* found = nullptr;
    for (const Link& link : plan.links) {
        if (link.from != from || link.to != to) continue;
        if (found == nullptr || link.place < found->place) found = &link;
    }
    return found;
}

// Milliseconds, rounded up; scaled so that nothing overflows.
Duration time_for(std::uint64_t bytes, std::uint64_t bytes_per_hour) {
    constexpr std::uint64_t kMsPerHour = 3'600'000;
    while (bytes_per_hour > std::numeric_limits<std::uint64_t>::max() / kMsPerHour / 2) {
        bytes_per_hour /= 2;
        bytes = bytes / 2 + 1;
    }
    const std::uint64_t whole_hours = bytes / bytes_per_hour;
    const std::uint64_t rest_ms = (bytes % bytes_per_hour * kMsPerHour + bytes_per_hour - 1) / bytes_per_hour;
    constexpr std::uint64_t kHoursMax = 1'000'000;  // a century; keeps sums of many within range
    return Duration{static_cast<std::int64_t>(std::min(whole_hours, kHoursMax) * kMsPerHour + rest_ms)};
}

std::uint64_t share_of(std::uint64_t total, std::uint64_t part, std::uint64_t whole) {
    return total / whole * part + total % whole * part / whole;
}

}  // namespace

void add_link_use(const Plan& plan, const Application& application, LinkUse& use, DiagnosticList& faults) {
    std::uint64_t hosts_moved = 0;
    for (const auto& [ends, flow] : flows_of(plan, application, hosts_moved)) {
        const auto& [from, to] = ends;
        const Link* link = find_link(plan, from, to);
        const std::string name = "the link from " + from.str() + " to " + to.str();
        const std::uint64_t bytes = share_of(application.data_bytes, flow.hosts, hosts_moved);
        if (link == nullptr) {
            if (bytes > 0 && !plan.links.empty()) {
                faults.add(application.place, DiagnosticCode::kConflict,
                           application.id.str() + " has " + format_bytes(bytes) +
                               " to move, but there is no link from " + from.str() + " to " + to.str());
            }
            continue;
        }
        if (link->available_from) use.available_from = std::max(use.available_from, *link->available_from);
        if (link->available_from && *link->available_from > use.not_before) {
            use.not_before = *link->available_from;
            use.not_before_text = name + " is available only from then (" + to_string(link->place) + ")";
        }
        use.links.push_back(link);
        if (bytes == 0) continue;
        const auto percent = static_cast<std::uint64_t>(std::clamp(link->usable_percent, 0, 100));
        std::uint64_t per_second = share_of(link->bytes_per_second, percent, 100);
        if (application.seeding_bytes_per_second_max > 0) {
            per_second = std::min(per_second, application.seeding_bytes_per_second_max);
        }
        constexpr std::uint64_t kPerSecondMax = std::numeric_limits<std::uint64_t>::max() / 3600;
        const std::uint64_t per_hour = std::min(per_second, kPerSecondMax) * 3600;
        if (per_hour <= flow.change_bytes_per_hour) {
            faults.add(application.place, DiagnosticCode::kConflict,
                       "seeding " + application.id.str() + " would never end: its hosts change " +
                           format_bytes(flow.change_bytes_per_hour) + " an hour, and " + name + " can use " +
                           format_bytes(per_hour) + " an hour (" + to_string(link->place) + ")");
            continue;
        }
        std::uint64_t& taken = use.bytes_per_second[ends];
        taken = std::max(taken, per_second);
        auto& [sum_bytes, sum_busy] = use.loads[ends];
        sum_bytes += bytes;
        sum_busy += time_for(bytes, per_hour - flow.change_bytes_per_hour);
    }
}

}  // namespace ararat::planning
