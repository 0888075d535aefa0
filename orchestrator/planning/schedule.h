// From a checked plan to waves: which move groups are cut over when. First form: deterministic serial
// generation with change windows, precedence, pairs, renewable resources and link bandwidth; an order
// that misses a deadline is repaired by moving the late group (and what it needs) forward, boundedly.
// The same plan and `as_of` give the same schedule, byte for byte, in whatever order the plan's lists
// were written.
// Preconditions: names refer to things that exist (plan_parser has checked it).
// Errors: the message is one line per fault with its place and code ("plan.yaml:12:5: error E026: ...").
// invalid-argument: what is written contradicts itself. failed-precondition: it does not, and there is no
// schedule: E026, which begins with "proved:", holds for every order of the moves; E027, which begins with
// "not found:", means that the search gave up.
// Units: instants and durations in milliseconds, data in bytes.
// Thread promise: functions of their arguments; no shared state.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "model/compiled_plan.h"
#include "model/plan.h"

namespace ararat::planning {

struct ScheduleOptions {
    std::size_t wave_hosts_max = 0;  // size cap of a wave in source hosts; 0: none. Pins may exceed it
    int horizon_days = 730;          // how far ahead change windows are looked for
    int repairs_max = 64;            // orders tried before the search gives up
    // What a cutover is taken to last when the plan does not say; listed in the notes.
    Duration assumed_cutover{std::chrono::minutes{15}};
};

// The time in which a group's data is seeded over one link: links serve groups in order of cutover.
struct Seeding {
    SiteId from;
    SiteId to;
    std::uint64_t bytes = 0;
    Instant start;
    Instant end;
};

// Where and when one move group is cut over, as expected.
struct Placement {
    MoveGroupId group;
    WaveId wave;
    Instant start;
    Instant end;
    std::vector<Seeding> seeding;
    std::vector<std::string> reasons;  // why here, why not earlier
};

// Halves of a `pairs: spread` component, by target site, in the order in which they move. Within one
// wave the quiesce..switch tasks of turns[i + 1] wait for the switch tasks of turns[i].
struct PairTurns {
    ApplicationId application;
    std::string component;
    std::vector<std::vector<HostId>> turns;  // source hosts
};

// A chain of move groups, each waiting for the one before it, that takes longest.
struct CriticalStep {
    MoveGroupId group;
    Duration expected{0};
};

struct Schedule {
    std::vector<Wave> waves;            // in order of start; Wave::subtree is left empty
    std::vector<MoveGroup> groups;      // sorted by id
    std::vector<Placement> placements;  // sorted by group
    std::vector<PairTurns> pair_turns;  // sorted by application, component
    std::vector<CriticalStep> critical_path;
    Duration critical_duration{0};
    std::vector<std::string> notes;  // for people: assumptions, windows left out, cut soft dependencies
};

[[nodiscard]] Result<Schedule> make_schedule(const Plan& plan, Instant as_of);
[[nodiscard]] Result<Schedule> make_schedule(const Plan& plan, Instant as_of, const ScheduleOptions& options);

// Why this application's group is where it is, one line a reason; empty when it is not scheduled.
[[nodiscard]] std::vector<std::string> explain(const Schedule& schedule, const ApplicationId& application);

}  // namespace ararat::planning
