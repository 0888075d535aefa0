#include "server/ssh_hosts.h"

#include <fmt/format.h>

#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "channel/interrupt.h"
#include "model/ssh_jumps.h"
#include "platform/files.h"
#include "platform/log.h"
#include "platform/pki.h"
#include "server/agent_unit.h"
#include "server/listen_socket.h"
#include "transport/ssh_host_link.h"
#include "transport/ssh_install_agent.h"
#include "transport/ssh_proxy.h"

namespace ararat::server {
namespace {

// An agent's certificate is replaced by an installation so long before its end.
constexpr Duration kRenewedAhead = std::chrono::hours(60 * 24);

}  // namespace

class SshHosts::Impl {
public:
    explicit Impl(SshHostsOptions options) : options_(std::move(options)) {}

    Result<void> open();
    void set_ports(std::uint16_t agents, std::uint16_t enrol) {
        agents_port_ = agents;
        enrol_port_ = enrol;
    }
    void start() {
        thread_ = std::thread([this] { run(); });
    }
    void dismiss(const std::string& why);
    void follow(const CompiledPlan& plan);
    [[nodiscard]] std::shared_ptr<transport::HostLink> find(const HostId& host) const;
    [[nodiscard]] std::uint16_t data_port() const { return proxy_ ? proxy_->port() : std::uint16_t{0}; }
    Result<void> install_agent(const InstallTarget& target, const std::function<void(std::string)>& say);
    void stop();

private:
    // A host and the way to it.
    struct Wanted {
        EstateHost host;
        std::vector<EstateHost> jumps;
        friend bool operator==(const Wanted&, const Wanted&) = default;
    };
    struct Linked {
        Wanted wanted;
        std::shared_ptr<transport::SshHostLink> link;
    };

    void run();
    void reconcile(const std::map<HostId, Wanted>& wanted);
    // Of what is wanted, all is down.
    void end_links(const std::map<HostId, Wanted>& wanted, const std::string& why);
    using Program = Result<std::shared_ptr<const transport::SupervisorProgram>>;
    void add(const Wanted& wanted, const Program& supervisor);
    void remove(const HostId& host, const std::string& why);
    [[nodiscard]] std::string pinned_key(const HostId& host) const;
    [[nodiscard]] std::vector<transport::SshTarget> targets_of(const std::vector<EstateHost>& jumps) const;

    SshHostsOptions options_;
    std::shared_ptr<transport::SshPacer> pacer_ = std::make_shared<transport::SshPacer>();
    std::shared_ptr<transport::SshProxy> proxy_;
    std::shared_ptr<channel::Interrupt> interrupt_;  // ends installations under way
    std::uint16_t agents_port_ = 0;
    std::uint16_t enrol_port_ = 0;

    mutable std::mutex mutex_;
    std::condition_variable woken_;
    bool stopping_ = false;
    bool has_news_ = false;
    std::string dismissed_;  // why; empty: it was not
    std::map<HostId, Wanted> wanted_;
    std::map<HostId, Linked> links_;
    std::thread thread_;  // makes and ends links: both may take a while
};

Result<void> SshHosts::Impl::open() {
    if (options_.ssh_key_file.empty()) return {};
    ARARAT_ASSIGN_OR_RETURN(interrupt_, channel::Interrupt::make());
    ARARAT_ASSIGN_OR_RETURN(const ListenAddress listen, parse_listen_address(options_.data_address));
    transport::SshProxyOptions proxy;
    proxy.certificate_file = options_.paths.certificate();
    proxy.key_file = options_.paths.key();
    proxy.ca_file = options_.paths.ca_certificate();
    proxy.listen_address = listen.host;
    proxy.listen_port = static_cast<std::uint16_t>(std::stoi(listen.port));
    proxy.end.identity = platform::identity_uri(platform::orchestrator_identity(options_.project.str()));
    proxy.end.address = fmt::format("{}:{}", options_.public_host, listen.port);
    proxy.pacer = pacer_;
    proxy.progress = options_.progress;
    ARARAT_ASSIGN_OR_RETURN(proxy_, transport::SshProxy::start(std::move(proxy)));
    return {};
}

void SshHosts::Impl::follow(const CompiledPlan& plan) {
    std::map<HostId, const EstateHost*> hosts;
    for (const EstateHost& host : plan.hosts) hosts[host.id] = &host;
    const auto find = [&](const HostId& id) { return hosts.contains(id) ? hosts.at(id) : nullptr; };
    const std::lock_guard lock(mutex_);
    wanted_.clear();
    for (const EstateHost& host : plan.hosts) {
        if (host.via == HostVia::kSsh) wanted_[host.id] = {host, ssh_jumps_to(host, find)};
    }
    has_news_ = true;
    woken_.notify_one();
}

std::shared_ptr<transport::HostLink> SshHosts::Impl::find(const HostId& host) const {
    const std::lock_guard lock(mutex_);
    const auto found = links_.find(host);
    return found == links_.end() ? nullptr : found->second.link;
}

void SshHosts::Impl::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        woken_.wait(lock, [this] { return stopping_ || has_news_; });
        if (stopping_) return;
        has_news_ = false;
        const auto wanted = wanted_;
        const std::string dismissed = dismissed_;
        lock.unlock();
        if (dismissed.empty()) {
            reconcile(wanted);
        } else {
            end_links(wanted, dismissed);
        }
        lock.lock();
    }
}

