// One host's end of every data channel: accepts and dials peers over mutual TLS 1.3, checks tickets,
// carries streams, limits their bandwidth and counts their bytes. Owned by the agent, and by the
// orchestrator for hosts that are driven over SSH.
//
// A connection, after the TLS handshake (identities checked against the ticket on both ends):
//   dialler  -> hello: run, channel, generation, proof
//   acceptor -> greeting: accepted with its own proof, or refused with the reason
//   target   -> request: rsync's arguments (tree) or nothing (socket)
//   source   -> reply: opened, or refused with the reason
//   both     -> raw bytes; TLS close_notify carries the end of one direction
// The proofs are HMAC-SHA256 under the ticket's secret over this connection's TLS exporter
// (RFC 8446, 7.5; RFC 5705), so the secret does not travel and a proof is worth nothing elsewhere.
//
// Threads: all methods may be called from any thread and return without waiting for the network.
// One thread accepts and keeps leases; each stream has one thread. Callbacks come from those threads
// and must not call back into the Endpoint.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "channel/stream_opener.h"
#include "channel/ticket.h"
#include "platform/clock.h"

namespace ararat::channel {

// Bytes carried by this end since the ticket was opened, both directions together. Kept after the
// ticket closes until a later generation replaces it.
struct ChannelProgress {
    TicketKey key;
    std::uint64_t bytes = 0;
    std::uint32_t streams = 0;  // connected now
    bool open = false;
};

// Something a person may want to know: a refused peer, an expired lease, a stream that failed.
struct ChannelEvent {
    enum class Kind { kRefused, kStreamOpened, kStreamEnded, kStreamFailed, kLeaseExpired };
    Kind kind = Kind::kRefused;
    TicketKey key;  // empty where the peer named none
    std::string text;
};

struct EndpointOptions {
    // PEM files of this end's identity.
    std::string certificate_file;
    std::string key_file;
    std::string ca_file;
    std::string listen_address = "0.0.0.0";
    std::uint16_t listen_port = 0;           // 0: any free one, see port()
    std::string local_socket;                // Unix socket for `rsh` clients of this host; empty: none
    std::shared_ptr<StreamOpener> opener;    // null: a local one
    std::shared_ptr<platform::Clock> clock;  // null: the system's
    // How long a target end goes on trying where the source is not reachable or does not know the ticket yet.
    Duration open_patience{std::chrono::seconds{15}};
    // At most 5 times a second for each ticket while bytes move, and once more when none has for kStallAfter.
    std::function<void(const ChannelProgress&)> on_progress;
    std::function<void(const ChannelEvent&)> on_event;
};

inline constexpr Duration kStallAfter{2'000};
inline constexpr int kStreamsPerTicketMax = 16;
inline constexpr int kTicketsMax = 1024;
inline constexpr int kParkedConnections = 2;  // kept ready by a source end that dials

class Endpoint {
public:
    // Listens at once. Errors: the identity files or the addresses cannot be used.
    [[nodiscard]] static Result<std::unique_ptr<Endpoint>> start(EndpointOptions options);
    ~Endpoint();  // stop()
    Endpoint(const Endpoint&) = delete;
    Endpoint& operator=(const Endpoint&) = delete;

    // Opens, or renews the lease of, a ticket. Errors: invalid-argument (what is wrong with it),
    // failed-precondition (that generation was closed, or a higher one is known), resource-exhausted,
    // unavailable (the exposed socket cannot be made).
    Result<void> open_ticket(const Ticket& ticket);
    // Ends every stream of it at once, in mid-stream too, and kills what they started. Unknown: no effect
    // but that this generation will not be opened later.
    void close_ticket(const TicketKey& key);
    [[nodiscard]] std::vector<ChannelProgress> progress() const;
    [[nodiscard]] std::uint16_t port() const;
    // Ends everything and joins the threads. Safe to call twice.
    void stop();

private:
    class Impl;
    explicit Endpoint(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace ararat::channel
