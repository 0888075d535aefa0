// Lower bounds on the makespan of a multi-mode project: the longest path with the shortest modes, and the
// least work of each renewable resource. Units: time steps. Thread promise: pure function.
#pragma once

#include <string>

#include "planning/scheduler/multi_mode_choice.h"

namespace ararat::planning::scheduler {

struct MultiModeBound {
    Time makespan = 0;
    std::string from;
};

// Precondition: no activity without a usable mode, no cycle of arcs.
[[nodiscard]] MultiModeBound multi_mode_bound(const Project& project, const ModeChoice& choice);

}  // namespace ararat::planning::scheduler
