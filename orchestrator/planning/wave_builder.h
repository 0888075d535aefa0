// Serial generation of a schedule: units in order of urgency, each at the first moment at which
// nothing refuses. Internal to the scheduler.
// Thread promise: values and functions of their arguments.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "planning/schedule_problem.h"
#include "planning/wave_book.h"

namespace ararat::planning {

// A unit for which no moment was found.
struct Unplaced {
    std::size_t unit = 0;
    bool missed_deadline = false;       // else: no window was left
    std::vector<std::string> refusals;  // what stood in the way, in order of time
};

struct BuildOutcome {
    BuiltWaves built;  // complete when `unplaced` is empty
    std::optional<Unplaced> unplaced;
};

// `urgency` lifts units (and all they need) before others: higher first; by unit.
[[nodiscard]] BuildOutcome build_waves(const Problem& problem, const std::vector<int>& urgency);

// The earliest start of each unit whatever the others do, from needs, windows and its own seeding
// alone: a bound for every schedule. Empty where no window is left.
[[nodiscard]] std::vector<std::optional<Instant>> earliest_starts(const Problem& problem);

// Units in an order in which what is needed comes first.
[[nodiscard]] std::vector<std::size_t> order_by_needs(const Problem& problem);

}  // namespace ararat::planning
