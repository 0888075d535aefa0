#include "server/listen_socket.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "platform/files.h"
#include "platform/log.h"

namespace ararat::server {
namespace {

constexpr int kBacklog = 512;
constexpr int kBackoffMs = 50;  // after an accept that failed for want of something
constexpr std::size_t kAddressesMax = 65'536;

struct AddressInfo {
    addrinfo* list = nullptr;
    ~AddressInfo() {
        if (list) ::freeaddrinfo(list);
    }
};

Result<platform::UniqueFd> bound_socket(const addrinfo& info, const std::string& address) {
    platform::UniqueFd fd(::socket(info.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const int on = 1;
    if (!fd || ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        ::bind(fd.get(), info.ai_addr, info.ai_addrlen) != 0 || ::listen(fd.get(), kBacklog) != 0) {
        const Error why = platform::errno_error(errno, "listen", address);
        return Error{ErrorCode::kUnavailable, why.message, why.context};
    }
    return fd;
}

std::uint16_t port_of(int fd) {
    sockaddr_storage name{};
    socklen_t length = sizeof name;
    if (::getsockname(fd, reinterpret_cast<sockaddr*>(&name), &length) != 0) return 0;
    if (name.ss_family == AF_INET6) return ntohs(reinterpret_cast<sockaddr_in6*>(&name)->sin6_port);
    return ntohs(reinterpret_cast<sockaddr_in*>(&name)->sin_port);
}

std::string host_of(const sockaddr_storage& name, socklen_t length) {
    std::array<char, NI_MAXHOST> host{};
    const int failed = ::getnameinfo(reinterpret_cast<const sockaddr*>(&name), length, host.data(),
                                     host.size(), nullptr, 0, NI_NUMERICHOST);
    return failed == 0 ? std::string(host.data()) : std::string("unknown");
}

std::uint64_t inode_of(int fd) {
    struct stat status {};
    return ::fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode) ? status.st_ino : 0;
}

}  // namespace

Result<ListenAddress> parse_listen_address(const std::string& text) {
    const auto colon = text.rfind(':');
    ListenAddress address;
    if (colon != std::string::npos) {
        address.host = text.substr(0, colon);
        address.port = text.substr(colon + 1);
    }
    if (address.host.size() > 2 && address.host.front() == '[' && address.host.back() == ']') {
        address.host = address.host.substr(1, address.host.size() - 2);
    }
    const bool is_number =
        !address.port.empty() && address.port.size() <= 5 &&
        std::all_of(address.port.begin(), address.port.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (address.host.empty() || !is_number || std::stoi(address.port) > 65'535) {
        return Error{ErrorCode::kInvalidArgument, "must be HOST:PORT", text};
    }
    return address;
}

Result<std::unique_ptr<ListenSocket>> ListenSocket::open(const std::string& address,
                                                         const ListenLimits& limits) {
    ARARAT_ASSIGN_OR_RETURN(const ListenAddress parsed, parse_listen_address(address));
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    AddressInfo info;
    if (const int failed = ::getaddrinfo(parsed.host.c_str(), parsed.port.c_str(), &hints, &info.list);
        failed != 0) {
        return Error{ErrorCode::kInvalidArgument, ::gai_strerror(failed), address};
    }
    std::unique_ptr<ListenSocket> listener(new ListenSocket);
    ARARAT_ASSIGN_OR_RETURN(listener->socket_, bound_socket(*info.list, address));
    listener->limits_ = limits;
    listener->port_ = port_of(listener->socket_.get());
    listener->wake_.reset(::eventfd(0, EFD_CLOEXEC));
    if (!listener->wake_) return platform::errno_error(errno, "eventfd", address);
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    const auto soft = static_cast<double>(std::min<rlim_t>(files.rlim_cur, 1U << 20U));
    listener->fd_max_ = static_cast<int>(soft * limits.descriptors_share);
    return listener;
}

ListenSocket::~ListenSocket() { stop(); }

void ListenSocket::start(Handler handler) {
    handler_ = std::move(handler);
    thread_ = std::thread([this] { run(); });
}

void ListenSocket::stop() {
    const std::uint64_t one = 1;
    if (wake_ && ::write(wake_.get(), &one, sizeof one) != sizeof one)
        spdlog::error("cannot wake the accept loop");
    if (thread_.joinable()) thread_.join();
    socket_.reset();
}

void ListenSocket::run() {
    std::array<pollfd, 2> watched{pollfd{socket_.get(), POLLIN, 0}, pollfd{wake_.get(), POLLIN, 0}};
    while (true) {
        if (::poll(watched.data(), watched.size(), -1) < 0) continue;
        if (watched[1].revents != 0) return;
        if (watched[0].revents != 0) accept_one();
    }
}

void ListenSocket::accept_one() {
    sockaddr_storage name{};
    socklen_t length = sizeof name;
    platform::UniqueFd fd(
        ::accept4(socket_.get(), reinterpret_cast<sockaddr*>(&name), &length, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!fd) {
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            spdlog::error("accept: {}", std::strerror(errno));
            pollfd wait{wake_.get(), POLLIN, 0};
            ::poll(&wait, 1, kBackoffMs);
        }
        return;
    }
    // Descriptors are given out lowest first: this number says how many are in use.
    if (fd.get() >= fd_max_ || !admit(host_of(name, length), fd.get())) {
        if (++refused_ % 1000 == 1) spdlog::warn("alert: too many connections, {} closed so far", refused_);
        return;
    }
    const int on = 1;
    ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    handler_(socket_.get(), std::move(fd));
}

bool ListenSocket::admit(const std::string& address, int fd) {
    if (known_.size() >= kAddressesMax) known_.clear();
    auto& connections = known_[address];
    std::erase_if(connections,
                  [&](const Known& known) { return known.fd == fd || inode_of(known.fd) != known.inode; });
    if (static_cast<int>(connections.size()) >= limits_.per_address) return false;
    connections.push_back({fd, inode_of(fd)});
    return true;
}

}  // namespace ararat::server
