#include <fmt/format.h>

#include <chrono>
#include <memory>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/output/table.h"
#include "cli/progress_bar.h"
#include "cli/run_logs.h"
#include "cli/run_watch.h"
#include "cli/words.h"

namespace ararat::cli {

namespace {

struct RunCommand {
    std::string run;
    std::string task;
    std::string group;
    std::string reason;
    bool follow = false;
};

Result<void> list_runs(Context& context) {
    ARARAT_ASSIGN_OR_RETURN(auto client, Client::connect(context));
    ARARAT_ASSIGN_OR_RETURN(const auto response,
                            client.call(&v1::Control::Stub::ListRuns, v1::ListRunsRequest{}));
    Table table{{{"RUN"}, {"WAVE"}, {"STATUS"}, {"STEPS"}, {"STARTED"}, {"ENDED"}, {"BY"}, {"REASON"}}, {}};
    for (const auto& run : response.runs()) {
        table.rows.push_back({run.run(), run.wave(), word(run.status()),
                              fmt::format("{}/{}", run.tasks_done(), run.tasks_total()),
                              context.time(run.started_unix_ms()), context.time(run.ended_unix_ms()),
                              run.by(), run.reason().empty() ? "-" : run.reason()});
    }
    emit(context, response, table);
    return {};
}

// Until when the group can still be turned back inside its window; empty: it is not a question.
std::string return_text(const Context& context, const v1::GroupView& group) {
    if (group.latest_return_unix_ms() == 0) return {};
    return fmt::format("  a back-out takes {} and has to begin by {} to end inside the change window{}\n",
                       duration_text(group.back_out_ms()), context.time(group.latest_return_unix_ms()),
                       group.waits_for_go() ? ": waits for ararat run go, or ararat wave backout" : "");
}

Result<void> describe_run(Context& context, const RunCommand& command) {
    ARARAT_ASSIGN_OR_RETURN(auto client, Client::connect(context));
    v1::DescribeRunRequest request;
    request.set_run(command.run);
    ARARAT_ASSIGN_OR_RETURN(const auto response, client.call(&v1::Control::Stub::DescribeRun, request));
    const auto& run = response.run();
    Table table{{{"STEP"}, {"STATE"}, {"HOST"}, {"ATTEMPTS"}, {"TOOK"}, {"REASON"}, {"OUTPUTS", true}}, {}};
    for (const auto& task : run.tasks()) {
        std::string outputs;
        for (const auto& [name, value] : task.outputs()) {
            outputs += fmt::format("{}{}={}", outputs.empty() ? "" : " ", name, value);
        }
        const bool timed = task.started_unix_ms() != 0 && task.finished_unix_ms() != 0;
        table.rows.push_back({task.id(), word(task.state()) + (task.already() ? " (was so)" : ""),
                              task.host().empty() ? "-" : task.host(), std::to_string(task.attempts()),
                              timed ? duration_text(task.finished_unix_ms() - task.started_unix_ms()) : "-",
                              task.reason().empty() ? "-" : task.reason(), outputs});
    }
    if (context.format == OutputFormat::kTable || context.format == OutputFormat::kWide) {
        fmt::print("Run {} of {}: {}{}{}\nStarted by {} {}; plan {}\n", run.run(), run.wave(),
                   word(run.status()), run.reason().empty() ? "" : ": ", run.reason(), run.by(),
                   context.time(run.started_unix_ms()), run.plan().substr(0, 12));
        for (const auto& group : run.groups()) {
            fmt::print("Move group {}: {}{}{}\n", group.id(), word(group.state()),
                       group.reason().empty() ? "" : ": ", group.reason());
            fmt::print("{}", return_text(context, group));
        }
        fmt::print("\n");
    }
    emit(context, response, table);
    return {};
}

Result<void> watch(Context& context, const RunCommand& command) {
    ARARAT_ASSIGN_OR_RETURN(auto client, Client::connect(context));
    return watch_run(context, client, command.run);
}

Result<void> logs(Context& context, const RunCommand& command) {
    ARARAT_ASSIGN_OR_RETURN(auto client, Client::connect(context));
    return print_logs(client, {command.run, command.task, command.follow});
}

Result<void> retry(Context& context, const RunCommand& command) {
    ARARAT_ASSIGN_OR_RETURN(auto client, Client::connect(context));
    v1::RetryTaskRequest request;
    request.set_run(command.run);
    request.set_task(command.task);
    request.set_reason(command.reason);
    ARARAT_RETURN_IF_ERROR(client.call(&v1::Control::Stub::RetryTask, request));
    return {};
}

Result<void> skip(Context& context, const RunCommand& command) {
    ARARAT_ASSIGN_OR_RETURN(auto client, Client::connect(context));
    v1::SkipTaskRequest request;
    request.set_run(command.run);
    request.set_task(command.task);
    request.set_reason(command.reason);
    ARARAT_RETURN_IF_ERROR(client.call(&v1::Control::Stub::SkipTask, request));
    return {};
}

Result<void> give_go(Context& context, const RunCommand& command) {
    ARARAT_ASSIGN_OR_RETURN(auto client, Client::connect(context));
    v1::GiveGoRequest request;
    request.set_run(command.run);
    request.set_group(command.group);
    request.set_reason(command.reason);
    ARARAT_RETURN_IF_ERROR(client.call(&v1::Control::Stub::GiveGo, request));
    return {};
}

Result<void> complete(Context& context, const RunCommand& command) {
    ARARAT_ASSIGN_OR_RETURN(auto client, Client::connect(context));
    v1::CompleteManualRequest request;
    request.set_run(command.run);
    request.set_task(command.task);
    request.set_note(command.reason);
    ARARAT_RETURN_IF_ERROR(client.call(&v1::Control::Stub::CompleteManual, request));
    return {};
}

Result<void> control(Context& context, const RunCommand& command, v1::RunAction action) {
    ARARAT_ASSIGN_OR_RETURN(auto client, Client::connect(context));
    v1::ControlRunRequest request;
    request.set_run(command.run);
    request.set_action(action);
    request.set_reason(command.reason);
    ARARAT_RETURN_IF_ERROR(client.call(&v1::Control::Stub::ControlRun, request));
    return {};
}

}  // namespace

void add_run_commands(CLI::App& app, Context& context) {
    auto* run = app.add_subcommand(
        "run", "Runs: list, describe, watch, logs, retry, skip, go, complete, pause, resume, step, cancel");
    run->require_subcommand(1);
    auto options = std::make_shared<RunCommand>();
    const auto on = [&context, options](CLI::App* command, auto function) {
        command->callback([&context, options, function] {
            if (const Result<void> done = function(context, *options); !done.ok()) context.fail(done.error());
        });
    };

    on(run->add_subcommand("list", "Every run"), [](Context& c, const RunCommand&) { return list_runs(c); });
    auto* describe_command = run->add_subcommand("describe", "One run, step by step");
    describe_command->add_option("RUN", options->run)->required();
    on(describe_command, describe_run);
    auto* watch_command = run->add_subcommand("watch", "Follow a run; Ctrl-C leaves it going");
    watch_command->add_option("RUN", options->run)->required();
    on(watch_command, watch);
    auto* logs_command = run->add_subcommand("logs", "What the steps printed");
    logs_command->add_option("RUN", options->run)->required();
    logs_command->add_option("STEP", options->task, "Only this step");
    logs_command->add_flag("-f,--follow", options->follow,
                           "Go on as more comes, until the step or the run has ended");
    on(logs_command, logs);
    auto* retry_command = run->add_subcommand("retry", "Try a failed or held step again");
    retry_command->add_option("RUN", options->run)->required();
    retry_command->add_option("STEP", options->task)->required();
    retry_command->add_option("-m,--reason", options->reason, "Why; recorded");
    on(retry_command, retry);
    auto* skip_command =
        run->add_subcommand("skip", "Leave a step out: what follows goes on as if it were done");
    skip_command->add_option("RUN", options->run)->required();
    skip_command->add_option("STEP", options->task, "A held or failed one, or one whose turn has come")
        ->required();
    skip_command->add_option("-m,--reason", options->reason, "Why; recorded")->required();
    on(skip_command, skip);
    auto* go_command = run->add_subcommand("go",
                                           "Let move groups go on that are held at the latest moment for "
                                           "their back-out, or past their point of no "
                                           "return");
    go_command->add_option("RUN", options->run)->required();
    go_command->add_option("--group", options->group, "Only this move group");
    go_command->add_option("-m,--reason", options->reason, "Why; recorded")->required();
    on(go_command, give_go);
    auto* complete_command = run->add_subcommand("complete", "Say that a manual task is done");
    complete_command->add_option("RUN", options->run)->required();
    complete_command->add_option("STEP", options->task)->required();
    complete_command->add_option("-m,--note", options->reason, "What was done; recorded");
    on(complete_command, complete);
    const auto add_control = [&](const char* name, const char* text, v1::RunAction action) {
        auto* command = run->add_subcommand(name, text);
        command->add_option("RUN", options->run)->required();
        command->add_option("-m,--reason", options->reason, "Why; recorded");
        on(command, [action](Context& c, const RunCommand& o) { return control(c, o, action); });
    };
    add_control("pause", "Start nothing new; what runs ends", v1::RUN_ACTION_PAUSE);
    add_control("resume", "Go on", v1::RUN_ACTION_RESUME);
    add_control("step", "Let the next step of a paused run start, and no other", v1::RUN_ACTION_STEP);
    add_control("cancel", "Stop, and back out what was quieted before its point of no return",
                v1::RUN_ACTION_CANCEL);
}

}  // namespace ararat::cli
