#include "channel/endpoint.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "channel/connection.h"
#include "channel/listeners.h"
#include "channel/local_opener.h"
#include "channel/stream_server.h"
#include "channel/stream_threads.h"
#include "channel/ticket_book.h"
#include "platform/files.h"
#include "platform/tls_context.h"

namespace ararat::channel {
namespace {

// How often bytes are reported and leases looked at, while there is any ticket or stream.
constexpr int kTickMs = 200;
// Strangers are in a handshake at most so many at once; TLS then tells who belongs here.
constexpr int kPeersOpeningMax = 64;

}  // namespace

class Endpoint::Impl {
public:
    explicit Impl(EndpointOptions options) : options_(std::move(options)) {}
    ~Impl() { stop(); }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    Result<void> start();
    Result<void> open_ticket(const Ticket& ticket);
    void close_ticket(const TicketKey& key);
    [[nodiscard]] std::vector<ChannelProgress> progress() const;
    [[nodiscard]] std::uint16_t port() const { return local_port(tcp_.get()); }
    void stop();

private:
    // A Unix socket that a ticket makes on this host. The listener is shared with the accepting thread,
    // which may be polling it while the ticket closes.
    struct Exposed {
        std::shared_ptr<platform::UniqueFd> listener;
        TicketEntryPtr entry;
    };

    void accept_loop();
    void accept_from(const std::vector<pollfd>& fds, const std::vector<Exposed>& exposed);
    void accept_peers();
    void housekeeping();
    void wake();
    void on_closed(const TicketEntryPtr& entry);
    void park(const TicketEntryPtr& entry);
    void tell(ChannelEvent::Kind kind, const TicketKey& key, std::string text) const;

    EndpointOptions options_;
    platform::UniqueFd tcp_;
    platform::UniqueFd local_;
    platform::UniqueFd wake_;
    TicketBook book_;
    std::unique_ptr<StreamServer> server_;
    std::atomic<bool> stopping_{false};
    std::atomic<int> peers_opening_{0};

    mutable std::mutex mutex_;  // guards exposed_
    std::map<TicketKey, Exposed> exposed_;

    struct Reported {
        std::uint64_t bytes = 0;
        Duration at{0};
        bool stall_told = false;
    };
    std::map<TicketKey, Reported> reported_;  // accepting thread only
    std::once_flag stopped_;
    StreamThreads streams_;
    std::thread acceptor_;
};

Result<void> Endpoint::Impl::start() {
    if (!options_.opener) options_.opener = std::make_shared<LocalStreamOpener>();
    if (!options_.clock) options_.clock = std::make_shared<platform::SystemClock>();
    ARARAT_ASSIGN_OR_RETURN(
        const auto credentials,
        platform::load_tls_credentials(options_.certificate_file, options_.key_file, options_.ca_file));
    ARARAT_ASSIGN_OR_RETURN(auto client, platform::TlsContext::make(platform::TlsRole::kClient, credentials));
    ARARAT_ASSIGN_OR_RETURN(auto server, platform::TlsContext::make(platform::TlsRole::kServer, credentials));
    ARARAT_ASSIGN_OR_RETURN(tcp_, listen_tcp(options_.listen_address, options_.listen_port));
    if (!options_.local_socket.empty()) {
        ARARAT_ASSIGN_OR_RETURN(local_, listen_unix(options_.local_socket, 0600));
    }
    wake_.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!wake_.valid()) return platform::errno_error(errno, "eventfd");
    StreamServer::Parts parts{.client = std::move(client),
                              .server = std::move(server),
                              .opener = options_.opener,
                              .clock = options_.clock,
                              .open_patience = options_.open_patience,
                              .on_event = options_.on_event,
                              .park_another = [this](const TicketEntryPtr& entry) { park(entry); }};
    server_ = std::make_unique<StreamServer>(std::move(parts), book_);
    acceptor_ = std::thread([this] { accept_loop(); });
    return {};
}

