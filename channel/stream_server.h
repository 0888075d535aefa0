// What the threads of an Endpoint do: the conversation that opens a stream, from each of its four
// beginnings (a peer connected, a local rsh client connected, an exposed socket was used, a source end
// that dials keeps connections ready), and then its bridge.
// Thread promise: shared by all stream threads; its state is the TicketBook's.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "channel/connection.h"
#include "channel/endpoint.h"
#include "channel/frames.h"
#include "channel/interrupt.h"
#include "channel/stream_opener.h"
#include "channel/ticket_book.h"
#include "platform/clock.h"
#include "platform/tls_context.h"

namespace ararat::channel {

class StreamServer {
public:
    struct Parts {
        platform::TlsContext client;
        platform::TlsContext server;
        std::shared_ptr<StreamOpener> opener;
        std::shared_ptr<platform::Clock> clock;  // of the bandwidth
        Duration open_patience;                  // EndpointOptions
        std::function<void(const ChannelEvent&)> on_event;
        // A parked connection was taken: another thread is to run keep_parked() in its place.
        std::function<void(const TicketEntryPtr&)> park_another;
    };
    StreamServer(Parts parts, TicketBook& book) : parts_(std::move(parts)), book_(book) {}

    // Each runs the stream from its beginning to its end on the calling thread.
    // `on_judged` is called once: the peer has shown a ticket, or was turned away.
    void serve_peer(platform::UniqueFd socket, const InterruptPtr& interrupt,
                    const std::function<void()>& on_judged);
    void serve_local(platform::UniqueFd socket, const InterruptPtr& interrupt);
    void serve_exposed(platform::UniqueFd socket, const TicketEntryPtr& entry, const InterruptPtr& interrupt);
    void keep_parked(const TicketEntryPtr& entry, const InterruptPtr& interrupt);

private:
    struct Opened {
        Connection connection;
        TicketEntryPtr entry;
    };
    // A peer that has shown a ticket, or nothing where it was turned away.
    struct Admitted {
        Connection connection;
        Hello hello;
    };
    std::optional<Admitted> admit(platform::UniqueFd socket, const Interrupt& interrupt) const;
    // The entry that a peer's hello is good for.
    Result<TicketEntryPtr> judge(const Connection& connection, const Hello& hello) const;
    // Source end: waits for the request, opens the local side, bridges. `request_within` 0: as long as it
    // takes. `on_request` is called when the request has come.
    void serve_source(Connection& connection, TicketEntry& entry, Duration request_within,
                      const std::function<void()>& on_request, const InterruptPtr& interrupt);
    // Target end: a connection on which the source has opened its side. Tries again for a while where the
    // ticket may still be on its way to one end.
    Result<Opened> open_remote(const std::string& run, const std::string& channel,
                               const std::vector<std::string>& arguments, const InterruptPtr& interrupt);
    Result<Connection> open_once(TicketEntry& entry, const std::vector<std::string>& arguments,
                                 const Interrupt& interrupt);
    // Dials and says hello; `more` is sent along with it.
    Result<Connection> dial_peer(const Ticket& ticket, std::string_view more, const Interrupt& interrupt);
    void carry(Connection& connection, platform::UniqueFd local, TicketEntry& entry,
               const std::function<Result<void>(StreamEnd)>& finish, const Interrupt& interrupt);
    void tell(ChannelEvent::Kind kind, const TicketKey& key, std::string text) const;

    Parts parts_;
    TicketBook& book_;
};

}  // namespace ararat::channel
