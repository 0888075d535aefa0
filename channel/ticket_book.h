// Every ticket this end holds, and the generations it will not accept again.
// Thread promise: all methods from any thread.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "channel/ticket.h"
#include "channel/ticket_entry.h"

namespace ararat::channel {

// What is wrong with a ticket, or nothing. Pure.
[[nodiscard]] Result<void> check_ticket(const Ticket& ticket);

class TicketBook {
public:
    struct Opened {
        TicketEntryPtr entry;
        TicketEntryPtr replaced;  // of a lower generation, closed already; may be null
        bool renewed = false;     // it was open before
    };
    // Errors: as Endpoint::open_ticket.
    Result<Opened> open(const Ticket& ticket, Duration now);
    // Closes it if it is this generation or a lower one; returns it, or null. The generation is void now.
    TicketEntryPtr close(const TicketKey& key);
    // Closes what has not been renewed in time.
    std::vector<TicketEntryPtr> expire(Duration now);
    std::vector<TicketEntryPtr> close_all();

    [[nodiscard]] TicketEntryPtr find(const std::string& run, const std::string& channel) const;
    // Open entries, and closed ones whose bytes are still of interest.
    [[nodiscard]] std::vector<TicketEntryPtr> all() const;

private:
    using Name = std::pair<std::string, std::string>;  // run, channel
    void end_locked(const Name& name, std::uint32_t generation);

    mutable std::mutex mutex_;
    std::map<Name, TicketEntryPtr> entries_;  // the latest of each channel, open or closed
    std::map<Name, std::uint32_t> ended_;     // the highest generation that will not be opened again
    std::deque<Name> ended_order_;            // oldest first: ended_ is bounded
};

}  // namespace ararat::channel
