#include "channel/stream_server.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>

#include "channel/bridge.h"
#include "channel/local_frames.h"
#include "platform/pki.h"

namespace ararat::channel {
namespace {

// Each message of an opening conversation.
constexpr Duration kStepTimeout = std::chrono::seconds{10};
// The source opens its side (a process, a socket, an SSH channel) before it answers.
constexpr Duration kOpenTimeout = std::chrono::seconds{45};
constexpr Duration kRetryFirst{50};
constexpr Duration kRetryMax = std::chrono::seconds{2};

// A thread's membership of a ticket.
class Joined {
public:
    Joined(TicketEntry& entry, const std::shared_ptr<Interrupt>& interrupt)
        : entry_(entry), interrupt_(interrupt), result_(entry.join(interrupt)) {}
    ~Joined() {
        if (result_.ok()) entry_.leave(interrupt_);
    }
    Joined(const Joined&) = delete;
    Joined& operator=(const Joined&) = delete;
    [[nodiscard]] const Result<void>& result() const { return result_; }

private:
    TicketEntry& entry_;
    std::shared_ptr<Interrupt> interrupt_;
    Result<void> result_;
};

// Well when the time is over, an error when interrupted.
Result<void> pause_for(Duration time, const Interrupt& interrupt) {
    const auto waited = wait_for_fd(-1, 0, steady_now() + time, interrupt);
    if (!waited.ok() && waited.error().code == ErrorCode::kDeadlineExceeded) return {};
    return waited;
}

bool may_come_right(const Error& error) {
    return error.code == ErrorCode::kNotFound || error.code == ErrorCode::kUnavailable ||
           error.code == ErrorCode::kDeadlineExceeded;
}

Result<void> accepted(Connection& connection, Duration within, const Interrupt& interrupt) {
    ARARAT_ASSIGN_OR_RETURN(const auto bytes, connection.read_frame(within, interrupt));
    ARARAT_ASSIGN_OR_RETURN(const auto answer, decode_answer(bytes));
    if (!answer.refused.empty()) return error_of(answer);
    return {};
}

}  // namespace

void StreamServer::tell(ChannelEvent::Kind kind, const TicketKey& key, std::string text) const {
    if (parts_.on_event) parts_.on_event(ChannelEvent{kind, key, std::move(text)});
}

Result<TicketEntryPtr> StreamServer::judge(const Connection& connection, const Hello& hello) const {
    auto entry = book_.find(hello.key.run, hello.key.channel);
    if (!entry || entry->ticket().key != hello.key) {
        return Error{ErrorCode::kNotFound, "no such ticket is open here"};
    }
    const auto& ticket = entry->ticket();
    if (!ticket.peer_address.empty()) {
        return Error{ErrorCode::kFailedPrecondition, "this end of the ticket dials"};
    }
    if (ticket.peer != connection.peer()) {
        return Error{ErrorCode::kPermissionDenied, "the ticket is not for " + connection.peer()};
    }
    const auto wanted = ticket_proof(ticket, ProofSide::kDialler, connection.exporter());
    if (!platform::equal_in_constant_time(wanted, hello.proof)) {
        return Error{ErrorCode::kPermissionDenied, "the proof of the ticket is wrong"};
    }
    return entry;
}

std::optional<StreamServer::Admitted> StreamServer::admit(platform::UniqueFd socket,
                                                          const Interrupt& interrupt) const {
    auto connected = Connection::handshake(parts_.server, std::move(socket), kStepTimeout, interrupt);
    if (!connected.ok()) {
        tell(ChannelEvent::Kind::kRefused, {}, connected.error().text());
        return std::nullopt;
    }
    const auto bytes = connected->read_frame(kStepTimeout, interrupt);
    // A client that its own side refused ends here; that is no news.
    if (!bytes.ok()) return std::nullopt;
    auto hello = decode_hello(*bytes);
    if (!hello.ok()) {
        tell(ChannelEvent::Kind::kRefused, {}, connected->peer() + ": " + hello.error().text());
        return std::nullopt;
    }
    return Admitted{std::move(connected).value(), std::move(hello).value()};
}

void StreamServer::serve_peer(platform::UniqueFd socket, const InterruptPtr& interrupt,
                              const std::function<void()>& on_judged) {
    auto admitted = admit(std::move(socket), *interrupt);
    on_judged();
    if (!admitted) return;
    Connection& connection = admitted->connection;
    const Hello& hello = admitted->hello;

    const auto refuse = [&](const Error& error) {
        (void)connection.write_frame(encode(refusal(error)), kStepTimeout, *interrupt);
        tell(ChannelEvent::Kind::kRefused, hello.key, connection.peer() + ": " + error.text());
    };
    const auto judged = judge(connection, hello);
    if (!judged.ok()) return refuse(judged.error());
    const auto& entry = judged.value();
    const Joined joined(*entry, interrupt);
    if (!joined.result().ok()) return refuse(joined.result().error());

    const Answer welcome{
        ErrorCode::kUnknown, {}, ticket_proof(entry->ticket(), ProofSide::kAcceptor, connection.exporter())};
    if (!connection.write_frame(encode(welcome), kStepTimeout, *interrupt).ok()) return;
    if (entry->ticket().is_source) {
        serve_source(
            connection, *entry, kStepTimeout, [] {}, interrupt);
    } else {
        (void)entry->park(std::move(connection));
    }
}

void StreamServer::serve_source(Connection& connection, TicketEntry& entry, Duration request_within,
                                const std::function<void()>& on_request, const InterruptPtr& interrupt) {
    const auto& ticket = entry.ticket();
    const auto bytes = connection.read_frame(request_within, *interrupt);
    if (!bytes.ok()) return;
    on_request();
    const auto request = decode_request(*bytes);
    auto opened = request.ok() ? parts_.opener->open(ticket, *request, interrupt) : request.error();
    if (!opened.ok()) {
        (void)connection.write_frame(encode(refusal(opened.error())), kStepTimeout, *interrupt);
        return tell(ChannelEvent::Kind::kRefused, ticket.key, opened.error().text());
    }
    const Answer reply{};
    if (!connection.write_frame(encode(reply), kStepTimeout, *interrupt).ok()) {
        opened->fd.reset();
        (void)opened->finish(StreamEnd::kAborted);
        return;
    }
    carry(connection, std::move(opened->fd), entry, opened->finish, *interrupt);
}

void StreamServer::carry(Connection& connection, platform::UniqueFd local, TicketEntry& entry,
                         const std::function<Result<void>(StreamEnd)>& finish, const Interrupt& interrupt) {
    const auto& key = entry.ticket().key;
    entry.stream_opened();
    tell(ChannelEvent::Kind::kStreamOpened, key, "with " + connection.peer());
    const auto carried = bridge(connection.tls(), std::move(local), entry, interrupt, *parts_.clock);
    entry.stream_ended();
    const auto finished = finish(carried.ok() ? StreamEnd::kClean : StreamEnd::kAborted);
    if (!carried.ok()) {
        tell(ChannelEvent::Kind::kStreamFailed, key, carried.error().text());
    } else if (!finished.ok()) {
        tell(ChannelEvent::Kind::kStreamFailed, key, finished.error().text());
    } else {
        tell(ChannelEvent::Kind::kStreamEnded, key, "with " + connection.peer());
    }
}

Result<Connection> StreamServer::dial_peer(const Ticket& ticket, std::string_view more,
                                           const Interrupt& interrupt) {
    ARARAT_ASSIGN_OR_RETURN(auto socket, dial(ticket.peer_address, kStepTimeout, interrupt));
    ARARAT_ASSIGN_OR_RETURN(auto connection,
                            Connection::handshake(parts_.client, std::move(socket), kStepTimeout, interrupt));
    if (connection.peer() != ticket.peer) {
        return Error{ErrorCode::kPermissionDenied,
                     ticket.peer_address + " is " + connection.peer() + ", not " + ticket.peer};
    }
    const Hello hello{ticket.key, ticket_proof(ticket, ProofSide::kDialler, connection.exporter())};
    const auto opening = framed(encode(hello)) + std::string(more);
    ARARAT_RETURN_IF_ERROR(connection.write_all(opening, kStepTimeout, interrupt));
    ARARAT_ASSIGN_OR_RETURN(const auto bytes, connection.read_frame(kStepTimeout, interrupt));
    ARARAT_ASSIGN_OR_RETURN(const auto greeting, decode_answer(bytes));
    if (!greeting.refused.empty()) return error_of(greeting);
    const auto wanted = ticket_proof(ticket, ProofSide::kAcceptor, connection.exporter());
    if (!platform::equal_in_constant_time(wanted, greeting.proof)) {
        return Error{ErrorCode::kPermissionDenied, "the peer's proof of the ticket is wrong"};
    }
    return connection;
}

Result<Connection> StreamServer::open_once(TicketEntry& entry, const std::vector<std::string>& arguments,
                                           const Interrupt& interrupt) {
    const auto& ticket = entry.ticket();
    const auto request = framed(encode_request(arguments));
    if (!ticket.peer_address.empty()) {
        ARARAT_ASSIGN_OR_RETURN(auto connection, dial_peer(ticket, request, interrupt));
        ARARAT_RETURN_IF_ERROR(accepted(connection, kOpenTimeout, interrupt));
        return connection;
    }
    ARARAT_ASSIGN_OR_RETURN(auto connection, entry.take_parked(steady_now() + kStepTimeout, interrupt));
    ARARAT_RETURN_IF_ERROR(connection.write_all(request, kStepTimeout, interrupt));
    ARARAT_RETURN_IF_ERROR(accepted(connection, kOpenTimeout, interrupt));
    return connection;
}

Result<StreamServer::Opened> StreamServer::open_remote(const std::string& run, const std::string& channel,
                                                       const std::vector<std::string>& arguments,
                                                       const InterruptPtr& interrupt) {
    const auto deadline = steady_now() + parts_.open_patience;
    auto retry = kRetryFirst;
    while (true) {
        Error last{ErrorCode::kNotFound, "no ticket for channel " + channel + " of run " + run + " is open"};
        if (const auto entry = book_.find(run, channel); entry) {
            if (entry->ticket().is_source) {
                return Error{ErrorCode::kFailedPrecondition, "this host is the channel's source", channel};
            }
            const Joined joined(*entry, interrupt);
            if (!joined.result().ok()) return joined.result().error();
            auto opened = open_once(*entry, arguments, *interrupt);
            if (opened.ok()) return Opened{std::move(opened).value(), entry};
            last = opened.error();
        }
        if (!may_come_right(last) || steady_now() + retry >= deadline) return last;
        ARARAT_RETURN_IF_ERROR(pause_for(retry, *interrupt));
        retry = std::min(retry * 2, kRetryMax);
    }
}

void StreamServer::serve_local(platform::UniqueFd socket, const InterruptPtr& interrupt) {
    const auto request = read_local_request(socket.get(), kStepTimeout, *interrupt);
    if (!request.ok()) return tell(ChannelEvent::Kind::kRefused, {}, "rsh: " + request.error().text());
    auto opened = open_remote(request->run, request->channel, request->arguments, interrupt);
    const auto answer = opened.ok() ? Answer{} : refusal(opened.error());
    const auto written = write_local_answer(socket.get(), answer);
    if (!opened.ok()) {
        return tell(ChannelEvent::Kind::kStreamFailed, TicketKey{request->run, request->channel, 0},
                    opened.error().text());
    }
    const Joined joined(*opened->entry, interrupt);
    if (!written.ok() || !joined.result().ok()) return;
    carry(
        opened->connection, std::move(socket), *opened->entry, [](StreamEnd) { return Result<void>{}; },
        *interrupt);
}

void StreamServer::serve_exposed(platform::UniqueFd socket, const TicketEntryPtr& entry,
                                 const InterruptPtr& interrupt) {
    const auto& key = entry->ticket().key;
    auto opened = open_remote(key.run, key.channel, {}, interrupt);
    if (!opened.ok()) return tell(ChannelEvent::Kind::kStreamFailed, key, opened.error().text());
    const Joined joined(*opened->entry, interrupt);
    if (!joined.result().ok()) return;
    carry(
        opened->connection, std::move(socket), *opened->entry, [](StreamEnd) { return Result<void>{}; },
        *interrupt);
}

void StreamServer::keep_parked(const TicketEntryPtr& entry, const InterruptPtr& interrupt) {
    const Joined joined(*entry, interrupt);
    if (!joined.result().ok()) return;
    auto retry = kRetryFirst;
    while (!entry->closed()) {
        auto connection = dial_peer(entry->ticket(), {}, *interrupt);
        if (connection.ok()) {
            bool used = false;
            serve_source(
                connection.value(), *entry, Duration{0},
                [&] {
                    used = true;
                    parts_.park_another(entry);
                },
                interrupt);
            if (used) return;
            retry = kRetryFirst;
        } else if (!may_come_right(connection.error())) {
            // Tried again all the same, but slowly: the other end may yet get its ticket.
            tell(ChannelEvent::Kind::kStreamFailed, entry->ticket().key, connection.error().text());
            retry = kRetryMax;
        }
        if (!pause_for(retry, *interrupt).ok()) return;
        retry = std::min(retry * 2, kRetryMax);
    }
}

}  // namespace ararat::channel
