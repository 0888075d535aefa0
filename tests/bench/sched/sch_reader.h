// Reads ProGen/max files (.SCH): one mode, successors with time lags from start to start in brackets.
// Units: the file's. Thread promise: pure function.
#pragma once

#include <optional>
#include <string>

#include "planning/scheduler/project.h"

namespace ararat::bench {

// Nothing: not such a file.
[[nodiscard]] std::optional<planning::scheduler::Project> read_sch(const std::string& text);

}  // namespace ararat::bench
