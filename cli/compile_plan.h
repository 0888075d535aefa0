// From files to a compiled plan, as every offline command needs it.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/exit_code.h"
#include "model/compiled_plan.h"
#include "model/plan.h"
#include "planning/schedule.h"

namespace ararat::cli {

struct PlanOptions {
    std::vector<std::string> files;
    std::string library;
    std::string as_of;  // RFC 3339, or seconds since 1970; empty: now
    std::uint64_t bytes_max = std::uint64_t{8} * 1024 * 1024;
};
void add_plan_options(CLI::App& command, PlanOptions& options);

struct PlanResult {
    Plan source;
    planning::Schedule schedule;
    CompiledPlan plan;
    Instant as_of;
};

// Errors: invalid-argument with every fault, one a line; failed-precondition when there is no schedule.
[[nodiscard]] Result<PlanResult> compile_plan(const PlanOptions& options);
// Faults in the plan are 3, no solution is 5.
[[nodiscard]] ExitCode exit_code_of_compile(const Error& error);

}  // namespace ararat::cli
