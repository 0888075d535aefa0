// ararat-orchestrator: makes a project's data directory and people, and serves it.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <pthread.h>
#include <csignal>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "base/host_port.h"
#include "base/join.h"
#include "base/protocol.h"
#include "base/units.h"
#include "execution/queries.h"
#include "platform/clock.h"
#include "platform/files.h"
#include "platform/log.h"
#include "platform/notify.h"
#include "server/backup.h"
#include "server/data_directory.h"
#include "server/orchestrator.h"
#include "server/role_check.h"
#include "store/backup.h"

namespace {

using ararat::Result;
namespace server = ararat::server;

constexpr int kExitOk = 0;
constexpr int kExitError = 1;
constexpr int kExitUsage = 3;

struct Arguments {
    std::string directory = "/var/lib/ararat-orchestrator";
    std::string project;
    std::vector<std::string> hosts;
    std::string person;
    std::vector<std::string> roles;
    std::string lost_after = "10min";
    bool replace = false;
    std::string log_format = "text";
    std::string log_level = "info";
    server::OrchestratorOptions serve;
    server::BackupRequest backup;
};

int report(const Result<void>& done) {
    if (done.ok()) return kExitOk;
    fmt::print(stderr, "ararat-orchestrator: {}\n", done.error().text());
    return done.error().code == ararat::ErrorCode::kInvalidArgument ? kExitUsage : kExitError;
}

Result<void> init(const Arguments& arguments) {
    ararat::platform::SystemClock clock;
    const server::DataPaths paths{arguments.directory};
    ARARAT_RETURN_IF_ERROR(server::init_data_directory(paths, ararat::ProjectId(arguments.project),
                                                       arguments.hosts, clock.now()));
    fmt::print("Made project {} in {}.\nThe first administrator's identity: {}/admin\n", arguments.project,
               arguments.directory, paths.people());
    return {};
}

Result<void> person(const Arguments& arguments) {
    ararat::platform::SystemClock clock;
    const server::DataPaths paths{arguments.directory};
    ARARAT_RETURN_IF_ERROR(
        server::make_person(paths, {arguments.person, arguments.roles, arguments.replace}, clock.now()));
    fmt::print("{}/{}\n", paths.people(), arguments.person);
    ARARAT_ASSIGN_OR_RETURN(const auto gate_roles, server::read_gate_roles(paths));
    for (const auto& warning : server::warnings_about_roles(arguments.roles, gate_roles)) {
        fmt::print(stderr, "ararat-orchestrator: warning: {}\n", warning);
    }
    return {};
}

Result<void> start_log(const Arguments& arguments) {
    ararat::platform::LogOptions options;
    options.program = "ararat-orchestrator";
    ARARAT_ASSIGN_OR_RETURN(options.format, ararat::platform::parse_log_format(arguments.log_format));
    ARARAT_ASSIGN_OR_RETURN(options.level, ararat::platform::parse_log_level(arguments.log_level));
    ararat::platform::init_log(options);
    return {};
}

Result<void> serve(Arguments& arguments) {
    ARARAT_RETURN_IF_ERROR(start_log(arguments));
    // Blocked in every thread: this one waits for them.
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);

    arguments.serve.data_directory = arguments.directory;
    for (const auto& address : arguments.serve.agents_also) {
        if (const auto checked = ararat::check_host_port(address); !checked.ok()) {
            return ararat::Error{checked.error().code, checked.error().message, "--agents-also"};
        }
    }
    const auto lost_after = ararat::parse_duration(arguments.lost_after);
    if (!lost_after.ok())
        return ararat::Error{lost_after.error().code, lost_after.error().message, "--lost-after"};
    arguments.serve.lost_after = *lost_after;
    ARARAT_ASSIGN_OR_RETURN(const auto orchestrator, server::Orchestrator::start(arguments.serve));
    ararat::platform::notify_service_manager("READY=1");
    int signal_number = 0;
    sigwait(&signals, &signal_number);
    spdlog::info("stopping: signal {}", signal_number);
    ararat::platform::notify_service_manager("STOPPING=1");
    orchestrator->stop();
    return {};
}

Result<void> inspect(const Arguments& arguments) {
    ARARAT_ASSIGN_OR_RETURN(const auto report, ararat::store::inspect_backup(arguments.backup.file));
    fmt::print(
        "project     {}\nmade        {}\nepoch       {}\nsequence    {}\nhead        {}\nplans       {}\n",
        report.project.str(), ararat::execution::time_text(report.made), report.epoch, report.head.sequence,
        report.head.hash.str(), report.plans);
    fmt::print("bytes       {}\nfiles       {}\nintegrity   {}\n", report.file_bytes,
               ararat::join(report.files, ", "), report.problem.empty() ? "whole" : "BROKEN");
    if (report.problem.empty()) return {};
    return ararat::Error{ararat::ErrorCode::kDataLoss, report.problem, arguments.backup.file};
}

Result<void> restore(const Arguments& arguments) {
    const server::DataPaths paths{arguments.directory};
    ARARAT_RETURN_IF_ERROR(server::restore_backup(arguments.backup.file, paths));
    fmt::print("Restored into {}. It starts read-only until it is started once with --accept-loss.\n",
               arguments.directory);
    if (ararat::platform::file_exists(paths.ca_key())) return {};
    fmt::print("The backup has no keys: put ca/, orchestrator.crt, orchestrator.key and ticket.key there.\n");
    return {};
}

