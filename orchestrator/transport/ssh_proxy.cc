#include "transport/ssh_proxy.h"

#include <algorithm>
#include <utility>

#include "channel/connection.h"
#include "channel/rsync_command.h"
#include "platform/log.h"
#include "transport/ssh_stream.h"
#include "transport/ssh_supervisor.h"

namespace ararat::transport {
namespace {

constexpr Duration kAdmissionMax = std::chrono::seconds{3};
// Admission, connection and all; see StreamOpener::open().
constexpr Duration kOpeningMax = std::chrono::seconds{35};

channel::TicketKey key_of(const RunId& run, const ChannelId& id, std::uint32_t generation) {
    return {run.str(), id.str(), generation};
}

}  // namespace

channel::Ticket ticket_of(const TicketGrant& grant) {
    const auto& channel = grant.ticket.channel;
    channel::Ticket ticket;
    ticket.key = key_of(grant.ticket.run, channel.id, grant.ticket.generation);
    ticket.kind =
        channel.kind == ChannelKind::kTree ? channel::TicketKind::kTree : channel::TicketKind::kSocket;
    ticket.is_source = true;
    ticket.path = channel.path;
    ticket.secret = grant.secret;
    ticket.peer = grant.peer;
    ticket.peer_address = grant.peer_address;
    ticket.bytes_per_second_max = channel.bytes_per_second_max;
    ticket.lease = grant.lease;
    return ticket;
}

// Opens streams on the host that the ticket's source is. Thread promise: any thread.
class SshProxy::Opener final : public channel::StreamOpener {
public:
    explicit Opener(std::shared_ptr<SshPacer> pacer) : pacer_(std::move(pacer)) {}

    void add(const channel::TicketKey& key, const SshReach& reach) {
        const std::lock_guard lock(mutex_);
        reaches_[{key.run, key.channel}] = reach;
    }
    void remove(const channel::TicketKey& key) {
        const std::lock_guard lock(mutex_);
        reaches_.erase({key.run, key.channel});
    }
    [[nodiscard]] Result<SshReach> find(const channel::TicketKey& key) const {
        const std::lock_guard lock(mutex_);
        const auto found = reaches_.find({key.run, key.channel});
        if (found == reaches_.end()) return Error{ErrorCode::kNotFound, "no host serves this ticket"};
        return found->second;
    }

    [[nodiscard]] Result<channel::OpenedStream> open(const channel::Ticket& ticket,
                                                     const std::vector<std::string>& arguments,
                                                     const channel::InterruptPtr& interrupt) override {
        const auto until = channel::steady_now() + kOpeningMax;
        ARARAT_ASSIGN_OR_RETURN(const auto reach, find(ticket.key));
        std::string input;
        if (ticket.kind == channel::TicketKind::kTree) {
            ARARAT_ASSIGN_OR_RETURN(const auto command,
                                    channel::rsync_server_command(arguments, ticket.path));
            input = exec_input(command);
        } else {
            input = request_input({"connect", ticket.path});
        }
        ARARAT_RETURN_IF_ERROR(wait_for_admission(way_to(reach.target), *interrupt));
        const auto& command =
            ticket.kind == channel::TicketKind::kTree ? reach.exec_command : reach.request_command;
        return open_ssh_stream(reach.target, command, std::move(input), {until, interrupt});
    }

private:
    Result<void> wait_for_admission(const std::vector<std::string>& way,
                                    const channel::Interrupt& interrupt) {
        if (!pacer_) return {};
        const auto deadline = channel::steady_now() + kAdmissionMax;
        while (true) {
            const auto delay = pacer_->admit(way, channel::steady_now());
            if (delay.count() == 0) return {};
            if (channel::steady_now() + delay > deadline) {
                return Error{ErrorCode::kUnavailable, "too many connections at once",
                             pacer_->busiest(way, channel::steady_now())};
            }
            const auto waited = channel::wait_for_fd(-1, 0, channel::steady_now() + delay, interrupt);
            if (!waited.ok() && waited.error().code != ErrorCode::kDeadlineExceeded) return waited;
        }
    }

    std::shared_ptr<SshPacer> pacer_;
    mutable std::mutex mutex_;  // guards reaches_
    std::map<std::pair<std::string, std::string>, SshReach> reaches_;
};

SshProxy::SshProxy(DataEnd end, std::shared_ptr<Opener> opener, std::unique_ptr<channel::Endpoint> endpoint)
    : end_(std::move(end)), opener_(std::move(opener)), endpoint_(std::move(endpoint)) {}
SshProxy::~SshProxy() { stop(); }

Result<std::unique_ptr<SshProxy>> SshProxy::start(SshProxyOptions options) {
    const auto opener = std::make_shared<Opener>(options.pacer);
    channel::EndpointOptions endpoint_options;
    endpoint_options.certificate_file = options.certificate_file;
    endpoint_options.key_file = options.key_file;
    endpoint_options.ca_file = options.ca_file;
    endpoint_options.listen_address = options.listen_address;
    endpoint_options.listen_port = options.listen_port;
    endpoint_options.opener = opener;
    endpoint_options.on_progress = [opener,
                                    sink = options.progress](const channel::ChannelProgress& progress) {
        const auto reach = opener->find(progress.key);
        if (!sink || !reach.ok()) return;
        sink({reach->host, RunId(progress.key.run), ChannelId(progress.key.channel), progress.key.generation,
              progress.bytes, 0});
    };
    endpoint_options.on_event = [](const channel::ChannelEvent& event) {
        const bool is_usual = event.kind == channel::ChannelEvent::Kind::kStreamOpened ||
                              event.kind == channel::ChannelEvent::Kind::kStreamEnded;
        spdlog::log(is_usual ? spdlog::level::debug : spdlog::level::warn, "data channel {} of run {}: {}",
                    event.key.channel, event.key.run, event.text);
    };
    ARARAT_ASSIGN_OR_RETURN(auto endpoint, channel::Endpoint::start(std::move(endpoint_options)));
    auto end = options.end;
    const auto colon = end.address.rfind(':');
    if (colon != std::string::npos && end.address.substr(colon) == ":0") {
        end.address = end.address.substr(0, colon + 1) + std::to_string(endpoint->port());
    }
    return std::unique_ptr<SshProxy>(new SshProxy(std::move(end), opener, std::move(endpoint)));
}

DataEnd SshProxy::end() const { return end_; }
std::uint16_t SshProxy::port() const { return endpoint_->port(); }

Result<void> SshProxy::open_ticket(const TicketGrant& grant, const SshReach& reach) {
    if (!grant.is_source) {
        return Error{ErrorCode::kUnimplemented,
                     "a host without an agent can be a channel's source, not its target", reach.host.str()};
    }
    const auto ticket = ticket_of(grant);
    opener_->add(ticket.key, reach);
    return endpoint_->open_ticket(ticket);
}

void SshProxy::close_ticket(const execution::CloseTicket& close) {
    const auto key = key_of(close.run, close.channel.id, close.generation);
    endpoint_->close_ticket(key);
    // A later generation may be open already.
    const auto all = endpoint_->progress();
    const bool is_open = std::any_of(all.begin(), all.end(), [&](const channel::ChannelProgress& one) {
        return one.open && one.key.run == key.run && one.key.channel == key.channel;
    });
    if (!is_open) opener_->remove(key);
}

void SshProxy::stop() { endpoint_->stop(); }

}  // namespace ararat::transport
