// Reads a plan and what it uses from disk: the plan's files and its includes, and the library of runbooks and
// actions. Folders named "runbooks" and "actions" beside the plan are read too: a runbook there comes before
// the library's of the same name; an action of the library's name is a fault that names both places. Nothing
// outside the plan's folder and the library's is read, whatever links say; files that are shipped are no
// links.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "planning/plan_parser.h"

namespace ararat::cli {

// `paths`: files or directories (every *.yaml in them). `library`: the folder with runbooks/ and actions/;
// empty: ARARAT_LIBRARY, then the installed one, then the source tree's.
// `bytes_max`: of one plan file; parse_plan refuses what is larger, too.
// What cannot be read is in `faults`, at the place that asks for it; the rest is read all the same.
[[nodiscard]] planning::PlanSources read_plan_sources(const std::vector<std::string>& paths,
                                                      const std::string& library, std::size_t bytes_max = 0);

}  // namespace ararat::cli
