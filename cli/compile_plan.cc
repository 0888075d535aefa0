#include "cli/compile_plan.h"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <cstdio>
#include <ctime>

#include "cli/plan_files.h"
#include "planning/compile.h"
#include "planning/plan_parser.h"

namespace ararat::cli {

Result<Instant> parse_moment(std::string_view option, const std::string& text) {
    std::int64_t seconds = 0;
    const auto* end = text.data() + text.size();
    if (const auto parsed = std::from_chars(text.data(), end, seconds);
        parsed.ec == std::errc{} && parsed.ptr == end) {
        return from_unix_ms(seconds * 1000);
    }
    std::tm parts{};
    const char* rest = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
    if (rest == nullptr || std::string_view(rest) != "Z") {
        return Error{ErrorCode::kInvalidArgument,
                     fmt::format("{} '{}' is not a time (meant: 2026-01-31T18:00:00Z, or seconds since 1970)",
                                 option, text),
                     {}};
    }
    return from_unix_ms(static_cast<std::int64_t>(::timegm(&parts)) * 1000);
}

namespace {

Result<Instant> parse_as_of(const std::string& text) {
    if (!text.empty()) return parse_moment("--as-of", text);
    // Whole seconds: the same plan made twice within one is the same plan.
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    return std::chrono::time_point_cast<Duration>(now);
}

}  // namespace

void add_plan_options(CLI::App& command, PlanOptions& options) {
    command.add_option("FILE", options.files, "Plan files, or a folder of them")->required();
    add_planning_options(command, options);
}

void add_planning_options(CLI::App& command, PlanOptions& options) {
    command.add_option("--library", options.library, "Folder with runbooks/ and actions/");
    command.add_option("--as-of", options.as_of, "The moment of planning (default: now)");
    command.add_option("--max-bytes", options.bytes_max, "Largest plan file accepted");
    command.add_option("--schedules", options.schedules_max, "How many schedules the search may try")
        ->check(CLI::Range(std::int64_t{1}, std::int64_t{100'000'000}));
    command.add_option("--seed", options.seed, "Of the search: the same gives the same schedule");
}

Result<PlanResult> parse_plan_files(const PlanOptions& options) {
    PlanResult result;
    ARARAT_ASSIGN_OR_RETURN(result.as_of, parse_as_of(options.as_of));
    const auto sources = read_plan_sources(options.files, options.library, options.bytes_max);
    auto parsed = planning::parse_plan(sources, {result.as_of, options.bytes_max});
    if (!parsed.ok()) {
        return Error{ErrorCode::kInvalidArgument, planning::text_of(parsed.diagnostics), {}};
    }
    result.source = std::move(parsed.plan);
    return result;
}

Result<PlanResult> compile_plan(const PlanOptions& options) {
    ARARAT_ASSIGN_OR_RETURN(PlanResult result, parse_plan_files(options));
    planning::scheduler::SolveOptions solve;
    solve.schedules_max = options.schedules_max;
    solve.seed = options.seed;
    ARARAT_ASSIGN_OR_RETURN(auto scheduled,
                            planning::schedule_programme(result.source, result.as_of, {}, solve));
    result.source = std::move(scheduled.plan);
    result.schedule = std::move(scheduled.schedule);
    result.programme = {std::move(scheduled.problem), std::move(scheduled.solution)};
    ARARAT_ASSIGN_OR_RETURN(result.plan, planning::compile(result.source, result.schedule));
    return result;
}

ExitCode exit_code_of_compile(const Error& error) {
    return error.code == ErrorCode::kFailedPrecondition ? ExitCode::kInfeasible : exit_code_of(error.code);
}

}  // namespace ararat::cli
