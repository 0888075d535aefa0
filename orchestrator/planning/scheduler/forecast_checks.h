// That a forecast's input fits its programme. Thread promise: pure function.
#pragma once

#include "base/result.h"
#include "planning/scheduler/forecast.h"

namespace ararat::planning::scheduler {

// InvalidArgument: an index is none, a list is not as long as what it is for, a share is none.
[[nodiscard]] Result<void> check_forecast(const Programme& programme, const ProgrammeTimes& times,
                                          const ForecastInput& input);

}  // namespace ararat::planning::scheduler
