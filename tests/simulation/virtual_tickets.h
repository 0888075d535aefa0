// The tickets of data channels that one end holds: the real book, without streams, and what it must never do.
// Lives as long as the end's process. Thread promise: one owner.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "channel/ticket_book.h"

namespace ararat::simulation {

class VirtualTickets {
public:
    VirtualTickets(std::string end, std::vector<std::string>& faults)
        : end_(std::move(end)), faults_(faults) {}

    void open(channel::Ticket ticket, Duration now);
    void close(const channel::TicketKey& key);
    // Those whose lease has not run out.
    [[nodiscard]] std::set<channel::TicketKey> held(Duration now);

private:
    std::string end_;
    std::vector<std::string>& faults_;
    channel::TicketBook book_;
    std::map<std::pair<std::string, std::string>, std::uint32_t>
        closed_;  // run, channel: the highest generation
};

}  // namespace ararat::simulation
