#include <fmt/format.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/output/table.h"

namespace ararat::cli {

void add_version_command(CLI::App& app, Context& context) {
    auto* command =
        app.add_subcommand("version", "This program's version and, where it answers, the orchestrator's");
    command->callback([&context] {
        v1::GetVersionResponse response;
        if (!context.identity.empty()) {
            auto client = Client::open(context);
            if (client.ok()) {
                auto answer = client->call(&v1::Control::Stub::GetVersion, v1::GetVersionRequest{});
                if (answer.ok()) response = std::move(answer).value();
            }
        }
        Table table{{{"PROGRAM"}, {"VERSION"}, {"PROJECT"}, {"EPOCH"}, {"RECORDS"}, {"STATE"}}, {}};
        table.rows.push_back({"ararat", ARARAT_VERSION, "-", "-", "-", "-"});
        if (!response.version().empty()) {
            table.rows.push_back(
                {"ararat-orchestrator", response.version(), response.project(),
                 std::to_string(response.epoch()), std::to_string(response.sequence()),
                 response.read_only() ? "read-only: " + response.read_only_reason() : "serving"});
        }
        emit(context, response, table);
        if (response.version().empty()) return;
        if (const auto fits = check_protocol(response); !fits.ok()) context.fail(fits.error());
    });
}

}  // namespace ararat::cli
