#include "channel/connection.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>
#include <memory>

#include "channel/frames.h"
#include "platform/clock.h"
#include "platform/files.h"

namespace ararat::channel {
namespace {

constexpr std::string_view kExporterLabel = "EXPORTER-ararat-data-channel";
constexpr std::size_t kExporterBytes = 32;

Duration deadline_after(Duration within) {
    return within.count() == 0 ? Duration::max() : steady_now() + within;
}

Result<void> wait_for_tls(const platform::TlsStream& tls, platform::TlsWait wait, Duration deadline,
                          const Interrupt& interrupt) {
    return wait_for_fd(tls.fd(), wait == platform::TlsWait::kWrite ? POLLOUT : POLLIN, deadline, interrupt);
}

}  // namespace

Duration steady_now() {
    static platform::SystemClock clock;
    return clock.boottime();
}

Result<void> wait_for_fd(int fd, short events, Duration deadline, const Interrupt& interrupt) {
    while (true) {
        if (interrupt.raised()) return Error{ErrorCode::kCancelled, "the channel was closed"};
        int timeout = -1;
        if (deadline != Duration::max()) {
            const auto left = (deadline - steady_now()).count();
            if (left <= 0) return Error{ErrorCode::kDeadlineExceeded, "the peer did not answer in time"};
            timeout = static_cast<int>(std::min<std::int64_t>(left, std::numeric_limits<int>::max()));
        }
        std::array<pollfd, 2> fds = {pollfd{fd, events, 0}, pollfd{interrupt.fd(), POLLIN, 0}};
        const int ready = ::poll(fds.data(), fds.size(), timeout);
        if (ready < 0 && errno != EINTR) return platform::errno_error(errno, "poll");
        if (ready > 0 && fds[0].revents != 0 && !interrupt.raised()) return {};
    }
}

Result<Connection> Connection::handshake(const platform::TlsContext& context, platform::UniqueFd socket,
                                         Duration within, const Interrupt& interrupt) {
    ARARAT_ASSIGN_OR_RETURN(auto tls, platform::TlsStream::make(context, std::move(socket)));
    const auto deadline = deadline_after(within);
    while (true) {
        ARARAT_ASSIGN_OR_RETURN(const auto wait, tls.handshake());
        if (wait == platform::TlsWait::kNone) break;
        ARARAT_RETURN_IF_ERROR(wait_for_tls(tls, wait, deadline, interrupt));
    }
    ARARAT_ASSIGN_OR_RETURN(auto peer, tls.peer_identity_uri());
    ARARAT_ASSIGN_OR_RETURN(auto exporter, tls.exporter(kExporterLabel, kExporterBytes));
    return Connection(std::move(tls), std::move(peer), std::move(exporter));
}

Result<void> Connection::read_exactly(std::span<char> bytes, Duration within, const Interrupt& interrupt) {
    const auto deadline = deadline_after(within);
    while (!bytes.empty()) {
        ARARAT_ASSIGN_OR_RETURN(const auto step, tls_.read(bytes.data(), bytes.size()));
        if (step.end) return Error{ErrorCode::kUnavailable, "the peer closed the connection"};
        if (step.wait != platform::TlsWait::kNone) {
            ARARAT_RETURN_IF_ERROR(wait_for_tls(tls_, step.wait, deadline, interrupt));
        }
        bytes = bytes.subspan(step.bytes);
    }
    return {};
}

Result<void> Connection::write_all(std::string_view bytes, Duration within, const Interrupt& interrupt) {
    const auto deadline = deadline_after(within);
    while (!bytes.empty()) {
        ARARAT_ASSIGN_OR_RETURN(const auto step, tls_.write(bytes));
        if (step.wait != platform::TlsWait::kNone) {
            ARARAT_RETURN_IF_ERROR(wait_for_tls(tls_, step.wait, deadline, interrupt));
        }
        bytes.remove_prefix(step.bytes);
    }
    return {};
}

Result<std::string> Connection::read_frame(Duration within, const Interrupt& interrupt) {
    std::array<char, kFrameHeaderBytes> header{};
    ARARAT_RETURN_IF_ERROR(read_exactly(header, within, interrupt));
    ARARAT_ASSIGN_OR_RETURN(const auto size, frame_size({header.data(), header.size()}));
    std::string payload(size, '\0');
    ARARAT_RETURN_IF_ERROR(read_exactly(payload, within, interrupt));
    return payload;
}

Result<void> Connection::write_frame(std::string_view payload, Duration within, const Interrupt& interrupt) {
    return write_all(framed(payload), within, interrupt);
}

Result<HostPort> split_host_port(const std::string& address) {
    const auto colon = address.rfind(':');
    const Error bad{ErrorCode::kInvalidArgument, "'" + address + "' is not host:port"};
    if (colon == std::string::npos || colon == 0) return bad;
    HostPort split{address.substr(0, colon), address.substr(colon + 1)};
    if (split.host.front() == '[' && split.host.back() == ']') {
        split.host = split.host.substr(1, split.host.size() - 2);
    }
    if (split.port.empty() || split.port.size() > 5 ||
        split.port.find_first_not_of("0123456789") != std::string::npos) {
        return bad;
    }
    const int port = std::stoi(split.port);
    if (port < 1 || port > 65535 || split.host.empty()) return bad;
    return split;
}

void tune_tcp(int fd) {
    const auto set = [fd](int level, int option, int value) {
        // Best effort: the stream works without, a vanished peer is then noticed later.
        (void)::setsockopt(fd, level, option, &value, sizeof value);
    };
    set(IPPROTO_TCP, TCP_NODELAY, 1);
    set(SOL_SOCKET, SO_KEEPALIVE, 1);
    set(IPPROTO_TCP, TCP_KEEPIDLE, 15);
    set(IPPROTO_TCP, TCP_KEEPINTVL, 5);
    set(IPPROTO_TCP, TCP_KEEPCNT, 3);
    set(IPPROTO_TCP, TCP_USER_TIMEOUT, 30'000);
}

Result<platform::UniqueFd> dial(const std::string& address, Duration within, const Interrupt& interrupt) {
    ARARAT_ASSIGN_OR_RETURN(const auto target, split_host_port(address));
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const int looked_up = ::getaddrinfo(target.host.c_str(), target.port.c_str(), &hints, &found);
    if (looked_up != 0) {
        return Error{ErrorCode::kUnavailable, ::gai_strerror(looked_up), address};
    }
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, &::freeaddrinfo);
    const auto deadline = deadline_after(within);
    Error last{ErrorCode::kUnavailable, "no address", address};
    for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
        platform::UniqueFd fd(::socket(one->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        if (!fd.valid()) return platform::errno_error(errno, "socket", address);
        if (::connect(fd.get(), one->ai_addr, one->ai_addrlen) != 0 && errno != EINPROGRESS) {
            last = Error{ErrorCode::kUnavailable, std::strerror(errno), address};
            continue;
        }
        const auto ready = wait_for_fd(fd.get(), POLLOUT, deadline, interrupt);
        if (!ready.ok()) return ready.error();
        int failure = 0;
        socklen_t size = sizeof failure;
        (void)::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &failure, &size);
        if (failure == 0) {
            tune_tcp(fd.get());
            return fd;
        }
        last = Error{ErrorCode::kUnavailable, std::strerror(failure), address};
    }
    return last;
}

Result<platform::UniqueFd> dial_local(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path) {
        return Error{ErrorCode::kInvalidArgument, "a Unix socket's path has 1 to 107 bytes", path};
    }
    std::memcpy(address.sun_path, path.data(), path.size());
    platform::UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!fd.valid()) return platform::errno_error(errno, "socket", path);
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        auto error = platform::errno_error(errno, "connect", path);
        error.code = ErrorCode::kUnavailable;
        return error;
    }
    return fd;
}

}  // namespace ararat::channel
