// The solver for projects with one mode for each activity and no maximum time lags.
// Sources: two populations, one for each direction of time (Debels and Vanhoucke 2007); justification
// (Valls, Ballestin and Quintanilla 2005).
// Thread promise: one thread at a time for each call; no shared state.
#pragma once

#include <cstdint>
#include <functional>

#include "base/result.h"
#include "planning/scheduler/project.h"

namespace ararat::planning::scheduler {

struct SearchLimits {
    // A pass that places every activity once is a schedule, whichever way time runs in it; a pass over part
    // of the activities counts as that part.
    std::int64_t schedules_max = 50'000;
    std::uint64_t seed = 1;
    std::function<bool()> stop;  // asked now and then; true: give back the best so far. May be empty.
};

struct SearchResult {
    Timetable timetable;
    Time lower_bound = 0;
    const char* bound_name = "";  // which bound that is
    std::int64_t schedules = 0;
};

// The same project, limits and seed give the same result, unless stop says when.
[[nodiscard]] Result<SearchResult> solve_single_mode(const Project& project, const SearchLimits& limits);

}  // namespace ararat::planning::scheduler
