// An independent check of schedules: everything is worked out again from the plan, in the plainest way,
// with nothing of the scheduler. Calendars must be in UTC.
#pragma once

#include <string>
#include <vector>

#include "planning/schedule.h"

namespace ararat::testing {

// What the schedule violates, one line each; empty: it holds.
[[nodiscard]] std::vector<std::string> violations(const Plan& plan, Instant as_of,
                                                  const planning::ScheduleOptions& options,
                                                  const planning::Schedule& schedule);

// A schedule as text, for comparing whole schedules.
[[nodiscard]] std::string dump(const planning::Schedule& schedule);

}  // namespace ararat::testing
