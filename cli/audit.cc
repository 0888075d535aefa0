#include <fmt/format.h>

#include <memory>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/output/table.h"

namespace ararat::cli {

namespace {

Result<void> list(Context& context, std::uint64_t from, std::uint32_t limit) {
    ARARAT_ASSIGN_OR_RETURN(auto client, Client::connect(context));
    v1::ListAuditRequest request;
    request.set_from_sequence(from);
    request.set_limit(limit);
    ARARAT_ASSIGN_OR_RETURN(const auto response, client.call(&v1::Control::Stub::ListAudit, request));
    Table table{{{"RECORD"}, {"WHEN"}, {"WHAT"}, {"HASH"}}, {}};
    for (const auto& entry : response.entries()) {
        const auto& record = entry.record();
        const auto* body = record.GetDescriptor()->FindOneofByName("body");
        const auto* field = record.GetReflection()->GetOneofFieldDescriptor(record, body);
        std::string what = field == nullptr ? "?" : field->name();
        if (field != nullptr)
            what += " " + record.GetReflection()->GetMessage(record, field).ShortDebugString();
        if (what.size() > 160) what = what.substr(0, 157) + "...";
        table.rows.push_back({std::to_string(record.sequence()), context.time(record.at_unix_ms()), what,
                              entry.hash().substr(0, 12)});
    }
    emit(context, response, table);
    return {};
}

Result<void> verify(Context& context) {
    ARARAT_ASSIGN_OR_RETURN(auto client, Client::connect(context));
    ARARAT_ASSIGN_OR_RETURN(const auto response,
                            client.call(&v1::Control::Stub::VerifyAudit, v1::VerifyAuditRequest{}));
    Table table{{{"RESULT"}, {"RECORDS"}, {"HEAD"}, {"PROBLEM"}}, {}};
    table.rows.push_back({response.ok() ? "intact" : "BROKEN", std::to_string(response.records()),
                          response.head(), response.problem().empty() ? "-" : response.problem()});
    emit(context, response, table);
    if (!response.ok()) context.exit_code = ExitCode::kError;
    return {};
}

}  // namespace

void add_audit_commands(CLI::App& app, Context& context) {
    auto* audit = app.add_subcommand("audit", "The journal: list, verify");
    audit->require_subcommand(1);
    auto from = std::make_shared<std::uint64_t>(1);
    auto limit = std::make_shared<std::uint32_t>(100);
    auto* list_command = audit->add_subcommand("list", "Records, in order");
    list_command->add_option("--from", *from, "First record");
    list_command->add_option("--limit", *limit, "How many at most");
    list_command->callback([&context, from, limit] {
        if (const auto done = list(context, *from, *limit); !done.ok()) context.fail(done.error());
    });
    audit->add_subcommand("verify", "Check the whole hash chain")->callback([&context] {
        if (const auto done = verify(context); !done.ok()) context.fail(done.error());
    });
}

}  // namespace ararat::cli
