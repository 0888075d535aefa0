// Peers that stop speaking, or never stop: a real sshd behind a relay that goes silent after so many bytes,
// so that every phase has a peer that is silent in it; and a listener that greets for ever.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <thread>

#include "channel/listeners.h"
#include "ssh_server.h"

namespace ararat::transport::test {
namespace {

std::shared_ptr<channel::Interrupt> never() { return channel::Interrupt::make().value(); }

// Sends all of it, or says false where the other side has gone.
bool send_all(int fd, const char* bytes, std::size_t size) {
    while (size > 0) {
        const ssize_t sent = ::send(fd, bytes, size, MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes += sent;
        size -= static_cast<std::size_t>(sent);
    }
    return true;
}

// A listener on loopback that serves one connection after the other in a thread of its own.
class Peer {
public:
    explicit Peer(std::function<void(int)> serve) : serve_(std::move(serve)) {
        thread_ = std::thread([this] {
            while (true) {
                const platform::UniqueFd taken(::accept(fd_.get(), nullptr, nullptr));
                if (!taken || ending_) return;
                serve_(taken.get());
            }
        });
    }
    ~Peer() {
        ending_ = true;
        ::shutdown(fd_.get(), SHUT_RDWR);
        thread_.join();
    }
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;

    [[nodiscard]] std::uint16_t port() const { return channel::local_port(fd_.get()); }

private:
    platform::UniqueFd fd_ = channel::listen_tcp("127.0.0.1", 0).value();
    std::function<void(int)> serve_;
    std::atomic<bool> ending_ = false;
    std::thread thread_;
};

// Passes everything on to the server, and of its answers the first `answer_bytes_max`; then silence, until
// the client goes.
void relay(int client, std::uint16_t server_port, std::size_t answer_bytes_max) {
    const platform::UniqueFd server(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(server_port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(server.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return;
    std::array<char, 4096> buffer{};
    std::array<pollfd, 2> polled = {pollfd{client, POLLIN, 0}, pollfd{server.get(), POLLIN, 0}};
    std::size_t passed = 0;
    while (::poll(polled.data(), polled.size(), -1) > 0) {
        if (polled[0].revents != 0) {
            const ssize_t got = ::recv(client, buffer.data(), buffer.size(), 0);
            if (got <= 0 || !send_all(server.get(), buffer.data(), static_cast<std::size_t>(got))) return;
        }
        if (polled[1].revents != 0) {
            const ssize_t got = ::recv(server.get(), buffer.data(), buffer.size(), 0);
            if (got <= 0) polled[1].fd = -1;  // silence, not an end
            const std::size_t some =
                std::min(answer_bytes_max - passed, static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
            if (!send_all(client, buffer.data(), some)) return;
            passed += some;
        }
    }
}

SshTimeouts short_timeouts() {
    constexpr Duration kShort{500};
    return {kShort, kShort, kShort, kShort};
}

TEST(SshPeer, SilenceInAnyPhaseIsGivenUp) {
    ARARAT_NEEDS_SSHD();
    const SshServer server;
    const SshTarget real = server.target();
    int silent = 0;
    bool came_through = false;
    for (std::size_t limit = 0; limit < 20'000 && !came_through; limit += limit < 30 ? 10 : 400) {
        const Peer peer([&](int client) { relay(client, real.port, limit); });
        SshTarget target = real;
        target.port = peer.port();
        const auto session = SshSession::connect(target, short_timeouts(), never());
        if (session.ok()) {
            // Silent at last in what comes after: a command.
            const auto said = (*session)->run("head -c 30000 /dev/zero", {}, Duration{500});
            EXPECT_FALSE(said.ok());
            came_through = true;
            continue;
        }
        ++silent;
        EXPECT_EQ(session.error().code, ErrorCode::kDeadlineExceeded)
            << "after " << limit << " bytes: " << session.error().text();
    }
    EXPECT_TRUE(came_through);
    EXPECT_GT(silent, 4);
}

long most_memory_kib() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

TEST(SshPeer, AGreetingWithoutAnEndIsGivenUpAndNotKept) {
    constexpr long kKeptKibMax = 16 * 1024;
    for (const std::string& line : {std::string(80, 'x') + "\r\n", std::string(4096, 'x')}) {
        const long before = most_memory_kib();
        const Peer peer([&](int client) {
            while (send_all(client, line.data(), line.size())) continue;
        });
        SshTarget target;
        target.address = "127.0.0.1";
        target.port = peer.port();
        target.pinned_keys = {
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBPR4tT4iHYdoqjQgq6uCBDGR0rK0fHnhTqDr2KJ+2hn"};
        EXPECT_FALSE(SshSession::connect(target, short_timeouts(), never()).ok());
        EXPECT_LT(most_memory_kib() - before, kKeptKibMax);
    }
}

std::size_t open_files() {
    const std::filesystem::directory_iterator files("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(begin(files), end(files)));
}

TEST(SshPeer, ASessionThatWeEndLeavesNoSocketBehind) {
    ARARAT_NEEDS_SSHD();
    const SshServer server;
    SshTarget refused = server.target();
    refused.key_file = server.other_user_key();
    const std::size_t before = open_files();
    for (int i = 0; i < 3; ++i) {
        EXPECT_TRUE(SshSession::connect(server.target(), {}, never()).ok());
        EXPECT_FALSE(SshSession::connect(refused, {}, never()).ok());
    }
    EXPECT_EQ(open_files(), before);
}

}  // namespace
}  // namespace ararat::transport::test
