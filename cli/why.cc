#include <fmt/format.h>

#include <memory>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/compile_plan.h"
#include "cli/output/table.h"
#include "planning/programme_words.h"

namespace ararat::cli {

namespace {

Result<void> why(Context& context, const std::string& subject, const std::string& run) {
    ARARAT_ASSIGN_OR_RETURN(auto client, Client::connect(context));
    v1::WhyRequest request;
    request.set_run(run);
    request.set_subject(subject);
    ARARAT_ASSIGN_OR_RETURN(const auto response, client.call(&v1::Control::Stub::Why, request));
    if (context.format != OutputFormat::kTable && context.format != OutputFormat::kWide) {
        Table table{{{"REASON"}}, {}};
        for (const auto& reason : response.reasons()) table.rows.push_back({reason});
        emit(context, response, table);
        return {};
    }
    fmt::print("{} is {}\n", subject, response.state());
    for (const auto& reason : response.reasons()) fmt::print("  {}\n", reason);
    return {};
}

struct WhyPlanned {
    PlanOptions plan;
    std::string at;
};

void print_lines(Context& context, const std::string& subject, const std::vector<std::string>& lines) {
    if (context.format != OutputFormat::kTable && context.format != OutputFormat::kWide) {
        v1::WhyResponse response;
        Table table{{{"REASON"}}, {}};
        for (const auto& line : lines) {
            response.add_reasons(line);
            table.rows.push_back({line});
        }
        emit(context, response, table);
        return;
    }
    fmt::print("{}\n", subject);
    for (const auto& line : lines) fmt::print("  {}\n", line);
}

// Of a plan's schedule, which is made here: no orchestrator is asked.
Result<void> why_planned(Context& context, const std::string& subject, const WhyPlanned& options) {
    const auto compiled = compile_plan(options.plan);
    if (!compiled.ok()) {
        fmt::print("{}\n", compiled.error().text());
        context.exit_code = exit_code_of_compile(compiled.error());
        return {};
    }
    const auto& [problem, solution] = compiled->programme;
    const auto groups = planning::groups_of(compiled->source, compiled->schedule, subject);
    if (groups.empty()) {
        return Error{ErrorCode::kNotFound,
                     "the plan has no wave, host, application or move group of this name", subject};
    }
    std::vector<std::string> lines;
    for (const std::size_t group : groups) {
        const auto job = problem.group_jobs[group].cutover;
        std::vector<std::string> more;
        if (options.at.empty()) {
            more = planning::why_lines(compiled->source, problem, solution.times, job);
        } else {
            ARARAT_ASSIGN_OR_RETURN(const Instant at, parse_moment("--at", options.at));
            const auto minute = std::chrono::floor<std::chrono::minutes>(at - problem.origin).count();
            if (minute < 0 || minute > problem.programme.horizon) {
                return Error{ErrorCode::kInvalidArgument, "--at lies outside what is planned for",
                             options.at};
            }
            more = planning::why_not_lines(compiled->source, problem, solution.times, job,
                                           static_cast<planning::scheduler::Minute>(minute));
        }
        lines.insert(lines.end(), more.begin(), more.end());
    }
    print_lines(context, subject, lines);
    return {};
}

}  // namespace

void add_why_command(CLI::App& app, Context& context) {
    auto* command = app.add_subcommand(
        "why",
        "Why a step, run, wave or host is not getting on; with --plan: why it is scheduled when it is");
    auto subject = std::make_shared<std::string>();
    auto run = std::make_shared<std::string>();
    auto planned = std::make_shared<WhyPlanned>();
    command->add_option("SUBJECT", *subject, "A step, a wave, a host or an application")->required();
    auto* of_run = command->add_option("--run", *run, "In this run (default: the latest that has it)");
    command
        ->add_option("--plan", planned->plan.files,
                     "In the schedule of these plan files, asking no orchestrator")
        ->excludes(of_run);
    command->add_option("--at", planned->at, "With --plan: what refuses this start (2026-01-31T18:00:00Z)");
    add_planning_options(*command, planned->plan);
    command->callback([&context, subject, run, planned] {
        const bool offline = !planned->plan.files.empty();
        if (!offline && !planned->at.empty()) {
            return context.fail(
                Error{ErrorCode::kInvalidArgument, "--at asks of a schedule: add --plan FILE", {}});
        }
        const auto done = offline ? why_planned(context, *subject, *planned) : why(context, *subject, *run);
        if (!done.ok()) context.fail(done.error());
    });
}

}  // namespace ararat::cli
