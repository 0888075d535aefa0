// What no schedule of a programme can do better: bounds on the finish, and proofs that hard dates cannot be
// kept. Sources: critical path with calendars; energy against capacity over time (Neumann, Schwindt and
// Zimmermann 2003); energy of the jobs that must lie in an interval (Baptiste, Le Pape and Nuijten 2001).
// Thread promise: functions of their arguments.
#pragma once

#include "planning/scheduler/programme.h"
#include "planning/scheduler/programme_network.h"
#include "planning/scheduler/programme_solver.h"

namespace ararat::planning::scheduler {

// The largest of all bounds. Precondition: the network has no flaw.
[[nodiscard]] FinishBound finish_bound(const Programme& programme, const ProgrammeNetwork& network);

// kOverload with resource, interval and a job in it, where jobs that must lie in an interval by lags,
// calendars and hard dates ask for more than there is; or the same with a stock that all jobs together
// overdraw.
[[nodiscard]] Infeasibility overload(const Programme& programme, const ProgrammeNetwork& network);

}  // namespace ararat::planning::scheduler
