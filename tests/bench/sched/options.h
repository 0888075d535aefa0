// What the benchmark of the scheduler was asked for.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace ararat::bench {

struct Options {
    std::vector<std::string> data;    // files and folders
    std::string best_known;           // CSV with the columns instance and best_ub; may be empty
    std::string starts;               // where every job's start and mode goes; may be empty
    std::int64_t schedules = 50'000;  // at most, for each project
    double seconds = 0;               // at most, for each project; 0: as long as it takes
    double cpu_seconds = 0;           // the same in processor time, for a machine that others use
    std::uint64_t seed = 1;
    std::size_t every = 1;  // one project of so many, beginning with the first
    bool quiet = false;     // the means only
};

[[nodiscard]] Result<Options> options_of(const std::vector<std::string>& arguments);

}  // namespace ararat::bench
