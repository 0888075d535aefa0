#include "tests/simulation/virtual_tickets.h"

#include <algorithm>

namespace ararat::simulation {

void VirtualTickets::open(channel::Ticket ticket, Duration now) {
    ticket.path = "/srv";  // the plans of the simulation name none
    const auto opened = book_.open(ticket, now);
    const std::string name = end_ + ": ticket " + ticket.key.run + " " + ticket.key.channel;
    if (!opened.ok()) {
        if (opened.error().code != ErrorCode::kFailedPrecondition)
            faults_.push_back(name + " is refused: " + opened.error().text());
        return;
    }
    const auto closed = closed_.find({ticket.key.run, ticket.key.channel});
    if (closed != closed_.end() && ticket.key.generation <= closed->second)
        faults_.push_back(name + " is open again after it was closed");
}

void VirtualTickets::close(const channel::TicketKey& key) {
    book_.close(key);
    std::uint32_t& highest = closed_[{key.run, key.channel}];
    highest = std::max(highest, key.generation);
}

std::set<channel::TicketKey> VirtualTickets::held(Duration now) {
    book_.expire(now);
    std::set<channel::TicketKey> keys;
    for (const channel::TicketEntryPtr& entry : book_.all()) {
        if (!entry->closed()) keys.insert(entry->ticket().key);
    }
    return keys;
}

}  // namespace ararat::simulation
