#include "endpoint_pair.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>

#include "channel/connection.h"
#include "channel/listeners.h"
#include "platform/clock.h"
#include "platform/process.h"
#include "platform/random.h"

namespace ararat::channel::test {
namespace {

constexpr auto kPatience = std::chrono::seconds{30};

template <typename T>
T need(Result<T> result) {
    ARARAT_CHECK(result.ok(), result.ok() ? "" : result.error().text().c_str());
    return std::move(result).value();
}

}  // namespace

void EventLog::add(const ChannelEvent& event) {
    const std::lock_guard lock(mutex_);
    events_.push_back(event);
    changed_.notify_all();
}

bool EventLog::wait_for(ChannelEvent::Kind kind, const std::string& part) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] {
        for (const auto& event : events_) {
            if (event.kind == kind && event.text.find(part) != std::string::npos) return true;
        }
        return false;
    });
}

std::string EventLog::all() const {
    const std::lock_guard lock(mutex_);
    std::string text;
    for (const auto& event : events_) {
        text += std::to_string(static_cast<int>(event.kind)) + " " + event.text + "\n";
    }
    return text;
}

Estate::Estate()
    : directory_(need(platform::TemporaryDirectory::make("ararat-channel"))),
      ca_(need(platform::make_ca("southwark", platform::SystemClock().now()))),
      other_ca_(need(platform::make_ca("southwark", platform::SystemClock().now()))) {}

std::string Estate::folder(const std::string& name) const {
    const auto path = directory_.path() + "/" + name;
    ARARAT_CHECK(platform::make_dirs(path).ok(), "a temporary directory");
    return path;
}

Host Estate::start(const std::string& name, std::shared_ptr<platform::Clock> clock, bool of_another_ca) {
    Host host;
    host.name = name;
    host.folder = folder(name);
    const auto identity = platform::agent_identity("southwark", name);
    host.identity = platform::identity_uri(identity);
    const auto key = need(platform::generate_p256());
    const auto certificate =
        need(platform::issue(of_another_ca ? other_ca_ : ca_, need(platform::make_csr(key)), identity,
                             platform::SystemClock().now(), 1));
    EndpointOptions options;
    options.certificate_file = host.folder + "/certificate.pem";
    options.key_file = host.folder + "/key.pem";
    options.ca_file = host.folder + "/ca.pem";
    ARARAT_CHECK(platform::write_file_durable(options.certificate_file, certificate).ok(), "write");
    ARARAT_CHECK(platform::write_file_durable(options.key_file, key.key_pem, 0600).ok(), "write");
    ARARAT_CHECK(platform::write_file_durable(options.ca_file, ca_.certificate_pem).ok(), "write");
    options.listen_address = "127.0.0.1";
    options.local_socket = host.local_socket();
    options.clock = std::move(clock);
    options.open_patience = Duration{300};
    options.on_event = [events = host.events](const ChannelEvent& event) { events->add(event); };
    options.on_progress = [log = host.progress](const ChannelProgress& progress) {
        const std::lock_guard lock(log->mutex);
        log->bytes.push_back(progress.bytes);
    };
    host.endpoint = need(Endpoint::start(std::move(options)));
    return host;
}

namespace {

TicketPair tickets(const Host& source, const Host& target, Dials dials) {
    TicketPair pair;
    pair.source.key = {"wave-1.1", "files/share/" + platform::random_hex(4), 1};
    pair.source.secret = platform::random_bytes(32);
    pair.target = pair.source;
    pair.source.is_source = true;
    pair.source.peer = target.identity;
    pair.target.peer = source.identity;
    if (dials == Dials::kTarget) {
        pair.target.peer_address = source.address();
    } else {
        pair.source.peer_address = target.address();
    }
    return pair;
}

}  // namespace

TicketPair tree_tickets(const Host& source, const Host& target, Dials dials, const std::string& path) {
    auto pair = tickets(source, target, dials);
    pair.source.path = path;
    return pair;
}

TicketPair socket_tickets(const Host& source, const Host& target, Dials dials, const std::string& path,
                          const std::string& expose) {
    auto pair = tickets(source, target, dials);
    pair.source.kind = pair.target.kind = TicketKind::kSocket;
    pair.source.path = path;
    pair.target.expose = expose;
    return pair;
}

LocalServer::LocalServer(std::string path, std::function<void(int fd)> serve)
    : path_(std::move(path)), listener_(need(listen_unix(path_, 0600))) {
    thread_ = std::thread([this, serve = std::move(serve)] {
        while (true) {
            pollfd ready{listener_.get(), POLLIN, 0};
            (void)::poll(&ready, 1, -1);
            const auto connection = accept_one(listener_.get());
            if (stopping_) return;
            if (connection.valid()) serve(connection.get());
        }
    });
}

LocalServer::~LocalServer() {
    stopping_ = true;
    (void)::shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
}

void send_all(int fd, const std::string& bytes) { EXPECT_TRUE(send_some(fd, bytes)); }

bool send_some(int fd, const std::string& bytes) {
    std::size_t sent = 0;
    while (sent < bytes.size()) {
        const auto put = ::send(fd, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
        if (put <= 0) return false;
        sent += static_cast<std::size_t>(put);
    }
    return true;
}

std::string receive_all(int fd) {
    std::string all;
    std::array<char, 65536> buffer{};
    while (true) {
        const auto got = ::recv(fd, buffer.data(), buffer.size(), 0);
        if (got <= 0) return all;
        all.append(buffer.data(), static_cast<std::size_t>(got));
    }
}

Rsync rsync(const Host& target, const Ticket& ticket, const std::string& into,
            const std::vector<std::string>& more) {
    std::vector<std::string> argv = {"rsync", "-aHAX", "--numeric-ids", "--delete"};
    argv.insert(argv.end(), more.begin(), more.end());
    argv.push_back("--rsh=" CHANNEL_RSH " " + target.local_socket() + " " + ticket.key.run + " " +
                   ticket.key.channel);
    argv.insert(argv.end(), {"source:/", into + "/"});
    platform::ProcessOptions options;
    options.timeout = std::chrono::seconds{60};
    auto result = need(platform::run_process(argv, options));
    EXPECT_FALSE(result.timed_out) << result.standard_error;
    return {result.exit_code, result.standard_output, result.standard_error};
}

std::string listing(const std::string& path) {
    const auto result =
        need(platform::run_process({"find", path, "-printf", "%P %y %m %n %l\\n", "-type", "f", "-printf",
                                    "%P %T@\\n", "-exec", "sha256sum", "{}", "+"}));
    auto lines = result.standard_output;
    // The checksums' lines name the whole path; the two trees' places differ.
    for (auto at = lines.find(path); at != std::string::npos; at = lines.find(path, at)) {
        lines.erase(at, path.size());
    }
    platform::ProcessOptions options;
    options.standard_input = lines;
    return need(platform::run_process({"sort"}, options)).standard_output;
}

}  // namespace ararat::channel::test
