#include <fmt/format.h>

#include <memory>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/output/table.h"
#include "platform/files.h"
#include "platform/pki.h"

namespace ararat::cli {

namespace {

struct HostCommand {
    std::string host;
    std::string address;
    std::string user;  // empty, and a port of 0: as the plan says
    std::string via = "ssh";
    std::string key;
    std::string kind = "agent";
    std::vector<std::string> roles;
    std::uint32_t port = 0;
};

const char* via_word(v1::HostVia via) {
    switch (via) {
        case v1::HOST_VIA_AGENT: return "agent";
        case v1::HOST_VIA_SSH: return "ssh";
        case v1::HOST_VIA_MANUAL: return "manual";
        default: return "-";
    }
}

Result<void> list(Context& context, bool agents_only) {
    ARARAT_ASSIGN_OR_RETURN(auto client, Client::connect(context));
    ARARAT_ASSIGN_OR_RETURN(auto response,
                            client.call(&v1::Control::Stub::ListHosts, v1::ListHostsRequest{}));
    if (agents_only) {
        auto* hosts = response.mutable_hosts();
        for (int i = hosts->size() - 1; i >= 0; --i) {
            if (hosts->Get(i).host().via() != v1::HOST_VIA_AGENT) hosts->DeleteSubrange(i, 1);
        }
    }
    Table table{
        {{"HOST"}, {"SITE"}, {"ADDRESS"}, {"VIA"}, {"STATE"}, {"SINCE"}, {"VERSION", true}, {"REASON"}}, {}};
    for (const auto& view : response.hosts()) {
        table.rows.push_back({view.host().id(), view.host().site(), view.host().address(),
                              via_word(view.host().via()), view.state(), context.time(view.since_unix_ms()),
                              view.version(), view.reason().empty() ? "-" : view.reason()});
    }
    emit(context, response, table);
    return {};
}

Result<void> pin(Context& context, const HostCommand& command) {
    ARARAT_ASSIGN_OR_RETURN(auto client, Client::connect(context));
    v1::PinHostKeyRequest request;
    request.set_host(command.host);
    if (!command.key.empty() && command.key.front() == '@') {
        ARARAT_ASSIGN_OR_RETURN(*request.mutable_public_key(), platform::read_file(command.key.substr(1)));
    } else {
        request.set_public_key(command.key);
    }
    ARARAT_ASSIGN_OR_RETURN(const auto response, client.call(&v1::Control::Stub::PinHostKey, request));
    context.say(fmt::format("{} is pinned to {}", command.host, response.fingerprint()));
    return {};
}

Result<void> install(Context& context, const HostCommand& command) {
    if (command.via != "ssh")
        return Error{ErrorCode::kInvalidArgument, "an agent is installed --via ssh", command.via};
    ARARAT_ASSIGN_OR_RETURN(auto client, Client::connect(context));
    v1::InstallAgentRequest request;
    request.set_host(command.host);
    request.set_address(command.address);
    request.set_user(command.user);
    request.set_port(command.port);
    grpc::ClientContext call;
    auto reader = client.stub().InstallAgent(&call, request);
    v1::InstallAgentUpdate update;
    bool failed = false;
    while (reader->Read(&update)) {
        context.say(command.host + ": " + update.line());
        failed = failed || update.failed();
    }
    const grpc::Status status = reader->Finish();
    if (!status.ok()) return error_of(status);
    if (failed) return Error{ErrorCode::kInternal, "the agent was not installed", command.host};
    return {};
}

Result<void> token(Context& context, const HostCommand& command) {
    ARARAT_ASSIGN_OR_RETURN(auto client, Client::connect(context));
    v1::CreateEnrolTokenRequest request;
    request.set_name(command.host);
    request.set_kind(command.kind);
    for (const auto& role : command.roles) request.add_roles(role);
    ARARAT_ASSIGN_OR_RETURN(const auto response, client.call(&v1::Control::Stub::CreateEnrolToken, request));
    ARARAT_ASSIGN_OR_RETURN(const auto ca_sha256, platform::certificate_fingerprint(response.ca_pem()));
    for (const auto& warning : response.warnings()) context.say("ararat: warning: " + warning);
    Table table{{{"TOKEN"}, {"EXPIRES"}, {"ENROL AT"}, {"CA SHA-256"}}, {}};
    table.rows.push_back(
        {response.token(), context.time(response.expires_unix_ms()), response.enrol_address(), ca_sha256});
    emit(context, response, table);
    if (command.kind == "agent") {
        context.say(
            fmt::format("On {0}, with the token on standard input: ararat-agent enrol --host {0} "
                        "--orchestrator {1} --ca-sha256 {2} --token-file -",
                        command.host, response.enrol_address(), ca_sha256));
    }
    return {};
}

}  // namespace

void add_host_commands(CLI::App& app, Context& context) {
    auto options = std::make_shared<HostCommand>();
    const auto on = [&context, options](CLI::App* command, auto function) {
        command->callback([&context, options, function] {
            if (const Result<void> done = function(context, *options); !done.ok()) context.fail(done.error());
        });
    };
    auto* host = app.add_subcommand("host", "Hosts: list, pin");
    host->require_subcommand(1);
    on(host->add_subcommand("list", "Every host, how it is driven and whether it answers"),
       [](Context& c, const HostCommand&) { return list(c, false); });
    auto* pin_command = host->add_subcommand("pin", "Pin the SSH host key that a host must show");
    pin_command->add_option("HOST", options->host)->required();
    pin_command->add_option("KEY", options->key, "\"ssh-ed25519 AAAA...\", or @FILE")->required();
    on(pin_command, pin);

    auto* agent = app.add_subcommand("agent", "Agents: list, install, token");
    agent->require_subcommand(1);
    on(agent->add_subcommand("list", "Every agent"),
       [](Context& c, const HostCommand&) { return list(c, true); });
    auto* install_command = agent->add_subcommand("install", "Put the agent on a host and enrol it");
    install_command->add_option("HOST", options->host)->required();
    install_command->add_option("--via", options->via, "ssh")->required();
    install_command->add_option("--address", options->address, "Where the host is (default: as in the plan)");
    install_command->add_option("--user", options->user,
                                "User to log in as (default: as in the plan, else root)");
    install_command->add_option("--port", options->port, "SSH port (default: as in the plan, else 22)");
    on(install_command, install);
    auto* token_command = agent->add_subcommand("token", "A single-use token to enrol with");
    token_command->add_option("NAME", options->host)->required();
    token_command->add_option("--kind", options->kind, "agent or person")
        ->check(CLI::IsMember({"agent", "person"}));
    token_command->add_option("--role", options->roles, "A person's role; may be repeated");
    on(token_command, token);
}

}  // namespace ararat::cli