void Endpoint::Impl::stop() {
    std::call_once(stopped_, [this] {
        stopping_.store(true, std::memory_order_release);
        if (!acceptor_.joinable()) return;  // start() failed
        for (const auto& entry : book_.close_all()) on_closed(entry);
        wake();
        acceptor_.join();
        streams_.stop();
        if (!options_.local_socket.empty()) remove_socket(options_.local_socket);
    });
}

void Endpoint::Impl::wake() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wake_.get(), &one, sizeof one);
}

void Endpoint::Impl::tell(ChannelEvent::Kind kind, const TicketKey& key, std::string text) const {
    if (options_.on_event) options_.on_event(ChannelEvent{kind, key, std::move(text)});
}

Result<void> Endpoint::Impl::open_ticket(const Ticket& ticket) {
    if (stopping_.load(std::memory_order_acquire)) {
        return Error{ErrorCode::kCancelled, "the endpoint has stopped"};
    }
    ARARAT_ASSIGN_OR_RETURN(const auto opened, book_.open(ticket, options_.clock->boottime()));
    if (opened.renewed) return {};
    if (opened.replaced) on_closed(opened.replaced);
    if (!ticket.is_source && ticket.kind == TicketKind::kSocket) {
        // Whoever gets in speaks to the source's database as the source's own users do.
        auto listener = listen_unix(ticket.expose, 0600, ticket.expose_owner);
        if (!listener.ok()) {
            // Closed, but not for good: the same generation may be opened again once the place is free.
            opened.entry->close();
            return listener.error();
        }
        const std::lock_guard lock(mutex_);
        exposed_[ticket.key] =
            Exposed{std::make_shared<platform::UniqueFd>(std::move(listener).value()), opened.entry};
    }
    if (ticket.is_source && !ticket.peer_address.empty()) {
        for (int i = 0; i < kParkedConnections; ++i) park(opened.entry);
    }
    wake();
    return {};
}

void Endpoint::Impl::close_ticket(const TicketKey& key) {
    if (const auto entry = book_.close(key); entry) on_closed(entry);
}

void Endpoint::Impl::on_closed(const TicketEntryPtr& entry) {
    const auto& ticket = entry->ticket();
    {
        const std::lock_guard lock(mutex_);
        if (exposed_.erase(ticket.key) > 0) remove_socket(ticket.expose);
    }
    wake();
}

void Endpoint::Impl::park(const TicketEntryPtr& entry) {
    const auto started = streams_.start([this, entry](const auto& interrupt) {
        server_->keep_parked(entry, interrupt);
        wake();
    });
    if (!started.ok()) {
        tell(ChannelEvent::Kind::kStreamFailed, entry->ticket().key, started.error().text());
    }
}

std::vector<ChannelProgress> Endpoint::Impl::progress() const {
    std::vector<ChannelProgress> all;
    for (const auto& entry : book_.all()) {
        all.push_back({entry->ticket().key, entry->bytes(), entry->streams(), !entry->closed()});
    }
    return all;
}

void Endpoint::Impl::housekeeping() {
    streams_.reap();
    for (const auto& entry : book_.expire(options_.clock->boottime())) {
        on_closed(entry);
        tell(ChannelEvent::Kind::kLeaseExpired, entry->ticket().key, "the ticket was not renewed in time");
    }
    if (!options_.on_progress) return;
    const Duration now = options_.clock->boottime();
    std::map<TicketKey, Reported> seen;
    for (const auto& one : progress()) {
        if (one.bytes == 0) continue;
        const auto before = reported_.find(one.key);
        Reported reported = before == reported_.end() ? Reported{} : before->second;
        const bool moved = reported.bytes != one.bytes;
        const bool stalled = !moved && !reported.stall_told && now - reported.at >= kStallAfter;
        if (moved) reported = {one.bytes, now, false};
        // Who shows a rate learns that it is nothing now.
        if (stalled) reported.stall_told = true;
        if (moved || stalled) options_.on_progress(one);
        seen[one.key] = reported;
    }
    reported_.swap(seen);
}

