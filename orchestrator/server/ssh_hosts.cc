#include "server/ssh_hosts.h"

namespace ararat::server {

class SshHosts::Impl {
public:
    explicit Impl(SshHostsOptions options) : options_(std::move(options)) {}
    SshHostsOptions options_;
};

SshHosts::SshHosts(SshHostsOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
SshHosts::~SshHosts() = default;
Result<void> SshHosts::open() { return {}; }
void SshHosts::set_ports(std::uint16_t, std::uint16_t) {}
void SshHosts::start() {}
void SshHosts::follow(const CompiledPlan&) {}
std::shared_ptr<transport::HostLink> SshHosts::find(const HostId&) const { return nullptr; }
std::uint16_t SshHosts::data_port() const { return 0; }
Result<void> SshHosts::install_agent(const InstallTarget&, const std::function<void(std::string)>&) {
    return Error{ErrorCode::kUnimplemented, "no SSH transport in this build"};
}
void SshHosts::stop() {}

}  // namespace ararat::server
