// Turns the engine's effects into messages to hosts: finds each host's link, gives both ends of a channel
// their ticket with its secret and each other's address, renews the tickets' leases.
// Owner: the orchestrator's wiring. Thread promise: any thread; the engine dispatches, a timer renews.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

#include "execution/effect.h"
#include "transport/host_link.h"

namespace ararat::transport {

// Null for a host that never came.
using LinkFinder = std::function<std::shared_ptr<HostLink>(const HostId&)>;

// The secret that both ends of a ticket hold: 32 bytes. Derived, so that a restart issues the same one.
[[nodiscard]] std::string ticket_secret(const std::string& ticket_key, const execution::OpenTicket& ticket);

inline constexpr Duration kTicketLease{60'000};
inline constexpr std::size_t kSentAttemptsMax = 200'000;
inline constexpr std::size_t kClosedTicketsMax = 1'024;

class Dispatcher {
public:
    // `ticket_key`: the orchestrator's own, 32 bytes or more.
    Dispatcher(std::string ticket_key, LinkFinder find)
        : ticket_key_(std::move(ticket_key)), find_(std::move(find)) {}

    void dispatch(const std::vector<execution::Effect>& effects);
    // This attempt was sent there by an earlier process: what the host says about it is listened to.
    void expect(const execution::AttemptKey& key, const HostId& host);
    // Sends every open ticket again. Call well within kTicketLease; also gives a ticket to an end that was
    // not connected when it was issued.
    void renew_leases();
    // Why this ticket, which is open, is with neither end; empty: both have it, or there is no such ticket.
    [[nodiscard]] std::string why_waiting(const RunId& run, const ChannelId& channel) const;
    // Whether the attempt was sent to this host. The oldest are forgotten beyond kSentAttemptsMax.
    [[nodiscard]] bool sent_there(const HostId& host, const execution::AttemptKey& key) const;
    // Whether the host is an end of the channel under this ticket, which is open or was closed a while ago.
    [[nodiscard]] bool carries(const HostId& host, const RunId& run, const ChannelId& channel,
                               std::uint32_t generation) const;

private:
    using TicketName = std::tuple<RunId, ChannelId>;

    void send(const execution::Command& command);
    void send(const execution::CancelCommand& cancel);
    void send(const execution::AcknowledgeResult& acknowledge);
    void send(const execution::OpenTicket& ticket);
    void send(const execution::CloseTicket& close);
    struct Ends {
        std::shared_ptr<HostLink> source_link, target_link;
        DataEnd source, target;
    };
    [[nodiscard]] Result<Ends> ends_of(const Channel& channel) const;
    void grant(const execution::OpenTicket& ticket);

    std::string ticket_key_;
    LinkFinder find_;
    mutable std::mutex mutex_;
    std::map<TicketName, execution::OpenTicket> open_;
    std::deque<execution::CloseTicket> closed_;  // the newest last
    std::map<execution::AttemptKey, HostId> sent_;
    std::deque<execution::AttemptKey> sent_order_;
};

}  // namespace ararat::transport
