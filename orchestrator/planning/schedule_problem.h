// What the scheduler places: a plan's move groups, and pinned waves as wholes, with everything that
// restricts them worked out. Internal to the scheduler.
// Thread promise: values and functions of their arguments.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/instant.h"
#include "model/plan.h"
#include "planning/calendar.h"
#include "planning/move_groups.h"
#include "planning/schedule.h"

namespace ararat::planning {

struct LinkLoad {
    std::size_t link = 0;  // index in Problem::links
    std::uint64_t bytes = 0;
    Duration busy{0};  // how long the link is taken: bytes / (usable bandwidth - change rate)
};

struct GroupPart {
    std::size_t group = 0;  // index in Problem::groups
    Duration offset{0};     // of its start after the unit's
    Duration duration{0};
    std::vector<LinkLoad> seeding;  // sorted by link
};

// What is placed as one: a move group, or all groups of a pinned wave.
struct Unit {
    std::string name;  // "move group housing", "pinned wave first"
    SourcePlace place;
    std::vector<GroupPart> parts;       // sorted by group
    std::optional<std::size_t> pin;     // index in Plan::waves
    bool any_time = false;              // no calendar restricts it
    Instant open_from = kAnyTimeStart;  // any_time: from when the plan has its links, whatever as_of is
    WindowList windows;
    std::string calendars;  // "calendar evenings", for people
    std::string timezone;   // in which its times are shown
    Duration duration{0};
    std::map<std::string, int> demand;
    std::size_t hosts = 0;  // source hosts
    int priority = 0;       // 1 is most urgent
    std::optional<Instant> deadline;
    std::string deadline_text;  // "the contract of ark ends on 2018-02-28 (plan.yaml:3:3)"
    Instant not_before;
    std::string not_before_text;               // empty: as_of
    std::map<std::size_t, std::string> needs;  // unit -> why it comes first
    std::map<std::size_t, std::string> apart;  // unit -> why never at the same time
    std::vector<LinkLoad> seeding;             // sorted by link
};

struct ProblemLink {
    SiteId from;
    SiteId to;
    Instant available_from;  // not before as_of
};

struct Problem {
    Instant as_of;
    ScheduleOptions options;
    MoveGroups move_groups;
    std::vector<Unit> units;                          // sorted by name
    std::vector<std::vector<std::size_t>> needed_by;  // unit -> units
    std::vector<ProblemLink> links;
    std::map<std::string, int> capacity;
    std::vector<PairTurns> pair_turns;
    std::vector<CriticalStep> critical_path;
    Duration critical_duration{0};
    std::vector<std::string> notes;
};

// Errors: as make_schedule's.
[[nodiscard]] Result<Problem> make_problem(const Plan& plan, Instant as_of, const ScheduleOptions& options);

// ---- parts of make_problem, each in a file of its own ----

// The groups with their hard dependencies and expected lengths.
[[nodiscard]] DependencyGraph group_graph(const Plan& plan, const MoveGroups& groups, Duration assumed);

// When each application of a group begins, from the group's beginning, and how long the group takes: its
// longest chain of needs; what needs each other goes at once.
struct GroupTiming {
    std::map<ApplicationId, Duration> offsets;
    Duration length{0};
};
[[nodiscard]] GroupTiming timing_of(const Plan& plan, const MoveGroup& group,
                                    const std::map<ApplicationId, Duration>& durations);

// The expected length of a group.
[[nodiscard]] Duration group_duration(const Plan& plan, const MoveGroup& group, Duration assumed);

// Spread pairs and pairs-with: faults where both halves would land on one site or in one move group.
void check_pairs(const Plan& plan, const MoveGroups& groups, std::vector<PairTurns>& turns,
                 DiagnosticList& faults);

// Which site it lands at is a choice between its ways: `to` alone does not say whether it shares one.
[[nodiscard]] bool chooses_site(const Application& application);

// What seeding an application's data asks of the links, added to `loads`, and when they are there.
struct LinkUse {
    std::map<std::pair<SiteId, SiteId>, std::pair<std::uint64_t, Duration>> loads;
    Instant not_before;
    std::string not_before_text;
    Instant available_from = kAnyTimeStart;  // the latest that the links' entries in the plan name
    // What seeding takes of each link that it uses, in bytes a second.
    std::map<std::pair<SiteId, SiteId>, std::uint64_t> bytes_per_second;
    std::vector<const Link*> links;  // of which it waits, whether it has data to seed or not
};
void add_link_use(const Plan& plan, const Application& application, LinkUse& use, DiagnosticList& faults);

// Pins may ask for waves that wait for each other. Precondition: `needs` of all units is set.
void check_unit_order(const Problem& problem, DiagnosticList& faults);

}  // namespace ararat::planning