void SshHosts::Impl::reconcile(const std::map<HostId, Wanted>& wanted) {
    std::vector<HostId> gone;
    std::vector<Wanted> missing;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [id, linked] : links_) {
            const auto still = wanted.find(id);
            if (still == wanted.end() || still->second != linked.wanted) gone.push_back(id);
        }
        for (const auto& [id, host] : wanted) {
            const auto linked = links_.find(id);
            if (linked == links_.end() || linked->second.wanted != host) missing.push_back(host);
        }
    }
    for (const HostId& id : gone) remove(id, "the plan does not drive it over SSH any more");
    if (missing.empty()) return;
    const auto supervisor = transport::SupervisorProgram::read(options_.supervisor_binary);
    for (const Wanted& host : missing) add(host, supervisor);
}

void SshHosts::Impl::dismiss(const std::string& why) {
    const std::lock_guard lock(mutex_);
    if (!dismissed_.empty()) return;
    dismissed_ = "read-only: " + why + "; this orchestrator does not lead";
    has_news_ = true;
    woken_.notify_one();
}

void SshHosts::Impl::end_links(const std::map<HostId, Wanted>& wanted, const std::string& why) {
    std::map<HostId, std::shared_ptr<transport::SshHostLink>> links;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [id, linked] : links_) links[id] = linked.link;
    }
    for (const auto& [id, link] : links) remove(id, why);
    for (const auto& [id, host] : wanted) {
        if (!links.contains(id)) options_.inputs(execution::HostDown{id, why});
    }
}

void SshHosts::Impl::remove(const HostId& host, const std::string& why) {
    std::shared_ptr<transport::SshHostLink> link;
    {
        const std::lock_guard lock(mutex_);
        const auto found = links_.find(host);
        if (found == links_.end()) return;
        link = std::move(found->second.link);
        links_.erase(found);
    }
    link->stop();
    options_.inputs(execution::HostDown{host, why});
}

void SshHosts::Impl::add(const Wanted& wanted, const Program& supervisor) {
    const EstateHost& host = wanted.host;
    if (!proxy_) {
        const char* words = "the plan drives it over SSH, but the orchestrator has no --ssh-key";
        spdlog::error("{}: {}", host.id.str(), words);
        options_.inputs(execution::HostDown{host.id, words});
        return;
    }
    transport::SshHostLinkOptions made;
    made.host = host.id;
    made.target = {host.address, host.ssh_port, host.ssh_user, options_.ssh_key_file, {}};
    made.target.jumps = targets_of(wanted.jumps);
    made.pinned_key = [this](const HostId& id) { return pinned_key(id); };
    if (supervisor.ok()) made.supervisor = *supervisor;
    if (!options_.remote_root.empty()) made.remote_root = options_.remote_root;
    made.pacer = pacer_;
    made.proxy = proxy_;
    made.inputs = options_.inputs;
    made.output = options_.output;
    auto link = transport::SshHostLink::make(std::move(made));
    if (!link.ok()) {
        const auto why = supervisor.ok() ? link.error().text() : supervisor.error().text();
        spdlog::error("{} cannot be driven over SSH: {}", host.id.str(), why);
        options_.inputs(execution::HostDown{host.id, why});
        return;
    }
    {
        const std::lock_guard lock(mutex_);
        if (stopping_ || !dismissed_.empty()) return;
        links_[host.id] = {wanted, link.value()};
    }
    link.value()->start();
}

