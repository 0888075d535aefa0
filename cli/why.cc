#include <fmt/format.h>

#include <memory>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/output/table.h"

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

}  // namespace

void add_why_command(CLI::App& app, Context& context) {
    auto* command = app.add_subcommand("why", "Why a step, run, wave or host is not getting on");
    auto subject = std::make_shared<std::string>();
    auto run = std::make_shared<std::string>();
    command->add_option("SUBJECT", *subject, "A step, a wave or a host")->required();
    command->add_option("--run", *run, "In this run (default: the latest that has it)");
    command->callback([&context, subject, run] {
        if (const auto done = why(context, *subject, *run); !done.ok()) context.fail(done.error());
    });
}

}  // namespace ararat::cli
