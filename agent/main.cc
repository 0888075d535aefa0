// ararat-agent run | enrol | rsh | version
#include <pthread.h>
#include <signal.h>

#include <grpc/support/log.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <utility>
#include <vector>

#include "agent/agent.h"
#include "agent/core/orchestrator_addresses.h"
#include "agent/enrol.h"
#include "base/join.h"
#include "base/protocol.h"
#include "channel/rsh_client.h"
#include "platform/log.h"

namespace {

using namespace ararat;

int fault(const Error& error) {
    std::fprintf(stderr, "ararat-agent: %s\n", error.text().c_str());
    return error.code == ErrorCode::kInvalidArgument ? 3 : 1;
}

// gRPC's own words go to the debug log: it complains about names that do not matter here, since identities
// are what is checked.
void take_over_grpc_log() {
    gpr_set_log_function([](gpr_log_func_args* said) { spdlog::debug("grpc: {}", said->message); });
}

sigset_t stop_signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    return set;
}

Result<void> init_log_of(const agent::AgentConfig& config) {
    platform::LogOptions log;
    log.program = "ararat-agent";
    ARARAT_ASSIGN_OR_RETURN(log.format, platform::parse_log_format(config.log_format));
    ARARAT_ASSIGN_OR_RETURN(log.level, platform::parse_log_level(config.log_level));
    platform::init_log(log);
    return {};
}

int run_agent(const std::string& config_file) {
    // Before any thread, so that only the waiting one below ever gets them.
    const sigset_t set = stop_signals();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    signal(SIGPIPE, SIG_IGN);
    const auto config = agent::load_config(config_file);
    if (!config.ok()) return fault(config.error());
    if (auto logging = init_log_of(config.value()); !logging.ok()) return fault(logging.error());
    take_over_grpc_log();
    auto opened = agent::Agent::open(config.value());
    if (!opened.ok()) return fault(opened.error());
    std::thread waiter([&] {
        int signal_number = 0;
        sigwait(&set, &signal_number);
        opened.value()->stop();
    });
    const auto ended = opened.value()->run();
    pthread_kill(waiter.native_handle(), SIGTERM);
    waiter.join();
    return ended.ok() ? 0 : fault(ended.error());
}

int run_enrol(agent::EnrolOptions options, const std::string& token_file,
              const std::vector<std::string>& orchestrators) {
    take_over_grpc_log();
    auto addresses = agent::parse_orchestrators(join(orchestrators, ","));
    if (!addresses.ok()) return fault(addresses.error());
    options.orchestrators = std::move(addresses).value();
    if (!token_file.empty()) {
        auto token = agent::read_token(token_file);
        if (!token.ok()) return fault(token.error());
        options.token = std::move(token).value();
    }
    if (options.token.empty()) {
        return fault(Error{ErrorCode::kInvalidArgument,
                           "a token is needed: --token-file FILE, or ARARAT_ENROL_TOKEN in the environment"});
    }
    const auto enrolled = agent::enrol(options);
    if (!enrolled.ok()) return fault(enrolled.error());
    for (const std::string& warning : enrolled->warnings) {
        std::fprintf(stderr, "ararat-agent: warning: %s\n", warning.c_str());
    }
    std::printf("%s\n", enrolled->identity.c_str());
    return 0;
}

// rsync calls it: rsh RUN CHANNEL HOST rsync --server ...; words of its own options may begin with dashes,
// so they are taken as they are.
int run_rsh(int argc, char** argv) {
    if (argc < 6) {
        std::fprintf(stderr, "usage: ararat-agent rsh RUN CHANNEL HOST COMMAND...\n");
        return 255;
    }
    const char* socket = std::getenv("ARARAT_AGENT_SOCKET");
    channel::RshRequest request;
    request.local_socket = socket != nullptr && *socket != '\0' ? socket : "/run/ararat/agent.sock";
    request.run = argv[2];
    request.channel = argv[3];
    request.arguments.assign(argv + 5, argv + argc);
    return channel::run_rsh_client(request);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc > 1 && std::string_view(argv[1]) == "rsh") return run_rsh(argc, argv);
    CLI::App app("Ararat's agent: does a migration's steps on its host");
    app.require_subcommand(1);
    std::string config_file = "/etc/ararat/agent.conf";
    CLI::App* run = app.add_subcommand(
        "run", "Serve the orchestrator named in the configuration, or the first of several that welcomes");
    run->add_option("--config", config_file, "Configuration file")->capture_default_str();
    agent::EnrolOptions options;
    CLI::App* enrol = app.add_subcommand("enrol", "Get this host's certificate with a single-use token");
    std::vector<std::string> orchestrators;
    enrol
        ->add_option("--orchestrator", orchestrators,
                     "HOST:PORT of the enrolment listener; several, or repeated: tried in turn")
        ->delimiter(',')
        ->required();
    std::string token_file;
    enrol->add_option("--token-file", token_file, "File with the single-use token; -: standard input");
    enrol
        ->add_option("--token", options.token,
                     "The token itself: on a command line, every user of this host can read it")
        ->envname("ARARAT_ENROL_TOKEN");
    enrol->add_option("--host", options.host, "Name of this host in the plan")->required();
    enrol->add_option("--dir", options.directory, "Where key and certificates go")->capture_default_str();
    enrol->add_option("--ca", options.ca_file, "The project's CA certificate (PEM)");
    enrol->add_option("--ca-sha256", options.ca_sha256, "Its SHA-256 fingerprint");
    app.add_subcommand("version", "Print the version");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) return app.exit(error);  // --help
        return fault(Error{ErrorCode::kInvalidArgument, error.what()});
    }
    if (run->parsed()) return run_agent(config_file);
    if (enrol->parsed()) return run_enrol(std::move(options), token_file, orchestrators);
    std::printf("%s\n", std::string(kProgramVersion).c_str());
    return 0;
}