std::string SshHosts::Impl::pinned_key(const HostId& host) const {
    const auto key = options_.registry->host_key(host);
    if (!key.ok()) {
        spdlog::error("the pinned key of {} cannot be read: {}", host.str(), key.error().text());
        return {};
    }
    return key.value().value_or(std::string());
}

// With the keys that are pinned at this moment.
std::vector<transport::SshTarget> SshHosts::Impl::targets_of(const std::vector<EstateHost>& jumps) const {
    std::vector<transport::SshTarget> targets;
    for (const EstateHost& jump : jumps) {
        transport::SshTarget target{jump.address, jump.ssh_port, jump.ssh_user, options_.ssh_key_file, {}};
        target.name = jump.id.str();
        if (std::string key = pinned_key(jump.id); !key.empty()) target.pinned_keys.push_back(std::move(key));
        targets.push_back(std::move(target));
    }
    return targets;
}

Result<void> SshHosts::Impl::install_agent(const InstallTarget& target,
                                           const std::function<void(std::string)>& say) {
    if (options_.ssh_key_file.empty() || options_.agent_binary.empty() ||
        options_.supervisor_binary.empty()) {
        return Error{ErrorCode::kFailedPrecondition,
                     "the orchestrator was started without --ssh-key, --agent-binary or --supervisor-binary"};
    }
    transport::InstallRequest request;
    request.host = target.host;
    request.user = target.user;
    request.agent_binary = options_.agent_binary;
    request.supervisor_binary = options_.supervisor_binary;
    request.unit_text = kAgentUnit;
    std::vector<std::string> orchestrators = {fmt::format("{}:{}", options_.public_host, agents_port_)};
    orchestrators.insert(orchestrators.end(), options_.agents_also.begin(), options_.agents_also.end());
    ARARAT_ASSIGN_OR_RETURN(request.config_text, agent_config_text(orchestrators));
    request.enrol_address = fmt::format("{}:{}", options_.public_host, enrol_port_);
    ARARAT_ASSIGN_OR_RETURN(const std::string ca, platform::read_file(options_.paths.ca_certificate()));
    ARARAT_ASSIGN_OR_RETURN(request.ca_sha256, platform::certificate_fingerprint(ca));
    request.good_until = platform::SystemClock().now() + kRenewedAhead;
    request.make_token = [this, &target] { return options_.make_token(target.host, target.by); };
    say(fmt::format("connecting to {} ({})", target.host.str(), target.address));
    const std::string key = pinned_key(target.host);
    transport::SshTarget where{target.address, target.port, target.user, options_.ssh_key_file, {}};
    if (!key.empty()) where.pinned_keys.push_back(key);
    where.jumps = targets_of(target.jumps);
    for (const EstateHost& jump : target.jumps) say(fmt::format("by way of jump host {}", jump.id.str()));
    ARARAT_ASSIGN_OR_RETURN(const auto session, transport::SshSession::connect(where, {}, interrupt_));
    return transport::install_agent(*session, request, [&](const std::string& line) { say(line); });
}

void SshHosts::Impl::stop() {
    if (interrupt_) interrupt_->raise();
    std::map<HostId, Linked> links;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    woken_.notify_one();
    if (thread_.joinable()) thread_.join();
    {
        const std::lock_guard lock(mutex_);
        links = std::exchange(links_, {});
    }
    for (const auto& [id, linked] : links) linked.link->stop();
    if (proxy_) proxy_->stop();
}

SshHosts::SshHosts(SshHostsOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
SshHosts::~SshHosts() { stop(); }

Result<void> SshHosts::open() { return impl_->open(); }
void SshHosts::set_ports(std::uint16_t agents, std::uint16_t enrol) { impl_->set_ports(agents, enrol); }
void SshHosts::start() { impl_->start(); }
void SshHosts::dismiss(const std::string& why) { impl_->dismiss(why); }
void SshHosts::follow(const CompiledPlan& plan) { impl_->follow(plan); }
std::shared_ptr<transport::HostLink> SshHosts::find(const HostId& host) const { return impl_->find(host); }
std::uint16_t SshHosts::data_port() const { return impl_->data_port(); }
Result<void> SshHosts::install_agent(const InstallTarget& target,
                                     const std::function<void(std::string)>& say) {
    return impl_->install_agent(target, say);
}
void SshHosts::stop() { impl_->stop(); }

}  // namespace ararat::server
