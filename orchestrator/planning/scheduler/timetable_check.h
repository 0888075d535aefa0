// The verifier: simple, slow, and sharing no code with the solvers. Every test and every program that prints
// a timetable asks it first. Thread promise: pure function.
#pragma once

#include <string>
#include <vector>

#include "planning/scheduler/project.h"

namespace ararat::planning::scheduler {

// Everything that is wrong with it, one line each; empty: it keeps every constraint, and its makespan is
// true.
[[nodiscard]] std::vector<std::string> check_timetable(const Project& project, const Timetable& timetable);

}  // namespace ararat::planning::scheduler
