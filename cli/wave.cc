#include <fmt/format.h>

#include <memory>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/output/table.h"
#include "cli/run_watch.h"
#include "cli/words.h"

namespace ararat::cli {

namespace {

struct WaveCommand {
    std::string wave;
    std::string group;
    std::string reason;
    bool ignore_window = false;
    bool watch = false;
    bool although_needed = false;
};

Result<void> list_waves(Context& context) {
    ARARAT_ASSIGN_OR_RETURN(auto client, Client::connect(context));
    ARARAT_ASSIGN_OR_RETURN(const auto response,
                            client.call(&v1::Control::Stub::ListWaves, v1::ListWavesRequest{}));
    Table table{
        {{"WAVE"}, {"STATE"}, {"WINDOW START"}, {"WINDOW END"}, {"MOVE GROUPS"}, {"LAST RUN"}, {"WAITS FOR"}},
        {}};
    for (const auto& view : response.waves()) {
        std::string groups;
        for (const auto& group : view.wave().groups()) groups += (groups.empty() ? "" : " ") + group;
        std::string waits;
        for (const auto& reason : view.waits_for()) waits += (waits.empty() ? "" : "; ") + reason;
        table.rows.push_back({view.wave().id(), view.state(),
                              context.window_time(view.wave().window_start_unix_ms()),
                              context.window_time(view.wave().window_end_unix_ms()), groups,
                              view.last_run().empty() ? "-" : view.last_run(), waits.empty() ? "-" : waits});
    }
    emit(context, response, table);
    return {};
}

Result<void> start_wave(Context& context, const WaveCommand& command) {
    if (command.ignore_window && command.reason.empty()) {
        return Error{ErrorCode::kInvalidArgument, "--ignore-window needs a reason (-m), which is recorded"};
    }
    ARARAT_ASSIGN_OR_RETURN(auto client, Client::connect(context));
    v1::StartWaveRequest request;
    request.set_wave(command.wave);
    request.set_ignore_window(command.ignore_window);
    request.set_reason(command.reason);
    ARARAT_ASSIGN_OR_RETURN(const auto response, client.call(&v1::Control::Stub::StartWave, request));
    if (!command.watch) {
        fmt::print("{}\n", response.run());
        context.say(fmt::format("Started. To follow it: ararat run watch {}", response.run()));
        return {};
    }
    return watch_run(context, client, response.run());
}

// The latest run of a wave, for the commands that name the wave.
Result<std::string> run_of(Client& client, const std::string& wave) {
    ARARAT_ASSIGN_OR_RETURN(const auto response,
                            client.call(&v1::Control::Stub::ListWaves, v1::ListWavesRequest{}));
    for (const auto& view : response.waves()) {
        if (view.wave().id() != wave) continue;
        if (view.last_run().empty())
            return Error{ErrorCode::kFailedPrecondition, "this wave has not been run", wave};
        return view.last_run();
    }
    return Error{ErrorCode::kNotFound, "no such wave", wave};
}

Result<void> control_wave(Context& context, const WaveCommand& command, v1::RunAction action) {
    ARARAT_ASSIGN_OR_RETURN(auto client, Client::connect(context));
    v1::ControlRunRequest request;
    ARARAT_ASSIGN_OR_RETURN(*request.mutable_run(), run_of(client, command.wave));
    request.set_action(action);
    request.set_reason(command.reason);
    ARARAT_RETURN_IF_ERROR(client.call(&v1::Control::Stub::ControlRun, request));
    return {};
}

Result<void> back_out_wave(Context& context, const WaveCommand& command) {
    ARARAT_ASSIGN_OR_RETURN(auto client, Client::connect(context));
    v1::BackOutRequest request;
    ARARAT_ASSIGN_OR_RETURN(*request.mutable_run(), run_of(client, command.wave));
    request.set_group(command.group);
    request.set_reason(command.reason);
    request.set_although_needed(command.although_needed);
    ARARAT_RETURN_IF_ERROR(client.call(&v1::Control::Stub::BackOut, request));
    context.say("Backing out. To follow it: ararat run watch " + request.run());
    return {};
}

Result<void> wait_wave(Context& context, const WaveCommand& command) {
    ARARAT_ASSIGN_OR_RETURN(auto client, Client::connect(context));
    ARARAT_ASSIGN_OR_RETURN(const auto run, run_of(client, command.wave));
    return watch_run(context, client, run);
}

}  // namespace

void add_wave_commands(CLI::App& app, Context& context) {
    auto* wave = app.add_subcommand("wave", "Waves: list, run, pause, resume, cancel, backout, wait");
    wave->require_subcommand(1);
    auto options = std::make_shared<WaveCommand>();

    wave->add_subcommand("list", "Every wave, its window and what it waits for")->callback([&context] {
        if (const auto done = list_waves(context); !done.ok()) context.fail(done.error());
    });
    auto* run = wave->add_subcommand("run", "Start a run of a wave");
    run->add_option("WAVE", options->wave)->required();
    run->add_flag("--ignore-window", options->ignore_window,
                  "Rehearsal: neither wait for the change window nor stop at its end; needs -m");
    run->add_option("-m,--reason", options->reason, "Why; recorded");
    run->add_flag("--watch", options->watch, "Follow it to its end");
    run->callback([&context, options] {
        if (const auto done = start_wave(context, *options); !done.ok()) context.fail(done.error());
    });
    const auto add_control = [&](const char* name, const char* text, v1::RunAction action) {
        auto* command = wave->add_subcommand(name, text);
        command->add_option("WAVE", options->wave)->required();
        command->add_option("-m,--reason", options->reason, "Why; recorded");
        command->callback([&context, options, action] {
            if (const auto done = control_wave(context, *options, action); !done.ok())
                context.fail(done.error());
        });
    };
    add_control("pause", "Start nothing new; what runs ends", v1::RUN_ACTION_PAUSE);
    add_control("resume", "Go on", v1::RUN_ACTION_RESUME);
    add_control("cancel", "Stop, and back out what was quieted before its point of no return",
                v1::RUN_ACTION_CANCEL);
    auto* back_out =
        wave->add_subcommand("backout", "Return to the source: a wave, or one of its move groups");
    back_out->add_option("WAVE", options->wave)->required();
    back_out->add_option("--group", options->group, "Only this move group");
    back_out->add_flag(
        "--although-needed", options->although_needed,
        "Also where a move group past its point of no return waits for it: that one is held then");
    back_out->add_option("-m,--reason", options->reason, "Why; recorded");
    back_out->callback([&context, options] {
        if (const auto done = back_out_wave(context, *options); !done.ok()) context.fail(done.error());
    });
    auto* wait =
        wave->add_subcommand("wait", "Follow the wave's latest run to its end; the exit code says how");
    wait->add_option("WAVE", options->wave)->required();
    wait->callback([&context, options] {
        if (const auto done = wait_wave(context, *options); !done.ok()) context.fail(done.error());
    });
}

}  // namespace ararat::cli
