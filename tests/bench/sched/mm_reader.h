// Reads PSPLIB's multi-mode files (.mm): several modes, successors, non-renewable resources.
// Units: the file's. Thread promise: pure function.
#pragma once

#include <optional>
#include <string>

#include "planning/scheduler/project.h"

namespace ararat::bench {

// Nothing: not such a file.
[[nodiscard]] std::optional<planning::scheduler::Project> read_mm(const std::string& text);

}  // namespace ararat::bench
