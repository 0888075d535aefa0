#include "transport/dispatcher.h"

#include <fmt/format.h>

#include <algorithm>
#include <variant>

#include "platform/log.h"
#include "platform/pki.h"

namespace ararat::transport {

std::string ticket_secret(const std::string& ticket_key, const execution::OpenTicket& ticket) {
    return platform::hmac_sha256(
        ticket_key, fmt::format("{}|{}|{}", ticket.run.str(), ticket.channel.id.str(), ticket.generation));
}

void Dispatcher::dispatch(const std::vector<execution::Effect>& effects) {
    for (const execution::Effect& effect : effects) {
        std::visit([this](const auto& value) { send(value); }, effect);
    }
}

void Dispatcher::renew_leases() {
    std::vector<execution::OpenTicket> tickets;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [name, ticket] : open_) tickets.push_back(ticket);
    }
    for (const execution::OpenTicket& ticket : tickets) {
        {
            // Closed meanwhile: an end would refuse it anyway, but need not be asked.
            const std::lock_guard lock(mutex_);
            const auto found = open_.find({ticket.run, ticket.channel.id});
            if (found == open_.end() || found->second.generation != ticket.generation) continue;
        }
        grant(ticket);
    }
}

bool Dispatcher::sent_there(const HostId& host, const execution::AttemptKey& key) const {
    const std::lock_guard lock(mutex_);
    const auto found = sent_.find(key);
    return found != sent_.end() && found->second == host;
}

bool Dispatcher::carries(const HostId& host, const RunId& run, const ChannelId& channel,
                         std::uint32_t generation) const {
    const auto is_end = [&](const Channel& of) { return of.source == host || of.target == host; };
    const std::lock_guard lock(mutex_);
    const auto found = open_.find({run, channel});
    if (found != open_.end() && found->second.generation == generation) return is_end(found->second.channel);
    const auto closed = std::find_if(closed_.rbegin(), closed_.rend(), [&](const auto& one) {
        return one.generation == generation && one.channel.id == channel && one.run == run;
    });
    return closed != closed_.rend() && is_end(closed->channel);
}

void Dispatcher::expect(const execution::AttemptKey& key, const HostId& host) {
    const std::lock_guard lock(mutex_);
    if (sent_.insert_or_assign(key, host).second) sent_order_.push_back(key);
    if (sent_order_.size() > kSentAttemptsMax) {
        sent_.erase(sent_order_.front());
        sent_order_.pop_front();
    }
}

void Dispatcher::send(const execution::Command& command) {
    expect(command.key, command.host);
    if (const auto link = find_(command.host)) link->send(command);
}

void Dispatcher::send(const execution::CancelCommand& cancel) {
    if (const auto link = find_(cancel.host)) link->send(cancel);
}

void Dispatcher::send(const execution::AcknowledgeResult& acknowledge) {
    if (const auto link = find_(acknowledge.host)) link->send(acknowledge);
}

void Dispatcher::send(const execution::OpenTicket& ticket) {
    {
        const std::lock_guard lock(mutex_);
        open_[{ticket.run, ticket.channel.id}] = ticket;
    }
    grant(ticket);
}

void Dispatcher::send(const execution::CloseTicket& close) {
    {
        const std::lock_guard lock(mutex_);
        const auto found = open_.find({close.run, close.channel.id});
        if (found != open_.end() && found->second.generation <= close.generation) open_.erase(found);
        closed_.push_back(close);
        if (closed_.size() > kClosedTicketsMax) closed_.pop_front();
    }
    for (const HostId& host : {close.channel.source, close.channel.target}) {
        if (const auto link = find_(host)) link->send(close);
    }
}

// Each end needs to know the other: both must have been seen. The missing one brings the ticket back when
// it connects, and the renewal does so too.
Result<Dispatcher::Ends> Dispatcher::ends_of(const Channel& channel) const {
    Ends ends{find_(channel.source), find_(channel.target), {}, {}};
    const auto end_of = [](const std::shared_ptr<HostLink>& link, const HostId& host,
                           const char* which) -> Result<DataEnd> {
        const auto words = [&](const std::string& why) {
            return Error{ErrorCode::kUnavailable,
                         fmt::format("the {}'s end, {}: {}", which, host.str(), why)};
        };
        if (!link) return words("it has not connected since the orchestrator started");
        auto end = link->data_end();
        if (!end.ok()) return words(end.error().message);
        return end;
    };
    ARARAT_ASSIGN_OR_RETURN(ends.source, end_of(ends.source_link, channel.source, "source"));
    ARARAT_ASSIGN_OR_RETURN(ends.target, end_of(ends.target_link, channel.target, "target"));
    const bool target_dials = channel.listen == ListenSide::kSource;
    if ((target_dials ? ends.source : ends.target).address.empty()) {
        return Error{ErrorCode::kUnavailable,
                     fmt::format("the {}'s end, {}: it has no address that the other end could dial",
                                 target_dials ? "source" : "target",
                                 (target_dials ? channel.source : channel.target).str())};
    }
    return ends;
}

std::string Dispatcher::why_waiting(const RunId& run, const ChannelId& channel) const {
    Channel open;
    {
        const std::lock_guard lock(mutex_);
        const auto found = open_.find({run, channel});
        if (found == open_.end()) return {};
        open = found->second.channel;
    }
    const auto ends = ends_of(open);
    return ends.ok() ? std::string() : ends.error().message;
}

void Dispatcher::grant(const execution::OpenTicket& ticket) {
    const auto ends = ends_of(ticket.channel);
    if (!ends.ok()) {
        spdlog::debug("ticket of {} waits for {}", ticket.channel.id.str(), ends.error().text());
        return;
    }
    const bool target_dials = ticket.channel.listen == ListenSide::kSource;
    const std::string& dialled = target_dials ? ends->source.address : ends->target.address;
    TicketGrant grant{ticket, true,        ticket_secret(ticket_key_, ticket), ends->target.identity,
                      {},     kTicketLease};
    if (!target_dials) grant.peer_address = dialled;
    TicketGrant target_grant{ticket, false, grant.secret, ends->source.identity, {}, kTicketLease};
    if (target_dials) target_grant.peer_address = dialled;
    // The accepting end first: it knows the ticket when the other one comes.
    const auto& source = ends->source_link;
    const auto& target = ends->target_link;
    (target_dials ? source : target)->send(target_dials ? grant : target_grant);
    (target_dials ? target : source)->send(target_dials ? target_grant : grant);
}

}  // namespace ararat::transport
