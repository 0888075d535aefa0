// From files to a compiled plan, as every offline command needs it.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/exit_code.h"
#include "model/compiled_plan.h"
#include "model/plan.h"
#include "planning/programme_schedule.h"
#include "planning/schedule.h"

namespace ararat::cli {

struct PlanOptions {
    std::vector<std::string> files;
    std::string library;
    std::string as_of;  // RFC 3339, or seconds since 1970; empty: now
    std::uint64_t bytes_max = std::uint64_t{8} * 1024 * 1024;
    // Of the search for a better schedule: it ends after so many, and always in the same way.
    std::int64_t schedules_max = 2000;
    std::uint64_t seed = 1;
};
// FILE... and the others.
void add_plan_options(CLI::App& command, PlanOptions& options);
// The others alone.
void add_planning_options(CLI::App& command, PlanOptions& options);

// Errors: invalid-argument, naming the option.
[[nodiscard]] Result<Instant> parse_moment(std::string_view option, const std::string& text);

struct PlanResult {
    Plan source;  // with the ways that were chosen
    planning::Schedule schedule;
    planning::SolvedProgramme programme;
    CompiledPlan plan;
    Instant as_of;
};

// Errors: invalid-argument with every fault, one a line; failed-precondition when there is no schedule.
[[nodiscard]] Result<PlanResult> compile_plan(const PlanOptions& options);
// As far as the parsed plan.
[[nodiscard]] Result<PlanResult> parse_plan_files(const PlanOptions& options);
// Faults in the plan are 3, no solution is 5.
[[nodiscard]] ExitCode exit_code_of_compile(const Error& error);

}  // namespace ararat::cli