void Endpoint::Impl::accept_loop() {
    auto next_tick = std::chrono::steady_clock::now();
    while (!stopping_.load(std::memory_order_acquire)) {
        std::vector<Exposed> exposed;
        {
            const std::lock_guard lock(mutex_);
            for (const auto& [key, one] : exposed_) exposed.push_back(one);
        }
        std::vector<pollfd> fds = {
            {wake_.get(), POLLIN, 0}, {tcp_.get(), POLLIN, 0}, {local_.get(), POLLIN, 0}};
        for (const auto& one : exposed) fds.push_back({one.listener->get(), POLLIN, 0});

        const bool idle = streams_.count() == 0 && book_.all().empty();
        (void)::poll(fds.data(), fds.size(), idle ? -1 : kTickMs);
        if (fds[0].revents != 0) {
            std::uint64_t ignored = 0;
            [[maybe_unused]] const auto drained = ::read(wake_.get(), &ignored, sizeof ignored);
        }
        accept_from(fds, exposed);
        const auto now = std::chrono::steady_clock::now();
        if (now >= next_tick) {
            housekeeping();
            next_tick = now + std::chrono::milliseconds{kTickMs};
        }
    }
    housekeeping();
}

void Endpoint::Impl::accept_from(const std::vector<pollfd>& fds, const std::vector<Exposed>& exposed) {
    if (fds[1].revents != 0) accept_peers();
    const auto start = [&](int listener, auto serve) {
        auto socket = std::make_shared<platform::UniqueFd>(accept_one(listener));
        if (!socket->valid()) return;
        const auto started = streams_.start([this, socket, serve](const auto& interrupt) {
            serve(std::move(*socket), interrupt);
            wake();
        });
        if (!started.ok()) tell(ChannelEvent::Kind::kRefused, {}, started.error().text());
    };
    if (fds[2].revents != 0) {
        start(local_.get(), [this](platform::UniqueFd socket, const auto& interrupt) {
            server_->serve_local(std::move(socket), interrupt);
        });
    }
    for (std::size_t i = 0; i < exposed.size(); ++i) {
        if (fds[3 + i].revents == 0) continue;
        start(exposed[i].listener->get(),
              [this, entry = exposed[i].entry](platform::UniqueFd socket, const auto& interrupt) {
                  server_->serve_exposed(std::move(socket), entry, interrupt);
              });
    }
}

void Endpoint::Impl::accept_peers() {
    auto socket = std::make_shared<platform::UniqueFd>(accept_one(tcp_.get()));
    if (!socket->valid()) {
        // Out of descriptors: the connection stays in the backlog, and poll() would return at once.
        if (errno == EMFILE || errno == ENFILE) std::this_thread::sleep_for(std::chrono::milliseconds{20});
        return;
    }
    if (peers_opening_.load() >= kPeersOpeningMax) return;  // closed: the caller may come again
    tune_tcp(socket->get());
    peers_opening_.fetch_add(1);
    const auto started = streams_.start([this, socket](const auto& interrupt) {
        server_->serve_peer(std::move(*socket), interrupt, [this] { peers_opening_.fetch_sub(1); });
        wake();
    });
    if (!started.ok()) {
        peers_opening_.fetch_sub(1);
        tell(ChannelEvent::Kind::kRefused, {}, started.error().text());
    }
}

Endpoint::Endpoint(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Endpoint::~Endpoint() = default;

Result<std::unique_ptr<Endpoint>> Endpoint::start(EndpointOptions options) {
    auto impl = std::make_unique<Impl>(std::move(options));
    ARARAT_RETURN_IF_ERROR(impl->start());
    return std::unique_ptr<Endpoint>(new Endpoint(std::move(impl)));
}

Result<void> Endpoint::open_ticket(const Ticket& ticket) { return impl_->open_ticket(ticket); }
void Endpoint::close_ticket(const TicketKey& key) { impl_->close_ticket(key); }
std::vector<ChannelProgress> Endpoint::progress() const { return impl_->progress(); }
std::uint16_t Endpoint::port() const { return impl_->port(); }
void Endpoint::stop() { impl_->stop(); }

}  // namespace ararat::channel
