// Plans for tests: the action library and runbooks of plans/, and small plans written in the tests.
#pragma once

#include <string>
#include <vector>

#include "planning/plan_parser.h"

namespace ararat::planning::testing {

// 2024-03-04T10:00:00Z, a Monday.
[[nodiscard]] Instant test_now();

// A plan file's text with the files that it includes and imports, the runbooks and actions beside it, and the
// library that ships with Ararat.
[[nodiscard]] PlanSources with_library(const std::string& name, const std::string& text);

// A plan file's text and nothing else.
[[nodiscard]] PlanSources alone(const std::string& name, const std::string& text);

// The moment in the file `as-of` beside a plan of this project; test_now() where there is none.
[[nodiscard]] Instant as_of(const std::string& plan);

[[nodiscard]] ParseOutcome parse(const PlanSources& sources, Instant as_of = test_now());

// Each diagnostic as its line.
[[nodiscard]] std::vector<std::string> lines(const ParseOutcome& outcome);

// The files below plans/ that are plans themselves, by path from the project's root.
[[nodiscard]] std::vector<std::string> example_plans();
[[nodiscard]] std::string read_project_file(const std::string& path);

}  // namespace ararat::planning::testing
