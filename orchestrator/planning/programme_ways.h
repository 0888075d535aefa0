// The ways in which one move group can be moved: every combination of what its applications and components
// can be moved by, worked out to lengths, demands, landings and outages.
// Thread promise: functions of their arguments.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "planning/programme_draft.h"

namespace ararat::planning {

// Seeding over one link, or of a given length where the ends are empty.
struct SeedLoad {
    Duration busy{0};
    std::uint64_t bytes_per_second = 0;  // that it takes of the link
    std::vector<std::size_t> pairs;      // of PlannedWay::pairs
};
using LinkEnds = std::pair<SiteId, SiteId>;

struct HostPair {
    const Host* source = nullptr;
    const Host* target = nullptr;  // null: retired, or not in the plan
    SiteId site;                   // where it lands; empty: retired
};

struct ServiceOutage {
    ServiceId service;
    Duration offset{0};
    Duration length{0};
};

struct PlannedWay {
    GroupWay choice;
    Duration cutover{0};
    Pence cost = 0;
    std::map<std::string, int> resources;
    std::map<std::string, int> takes;  // from stocks, of what lands
    std::set<std::string> calendars;
    std::vector<HostPair> pairs;
    std::map<LinkEnds, SeedLoad> seeds;
    Instant not_before;  // links that are not there yet
    Origin not_before_origin;
    std::vector<ServiceOutage> outages;
    std::set<std::string> tasks;  // of links
    bool lands = true;            // else all of it is retired
};

// Ways that compliance, a link or its own applications' words rule out are left out; none: the reason is a
// fault of the draft.
[[nodiscard]] std::vector<PlannedWay> ways_of_group(ProgrammeDraft& draft, std::size_t group);

}  // namespace ararat::planning
