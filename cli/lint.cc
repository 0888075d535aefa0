#include <fmt/format.h>

#include <chrono>
#include <memory>

#include "cli/commands.h"
#include "cli/compile_plan.h"

namespace ararat::cli {

void add_lint_command(CLI::App& app, Context& context) {
    auto* command = app.add_subcommand("lint", "Check plan files; every fault at once, nothing is stored");
    auto options = std::make_shared<PlanOptions>();
    add_plan_options(*command, *options);
    command->callback([&context, options] {
        const auto compiled = compile_plan(*options);
        if (!compiled.ok()) {
            fmt::print("{}\n", compiled.error().message);
            context.exit_code = exit_code_of_compile(compiled.error());
            return;
        }
        const auto& plan = compiled->plan;
        context.say(fmt::format("{}: {} applications, {} hosts, {} waves, {} tasks, no fault",
                                plan.project.empty() ? "plan" : plan.project.str(),
                                compiled->source.applications.size(), plan.hosts.size(), plan.waves.size(),
                                plan.tasks.size()));
    });
}

}  // namespace ararat::cli
