// The journal's records as they come, a line each.
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <thread>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/event_text.h"
#include "cli/output/table.h"
#include "cli/terminal_text.h"

namespace ararat::cli {

namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr auto kAwayMax = std::chrono::seconds(60);
constexpr auto kRetryPause = std::chrono::milliseconds(300);
constexpr int kTextColumns = 400;

struct EventsCommand {
    std::uint64_t since = 0;
    std::string run;
    bool follow = false;
};

void print_event(const Context& context, const v1::Record& record) {
    if (context.format == OutputFormat::kJsonLines) {
        fmt::print("{}", json_line(record));
    } else {
        // "3s ago" would not stay true in a line that stays.
        const std::string time = context.time_format == "raw" ? std::to_string(record.at_unix_ms())
                                                              : iso_time(record.at_unix_ms());
        fmt::print("{:>6}  {}  {}\n", record.sequence(), time, cut_to(event_text(record), kTextColumns));
    }
    std::fflush(stdout);
}

Result<void> events(Context& context, const EventsCommand& command) {
    const bool lines = context.format == OutputFormat::kTable || context.format == OutputFormat::kWide;
    if (!lines && context.format != OutputFormat::kJsonLines) {
        return Error{ErrorCode::kInvalidArgument, "events are printed as lines, or with -o jsonl",
                     context.output};
    }
    ARARAT_ASSIGN_OR_RETURN(auto client, Client::connect(context));
    std::uint64_t since = command.since;
    auto heard = SteadyClock::now();
    while (true) {
        v1::WatchEventsRequest request;
        request.set_since(since);
        request.set_run(command.run);
        request.set_follow(command.follow);
        grpc::ClientContext call;
        auto reader = client.stub().WatchEvents(&call, request);
        for (v1::EventUpdate update; reader->Read(&update); heard = SteadyClock::now()) {
            if (update.has_record()) print_event(context, update.record());
            since = std::max(since, update.sequence());
        }
        const grpc::Status status = reader->Finish();
        if (status.ok()) return {};
        const bool away = status.error_code() == grpc::StatusCode::UNAVAILABLE;
        if (!command.follow || !away || SteadyClock::now() - heard > kAwayMax) {
            context.say(fmt::format("To go on: ararat events --since {}{}", since,
                                    command.follow ? " --follow" : ""));
            return error_of(status);
        }
        std::this_thread::sleep_for(kRetryPause);
    }
}

}  // namespace

void add_events_command(CLI::App& app, Context& context) {
    auto options = std::make_shared<EventsCommand>();
    auto* command = app.add_subcommand("events", "What happened, record by record, and what happens");
    command->add_flag("-f,--follow", options->follow,
                      "Go on as more comes; with --run until the run has ended");
    command->add_option("--since", options->since, "Only records after this one: the first number of a line");
    command->add_option("--run", options->run, "Only of this run");
    command->callback([&context, options] {
        if (const auto done = events(context, *options); !done.ok()) context.fail(done.error());
    });
}

}  // namespace ararat::cli
