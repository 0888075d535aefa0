// The hosts that are driven over SSH: a link for each that the current plan names, their end of the data
// channels beside the orchestrator, and agents put on hosts over SSH.
// Owner: the orchestrator's wiring.
// Thread promise: any thread. follow() does not wait for hosts; install_agent() does.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/compiled_plan.h"
#include "platform/clock.h"
#include "server/agent_installer.h"
#include "server/data_directory.h"
#include "store/registry.h"
#include "transport/host_link.h"

namespace ararat::server {

struct SshHostsOptions {
    ProjectId project;
    std::string public_host;
    std::vector<std::string> agents_also;  // other orchestrators, for agents that are installed
    std::string data_address;
    std::string ssh_key_file;  // empty: none can be driven
    std::string supervisor_binary;
    std::string remote_root;  // empty: as SshHostLinkOptions has it
    std::string agent_binary;
    DataPaths paths;
    store::Registry* registry = nullptr;
    transport::InputSink inputs;
    transport::OutputSink output;
    transport::ProgressSink progress;
    // For an agent that is being installed on behalf of `by`.
    std::function<Result<std::string>(const HostId& host, const std::string& by)> make_token;
};

class SshHosts {
public:
    explicit SshHosts(SshHostsOptions options);
    ~SshHosts();

    // Opens the proxy's end of the data channels, where there is a key to drive hosts with.
    Result<void> open();
    // Where an installed agent finds the orchestrator.
    void set_ports(std::uint16_t agents, std::uint16_t enrol);
    // Links connect from now on.
    void start();
    // For an orchestrator that writes nothing any more: links end, none is made, and the hosts are down for
    // this reason. Another orchestrator may lead, which a link's preparation of a host, or a step, would
    // cross. Also before start(). Does not wait.
    void dismiss(const std::string& why);
    void follow(const CompiledPlan& plan);
    // Null: not a host driven over SSH.
    [[nodiscard]] std::shared_ptr<transport::HostLink> find(const HostId& host) const;
    // 0: no proxy.
    [[nodiscard]] std::uint16_t data_port() const;
    [[nodiscard]] Result<void> install_agent(const InstallTarget& target,
                                             const std::function<void(std::string)>& say);
    void stop();

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace ararat::server
