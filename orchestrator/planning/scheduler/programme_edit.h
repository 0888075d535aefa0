// Changes to a copy of a programme that keep its flat arrays sound, and what a schedule of it takes of the
// budgets. Units: minutes. Thread promise: pure functions of their arguments.
#pragma once

#include <vector>

#include "planning/scheduler/programme.h"

namespace ararat::planning::scheduler {

// Gives the job ways that no other job shares, at the end of the array, and returns them. The span holds
// until the next change of the ways. Their demands, stock changes and outages are still shared.
std::span<Way> own_ways(Programme& programme, JobIndex job);

// Puts one more demand to those of a way, which no other way then shares.
void add_demand(Programme& programme, Way& way, Demand demand);

// A calendar without a window, in which nothing runs; added where there is none.
std::int32_t closed_calendar(Programme& programme);

// Minutes of planned outage by service, then by month of Programme::month_starts. Jobs without a start
// (kNoMinute) take nothing; what lies outside the months is in none.
[[nodiscard]] std::vector<Minute> outage_used(const Programme& programme, const ProgrammeTimes& times);

}  // namespace ararat::planning::scheduler
