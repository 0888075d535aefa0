// A small good plan with its actions, and a way to spoil one place of it. Fault tests name what they
// change and the exact lines they expect.
#pragma once

#include <gtest/gtest.h>

#include <ostream>
#include <span>
#include <string>
#include <vector>

#include "planning/plan_parser.h"

namespace ararat::planning::testing {

// plan.yaml and actions/NAME/action.yaml for copy, stop, start, check, digest and power-off.
[[nodiscard]] PlanSources small_plan();

struct Spoilt {
    const char* name;
    const char* file;                   // the source file in which ...
    std::string from;                   // ... this text, which occurs once, ...
    std::string to;                     // ... becomes this
    std::vector<std::string> expected;  // lines
};

inline void PrintTo(const Spoilt& spoilt, std::ostream* out) { *out << spoilt.name; }

// The plan with one place changed. Throws when `from` does not occur exactly once.
[[nodiscard]] PlanSources spoil(const PlanSources& sources, const Spoilt& change);

// The cases of the tests of that name.
[[nodiscard]] std::span<const Spoilt> text_fault_cases();
[[nodiscard]] std::span<const Spoilt> plan_fault_cases();
[[nodiscard]] std::span<const Spoilt> action_fault_cases();
[[nodiscard]] std::span<const Spoilt> runbook_fault_cases();

// The case's name as GoogleTest wants it.
[[nodiscard]] std::string case_name(const ::testing::TestParamInfo<Spoilt>& info);

// Parses the spoilt plan and compares the lines.
void expect_lines(const Spoilt& change);

}  // namespace ararat::planning::testing
