#include "channel/ticket_book.h"

#include <algorithm>

#include "channel/connection.h"
#include "channel/endpoint.h"

namespace ararat::channel {
namespace {

constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kNameBytesMax = 255;
constexpr std::size_t kUnixPathMax = 107;
constexpr std::size_t kEndedMax = 4096;

Error bad_ticket(const std::string& what) { return Error{ErrorCode::kInvalidArgument, "the ticket " + what}; }

bool is_absolute(const std::string& path) {
    return !path.empty() && path.front() == '/' && path.find('\0') == std::string::npos;
}

Result<void> check_ends(const Ticket& ticket) {
    if (ticket.is_source && ticket.kind == TicketKind::kTree && !is_absolute(ticket.path)) {
        return bad_ticket("of a tree needs an absolute path, not '" + ticket.path + "'");
    }
    if (ticket.is_source && ticket.kind == TicketKind::kSocket && !is_absolute(ticket.path)) {
        ARARAT_RETURN_IF_ERROR(split_host_port(ticket.path));
    }
    if (!ticket.is_source && ticket.kind == TicketKind::kSocket) {
        if (!is_absolute(ticket.expose)) {
            return bad_ticket("needs an absolute path to expose, not '" + ticket.expose + "'");
        }
        if (ticket.expose.size() > kUnixPathMax) {
            return bad_ticket("exposes a path of more than 107 bytes: '" + ticket.expose + "'");
        }
    }
    return {};
}

// A renewal may change the lease and nothing else.
bool same_right(const Ticket& a, const Ticket& b) {
    return a.kind == b.kind && a.is_source == b.is_source && a.path == b.path && a.expose == b.expose &&
           a.expose_owner == b.expose_owner && a.secret == b.secret && a.peer == b.peer &&
           a.peer_address == b.peer_address && a.bytes_per_second_max == b.bytes_per_second_max;
}

}  // namespace

Result<void> check_ticket(const Ticket& ticket) {
    for (const auto* name : {&ticket.key.run, &ticket.key.channel}) {
        if (name->empty() || name->size() > kNameBytesMax) return bad_ticket("names no run or channel");
    }
    if (ticket.key.generation == 0) return bad_ticket("has generation 0; they count from 1");
    if (ticket.secret.size() != kSecretBytes) return bad_ticket("has a secret that is not 32 bytes long");
    if (ticket.peer.empty()) return bad_ticket("names no peer");
    if (ticket.lease.count() < 0) return bad_ticket("has a lease below zero");
    if (!ticket.peer_address.empty()) ARARAT_RETURN_IF_ERROR(split_host_port(ticket.peer_address));
    return check_ends(ticket);
}

Result<TicketBook::Opened> TicketBook::open(const Ticket& ticket, Duration now) {
    ARARAT_RETURN_IF_ERROR(check_ticket(ticket));
    const Name name{ticket.key.run, ticket.key.channel};
    const std::lock_guard lock(mutex_);
    const auto ended = ended_.find(name);
    if (ended != ended_.end() && ticket.key.generation <= ended->second) {
        return Error{ErrorCode::kFailedPrecondition,
                     "generation " + std::to_string(ticket.key.generation) +
                         " of this ticket has ended; it is not opened again",
                     ticket.key.channel};
    }
    Opened opened;
    const auto found = entries_.find(name);
    if (found != entries_.end() && !found->second->closed()) {
        auto& current = found->second;
        if (current->ticket().key.generation == ticket.key.generation) {
            if (!same_right(current->ticket(), ticket)) {
                return Error{ErrorCode::kFailedPrecondition, "a renewal may not change what the ticket says",
                             ticket.key.channel};
            }
            current->renew(ticket.lease, now);
            return Opened{current, nullptr, true};
        }
        if (current->ticket().key.generation > ticket.key.generation) {
            return Error{ErrorCode::kFailedPrecondition, "a higher generation of this ticket is open",
                         ticket.key.channel};
        }
        current->close();
        opened.replaced = current;
        end_locked(name, current->ticket().key.generation);
    } else if (found == entries_.end() && entries_.size() >= kTicketsMax) {
        // Closed entries are kept for their byte counts only; they make room first.
        const auto closed = std::find_if(entries_.begin(), entries_.end(),
                                         [](const auto& entry) { return entry.second->closed(); });
        if (closed == entries_.end()) {
            return Error{ErrorCode::kResourceExhausted, "too many tickets are open on this host"};
        }
        entries_.erase(closed);
    }
    opened.entry = std::make_shared<TicketEntry>(ticket, now);
    entries_[name] = opened.entry;
    return opened;
}

TicketEntryPtr TicketBook::close(const TicketKey& key) {
    const Name name{key.run, key.channel};
    const std::lock_guard lock(mutex_);
    end_locked(name, key.generation);
    const auto found = entries_.find(name);
    if (found == entries_.end() || found->second->closed()) return nullptr;
    if (found->second->ticket().key.generation > key.generation) return nullptr;
    found->second->close();
    return found->second;
}

std::vector<TicketEntryPtr> TicketBook::expire(Duration now) {
    std::vector<TicketEntryPtr> expired;
    const std::lock_guard lock(mutex_);
    for (const auto& [name, entry] : entries_) {
        if (entry->closed() || !entry->expired(now)) continue;
        entry->close();
        // Not ended for good: the orchestrator that comes back may open this generation again.
        expired.push_back(entry);
    }
    return expired;
}

std::vector<TicketEntryPtr> TicketBook::close_all() {
    std::vector<TicketEntryPtr> closed;
    const std::lock_guard lock(mutex_);
    for (const auto& [name, entry] : entries_) {
        if (entry->closed()) continue;
        entry->close();
        closed.push_back(entry);
    }
    return closed;
}

TicketEntryPtr TicketBook::find(const std::string& run, const std::string& channel) const {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(Name{run, channel});
    return found == entries_.end() || found->second->closed() ? nullptr : found->second;
}

std::vector<TicketEntryPtr> TicketBook::all() const {
    std::vector<TicketEntryPtr> entries;
    const std::lock_guard lock(mutex_);
    entries.reserve(entries_.size());
    for (const auto& [name, entry] : entries_) entries.push_back(entry);
    return entries;
}

void TicketBook::end_locked(const Name& name, std::uint32_t generation) {
    const auto [found, added] = ended_.try_emplace(name, generation);
    found->second = std::max(found->second, generation);
    if (!added) return;
    ended_order_.push_back(name);
    if (ended_order_.size() > kEndedMax) {
        ended_.erase(ended_order_.front());
        ended_order_.pop_front();
    }
}

}  // namespace ararat::channel
