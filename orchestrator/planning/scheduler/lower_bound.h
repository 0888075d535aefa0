// How early a project can end at best.
// Thread promise: pure functions.
#pragma once

#include <vector>

#include "planning/scheduler/network.h"

namespace ararat::planning::scheduler {

struct LowerBound {
    Time value = 0;
    const char* name = "";
};

// The longest way from the project's begin to each activity's start.
[[nodiscard]] std::vector<Time> heads_of(const Network& network);
// The longest way from each activity's end to the project's end.
[[nodiscard]] std::vector<Time> tails_of(const Network& network);

// The better of the critical path and the work of each resource over its capacity.
[[nodiscard]] LowerBound lower_bound_of(const Network& network);

}  // namespace ararat::planning::scheduler
