// Reads a plan and what it uses from disk: the plan's files and its includes, and the library of runbooks and
// actions. A folder named "runbooks" or "actions" beside the plan comes before the library's entry of the same name.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "planning/plan_parser.h"

namespace ararat::cli {

// `paths`: files or directories (every *.yaml in them). `library`: the folder with runbooks/ and actions/;
// empty: ARARAT_LIBRARY, then the installed one, then the source tree's.
// Errors: not-found, invalid-argument (an include that leaves the plan's folder).
[[nodiscard]] Result<planning::PlanSources> read_plan_sources(const std::vector<std::string>& paths,
                                                              const std::string& library);

}  // namespace ararat::cli
