// ararat: the command line.
#include <fmt/format.h>

#include <exception>

#include "cli/commands.h"
#include "cli/context.h"

namespace {

void add_global_options(CLI::App& app, ararat::cli::Context& context) {
    app.add_option("--server", context.server, "The orchestrator's control address, host:port");
    app.add_option("--identity", context.identity, "PREFIX of your PREFIX.crt and PREFIX.key");
    app.add_option("--ca", context.ca, "The certificate authority's file (ca.crt beside the identity)");
    app.add_option("--profile", context.profile, "A [section] of the settings file");
    app.add_option("-o,--output", context.output, "table, wide, json, yaml, jsonl, csv or name");
    app.add_option("--time-format", context.time_format, "relative, iso or raw")
        ->check(CLI::IsMember({"relative", "iso", "raw"}));
    app.add_option("--color", context.color, "auto, always or never")
        ->check(CLI::IsMember({"auto", "always", "never"}));
    app.add_option("--timeout", context.timeout_s, "Seconds for one call")->check(CLI::Range(1, 86'400));
    app.add_flag("--yes", context.yes, "Answer every question with yes");
    app.add_flag("--no-input", context.no_input, "Never ask");
    app.add_flag("-q,--quiet", context.quiet, "No progress on standard error");
    app.add_flag("-v,--verbose", context.verbose, "More detail");
}

}  // namespace

int main(int argc, char** argv) {
    using ararat::cli::ExitCode;
    ararat::cli::Context context;
    CLI::App app{"Ararat moves the servers and applications of a data centre to new sites, in waves.",
                 "ararat"};
    app.require_subcommand(1);
    app.fallthrough();
    add_global_options(app, context);
    app.parse_complete_callback([&] {
        const auto loaded = ararat::cli::load_settings(context);
        if (!loaded.ok()) throw CLI::ValidationError(loaded.error().text());
    });

    ararat::cli::add_lint_command(app, context);
    ararat::cli::add_plan_commands(app, context);
    ararat::cli::add_graph_command(app, context);
    ararat::cli::add_wave_commands(app, context);
    ararat::cli::add_run_commands(app, context);
    ararat::cli::add_why_command(app, context);
    ararat::cli::add_approval_commands(app, context);
    ararat::cli::add_host_commands(app, context);
    ararat::cli::add_audit_commands(app, context);
    ararat::cli::add_events_command(app, context);
    ararat::cli::add_version_command(app, context);

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& fault) {
        const int code = app.exit(fault);
        return code == 0 ? 0 : static_cast<int>(ExitCode::kInvalid);
    } catch (const std::exception& fault) {
        context.fail(ExitCode::kError, fault.what());
    }
    return static_cast<int>(context.exit_code);
}
