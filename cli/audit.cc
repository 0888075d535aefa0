#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <memory>
#include <optional>
#include <string>

#include "cli/audit_lines.h"
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

// A line is one record, which holds no more than a message does.
constexpr std::size_t kLineBytesMax = std::size_t{16} << 20U;

Result<void> print_line(const Result<std::string>& line) {
    if (!line) return line.error();
    if (std::fwrite(line->data(), 1, line->size(), stdout) == line->size() &&
        std::fputc('\n', stdout) != EOF) {
        return {};
    }
    return Error{ErrorCode::kResourceExhausted, "standard output takes nothing more"};
}

Result<v1::ListAuditResponse> entries_from(Client& client, std::uint64_t sequence, std::uint32_t limit) {
    v1::ListAuditRequest request;
    request.set_from_sequence(sequence);
    request.set_limit(limit);
    return client.call(&v1::Control::Stub::ListAudit, request);
}

// The hash before `since`.
Result<ChainPoint> point_before(Client& client, const std::string& project, std::uint64_t since) {
    if (since <= 1) return chain_origin(project);
    ARARAT_ASSIGN_OR_RETURN(const auto before, entries_from(client, since - 1, 1));
    if (before.entries_size() == 1 && before.entries(0).record().sequence() == since - 1) {
        return ChainPoint{since - 1, before.entries(0).hash()};
    }
    return Error{ErrorCode::kNotFound, fmt::format("the journal has no record {}", since - 1), "--since"};
}

Result<void> export_lines(Context& context, std::uint64_t since) {
    if (context.output != "table" && context.format != OutputFormat::kJsonLines) {
        return Error{ErrorCode::kInvalidArgument, "a journal is exported as jsonl only", "--output"};
    }
    ARARAT_ASSIGN_OR_RETURN(auto client, Client::connect(context));
    ARARAT_ASSIGN_OR_RETURN(const auto about,
                            client.call(&v1::Control::Stub::GetVersion, v1::GetVersionRequest{}));
    ARARAT_ASSIGN_OR_RETURN(const ChainPoint before, point_before(client, about.project(), since));
    v1::AuditLine line;
    line.mutable_begin()->set_project(about.project());
    line.mutable_begin()->set_after_sequence(before.sequence);
    line.mutable_begin()->set_after_hash(before.hash);
    ARARAT_RETURN_IF_ERROR(print_line(line_of(line)));
    AuditWriter writer(before);
    // Not beyond what was newest when it began: a journal that grows would not end.
    while (writer.at().sequence < about.sequence()) {
        ARARAT_ASSIGN_OR_RETURN(const auto some, entries_from(client, writer.at().sequence + 1, 0));
        if (some.entries_size() == 0) {
            return Error{ErrorCode::kDataLoss,
                         fmt::format("the journal has no record {}", writer.at().sequence + 1)};
        }
        for (const auto& entry : some.entries()) {
            if (entry.record().sequence() > about.sequence()) break;
            ARARAT_RETURN_IF_ERROR(print_line(writer.line_of(entry)));
        }
    }
    line.mutable_end()->set_sequence(writer.at().sequence);
    line.mutable_end()->set_hash(writer.at().hash);
    ARARAT_RETURN_IF_ERROR(print_line(line_of(line)));
    if (std::fflush(stdout) != 0) {
        return Error{ErrorCode::kResourceExhausted, "standard output takes nothing more"};
    }
    return {};
}

// False: the file has ended. Errors: a line that is too long to be one.
Result<bool> next_line(std::istream& file, std::string& line) {
    line.clear();
    for (int byte = file.get(); byte != std::char_traits<char>::eof(); byte = file.get()) {
        if (byte == '\n') return true;
        if (line.size() == kLineBytesMax) return Error{ErrorCode::kDataLoss, "is longer than any record"};
        line += static_cast<char>(byte);
    }
    return !line.empty();
}

Result<void> verify_file(Context& context, const std::string& name) {
    std::ifstream file(name, std::ios::binary);
    if (!file) return Error{ErrorCode::kNotFound, "cannot be read", name};
    AuditReader reader;
    std::string line;
    for (std::uint64_t number = 1;; ++number) {
        const auto there = next_line(file, line);
        auto held = there.ok() ? Result<void>{} : Result<void>(there.error());
        if (held.ok() && *there) held = reader.take(line);
        if (!held.ok()) {
            return Error{ErrorCode::kDataLoss, fmt::format("line {} {}", number, held.error().message), name};
        }
        if (!*there) break;
    }
    if (const auto whole = reader.finish(); !whole.ok()) {
        return Error{ErrorCode::kDataLoss, whole.error().message, name};
    }
    v1::VerifyAuditResponse response;
    response.set_ok(true);
    response.set_records(reader.at().sequence - reader.begin().after_sequence());
    response.set_head(reader.at().hash);
    emit(context, response,
         {{{"RESULT"}, {"PROJECT"}, {"RECORDS"}, {"FROM"}, {"TO"}, {"HEAD"}},
          {{"intact", reader.begin().project(), std::to_string(response.records()),
            std::to_string(reader.begin().after_sequence() + 1), std::to_string(reader.at().sequence),
            reader.at().hash}}});
    return {};
}

void add_export(CLI::App& audit, Context& context) {
    auto since = std::make_shared<std::uint64_t>(1);
    auto* command = audit.add_subcommand("export", "Every record with its hash, a line of JSON each");
    command->add_option("--since", *since, "First record")->capture_default_str();
    command->callback([&context, since] {
        if (const auto done = export_lines(context, *since); !done.ok()) context.fail(done.error());
    });
}

void add_verify(CLI::App& audit, Context& context) {
    auto file = std::make_shared<std::string>();
    auto* command = audit.add_subcommand("verify", "Check the whole hash chain");
    command->add_option("FILE", *file, "An exported journal, checked without an orchestrator");
    command->callback([&context, file] {
        const auto done = file->empty() ? verify(context) : verify_file(context, *file);
        if (!done.ok()) context.fail(done.error());
    });
}

}  // namespace

void add_audit_commands(CLI::App& app, Context& context) {
    auto* audit = app.add_subcommand("audit", "The journal: list, export, verify");
    audit->require_subcommand(1);
    auto from = std::make_shared<std::uint64_t>(1);
    auto limit = std::make_shared<std::uint32_t>(100);
    auto* list_command = audit->add_subcommand("list", "Records, in order");
    list_command->add_option("--from", *from, "First record");
    list_command->add_option("--limit", *limit, "How many at most");
    list_command->callback([&context, from, limit] {
        if (const auto done = list(context, *from, *limit); !done.ok()) context.fail(done.error());
    });
    add_export(*audit, context);
    add_verify(*audit, context);
}

}  // namespace ararat::cli