Result<void> rebuild(const Arguments& arguments) {
    ARARAT_ASSIGN_OR_RETURN(const std::string problem,
                            server::rebuild_backup({arguments.directory}, arguments.backup,
                                                   ararat::platform::SystemClock().now()));
    fmt::print("Made {} of what holds in the database of {}, which was left as it is.\n",
               arguments.backup.file, arguments.directory);
    fmt::print("{}\n", problem.empty() ? "Every record holds." : "Not in it is what stood " + problem);
    fmt::print("Make a data directory of it with: ararat-orchestrator backup restore {} --dir NEW\n",
               arguments.backup.file);
    return {};
}

// The action of the subcommand that was called; the outcome is `done`.
void add_backup_commands(CLI::App& app, Arguments& arguments, std::optional<Result<void>>& done) {
    auto* backup = app.add_subcommand("backup", "Copies of a project's database in one file");
    backup->require_subcommand(1);
    auto* save = backup->add_subcommand("save", "Make one, also while the orchestrator serves");
    auto* inspect_command = backup->add_subcommand("inspect", "Say what is in one, and whether it is whole");
    auto* restore_command = backup->add_subcommand("restore", "Make a data directory of one");
    auto* rebuild_command = backup->add_subcommand("rebuild", "Make one of what holds in a damaged database");
    for (auto* command : {save, inspect_command, restore_command, rebuild_command}) {
        command->add_option("FILE", arguments.backup.file, "The backup")->required();
    }
    for (auto* command : {save, rebuild_command}) {
        command->add_option("--dir", arguments.directory, "Data directory")->capture_default_str();
        command->add_flag(
            "--with-keys", arguments.backup.with_keys,
            "The CA's and the orchestrator's keys and people/ as well: whoever has it is the project");
    }
    restore_command->add_option("--dir", arguments.directory, "A directory that is empty or not there")
        ->required();
    save->callback([&] {
        done = server::save_backup({arguments.directory}, arguments.backup,
                                   ararat::platform::SystemClock().now());
    });
    rebuild_command->callback([&] { done = rebuild(arguments); });
    inspect_command->callback([&] { done = inspect(arguments); });
    restore_command->callback([&] { done = restore(arguments); });
}

void add_serve_options(CLI::App& command, Arguments& arguments) {
    auto& options = arguments.serve;
    command.add_option("--control", options.control_address, "Where people connect, HOST:PORT")
        ->capture_default_str();
    command.add_option("--agents", options.agents_address, "Where agents connect")->capture_default_str();
    command.add_option("--enrol", options.enrol_address, "Where new agents and people enrol")
        ->capture_default_str();
    command.add_option("--data", options.data_address, "Where data channels of SSH hosts are accepted")
        ->capture_default_str();
    command.add_option("--public-host", options.public_host,
                       "Name or address by which hosts reach this machine");
    command
        .add_option("--agents-also", options.agents_also,
                    "HOST:PORT where agents find another orchestrator of this project, for the configuration "
                    "of agents installed from here; may be repeated")
        ->delimiter(',');
    command.add_option("--ssh-key", options.ssh_key_file, "Private key for hosts driven over SSH");
    command.add_option("--agent-binary", options.agent_binary, "ararat-agent, for 'ararat agent install'");
    command.add_option("--supervisor-binary", options.supervisor_binary,
                       "ararat-supervisor, shipped to hosts");
    command
        .add_option("--lost-after", arguments.lost_after,
                    "How long a host may be away in the middle of a step before its move group is held")
        ->capture_default_str();
    command.add_flag("--accept-loss", options.accept_loss,
                     "Go on with a database that was restored from a backup; runs are paused");
    command.add_option("--log-format", arguments.log_format, "text or json")->capture_default_str();
    command.add_option("--log-level", arguments.log_level, "debug, info, warn or error")
        ->capture_default_str();
}

}  // namespace

int main(int argc, char** argv) {
    Arguments arguments;
    CLI::App app("Ararat's orchestrator: plans, records and drives a data-centre migration.",
                 "ararat-orchestrator");
    app.require_subcommand(1);
    auto* init_command =
        app.add_subcommand("init", "Make a project: its CA, its keys, its first administrator");
    auto* person_command = app.add_subcommand("person", "Make a person's key and certificate");
    auto* serve_command = app.add_subcommand("serve", "Serve a project");
    auto* version_command = app.add_subcommand("version", "Print the version");
    for (auto* command : {init_command, person_command, serve_command}) {
        command->add_option("--dir", arguments.directory, "Data directory")->capture_default_str();
    }
    init_command->add_option("--project", arguments.project, "The project's id")->required();
    init_command->add_option("--host", arguments.hosts, "Names and addresses of this machine")->required();
    person_command->add_option("NAME", arguments.person, "The person's name")->required();
    person_command
        ->add_option("--roles", arguments.roles, "viewer, lead, engineer, approver, admin, gates' roles")
        ->delimiter(',')
        ->required();
    person_command->add_flag("--replace", arguments.replace,
                             "Make a new key and certificate where the person has one already");
    add_serve_options(*serve_command, arguments);
    std::optional<Result<void>> backup_done;
    add_backup_commands(app, arguments, backup_done);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? kExitOk : kExitUsage;
    }
    if (version_command->parsed()) {
        fmt::print("{}\n", ararat::kProgramVersion);
        return kExitOk;
    }
    if (backup_done) return report(*backup_done);
    if (init_command->parsed()) return report(init(arguments));
    if (person_command->parsed()) return report(person(arguments));
    return report(serve(arguments));
}
