// A ticket: the right to one move's data channel, as one end of it holds it. Issued by the
// orchestrator to both ends, leased, and void from the moment it is closed.
// Thread promise: values.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "base/instant.h"

namespace ararat::channel {

enum class TicketKind {
    kTree,    // rsync of one directory: the source end serves `path`, read only
    kSocket,  // a local socket of the source end, exposed on the target end
};

// What a ticket is known by. A higher generation replaces a lower one of the same run and channel; a
// generation that was closed or replaced is never accepted again (one whose lease ran out may be).
struct TicketKey {
    std::string run;
    std::string channel;
    std::uint32_t generation = 1;
    friend auto operator<=>(const TicketKey&, const TicketKey&) = default;
};

struct Ticket {
    TicketKey key;
    TicketKind kind = TicketKind::kTree;
    bool is_source = false;                  // which end this is
    std::string path;                        // source end: the directory; or the Unix socket, or host:port
    std::string expose;                      // target end of kSocket: the Unix socket to make
    std::string expose_owner;                // the one user who may connect to it; empty: root
    std::string secret;                      // 32 bytes, the same on both ends; never sent over the channel
    std::string peer;                        // the other end's identity: the one URI SAN of its certificate
    std::string peer_address;                // host:port; set: this end dials; empty: it accepts
    std::uint64_t bytes_per_second_max = 0;  // both directions together; 0: unlimited
    Duration lease{0};  // closed when not opened again within this time (boot time); 0: no lease
};

}  // namespace ararat::channel
