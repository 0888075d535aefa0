// What one way of a move group asks of everything that is limited.
// Thread promise: functions of their arguments.
#pragma once

#include <cstddef>
#include <vector>

#include "planning/programme_ways.h"

namespace ararat::planning {

// Of equipment and sites that these pairs of hosts leave or reach: at most all that there is.
void add_move_limits(const ProgrammeDraft& draft, const PlannedWay& way,
                     const std::vector<std::size_t>& pairs, WaySpec& spec);
// At the job's start, so that nobody else counts on it.
void take_stocks(const ProgrammeDraft& draft, const PlannedWay& way, WaySpec& spec);
// At the job's end.
void free_stocks(const ProgrammeDraft& draft, const MoveGroup& group, WaySpec& spec);
// Outages of one service that overlap are one.
void add_outages(const ProgrammeDraft& draft, const PlannedWay& way, WaySpec& spec);

}  // namespace ararat::planning
