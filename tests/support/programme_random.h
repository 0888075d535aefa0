// Tiny programmes with everything on, for the oracle. Thread promise: pure function.
#pragma once

#include "planning/scheduler/programme.h"

namespace ararat::planning::scheduler {

struct TinyProgramme {
    std::int32_t jobs_max = 4;  // from 2 on
    Minute horizon = 14;
    std::int32_t constraints_max = 6;  // beyond durations and ways; each of a kind drawn by lot
};

// The same arguments give the same programme; about half of them have a schedule. Always well formed.
[[nodiscard]] Programme random_programme(const TinyProgramme& shape, std::uint64_t seed);

}  // namespace ararat::planning::scheduler
