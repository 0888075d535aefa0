// One function a command group; each adds its sub-commands to the application. A command runs in its callback
// and leaves its result in the context.
#pragma once

#include <CLI/CLI.hpp>

#include "cli/context.h"

namespace ararat::cli {

void add_lint_command(CLI::App& app, Context& context);
void add_plan_commands(CLI::App& app, Context& context);  // plan, show, apply
void add_graph_command(CLI::App& app, Context& context);
void add_wave_commands(CLI::App& app, Context& context);
void add_run_commands(CLI::App& app, Context& context);
void add_why_command(CLI::App& app, Context& context);
void add_approval_commands(CLI::App& app, Context& context);
void add_host_commands(CLI::App& app, Context& context);  // host, agent
void add_audit_commands(CLI::App& app, Context& context);
void add_events_command(CLI::App& app, Context& context);
void add_version_command(CLI::App& app, Context& context);

}  // namespace ararat::cli
