// The constraints of a programme as values: what explanations name, what a conflict is made of, and what may
// be lifted to see whether it was the reason. Lifting never forbids anything that was allowed: whoever keeps
// a programme keeps it without some of its constraints too. Thread promise: pure functions.
#pragma once

#include <compare>
#include <span>
#include <vector>

#include "planning/scheduler/programme.h"

namespace ararat::planning::scheduler {

enum class ConstraintKind : std::uint8_t {
    kRelease,   // index: the job
    kDeadline,  // a hard one; index: the job
    kHorizon,
    kCalendar,  // index: the calendar, for all jobs that run in it
    kResource,  // index: the resource
    kStock,     // index: the stock
    kBudget,    // index: the service, all its months
    kLag,       // index: the lag
    kApart,     // index: the pair
    kWave,      // index: the pinned wave
    kFixed,     // a start or a way that is fixed; index: the job; of what began before the origin not listed
};

struct Constraint {
    ConstraintKind kind = ConstraintKind::kHorizon;
    std::int32_t index = kNone;
    friend auto operator<=>(const Constraint&, const Constraint&) = default;
};

// All of them, in their own order. What only soft deadlines, groups and amounts say cannot be lifted.
[[nodiscard]] std::vector<Constraint> constraints_of(const Programme& programme);

// The programme without these. Jobs, groups, ways, calendars, resources, stocks, services and waves keep
// their numbers; lags and pairs that are lifted are left out, so that later ones have other numbers. A job
// that is fixed no longer has neither release nor deadline nor calendar, none of which it was held to.
// Without its horizon a programme has time for all its jobs one after the other behind its last window and
// delivery.
[[nodiscard]] Programme without(const Programme& programme, std::span<const Constraint> lifted);

}  // namespace ararat::planning::scheduler
