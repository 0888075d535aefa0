// Readers of the collections of single-mode projects. Files count jobs from 1, projects from 0.
// Sources of the formats: PSPLIB (Kolisch and Sprecher 1996) for .sm, Patterson 1984 for .rcp.
// Thread promise: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "planning/scheduler/project.h"

namespace ararat::bench {

[[nodiscard]] Result<planning::scheduler::Project> read_sm(std::string_view text, const std::string& name);
[[nodiscard]] Result<planning::scheduler::Project> read_rcp(std::string_view text, const std::string& name);

}  // namespace ararat::bench
