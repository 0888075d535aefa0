#include "agent/supervisor/bridge.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <vector>

#include "agent/supervisor/commands.h"
#include "agent/supervisor/standard_input.h"
#include "agent/verbs/connect.h"
#include "platform/clock.h"

namespace ararat::agent {

namespace {

using platform::UniqueFd;

constexpr Duration kConnectTimeout{10'000};
constexpr std::size_t kBufferBytes = 64UL * 1024;
constexpr std::size_t kArgumentBytesMax = 128UL * 1024;

int fault(const std::string& what) {
    std::fprintf(stderr, "ararat-supervisor: %s\n", what.c_str());
    return kExitFault;
}

Result<UniqueFd> connect_unix(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
        return Error{ErrorCode::kInvalidArgument, "path too long", path};
    path.copy(address.sun_path, path.size());
    UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!fd.valid() || connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        return Error{ErrorCode::kUnavailable, std::string("connect: ") + std::strerror(errno), path};
    }
    return fd;
}

Result<UniqueFd> connect_target(const std::string& target, const std::string& etc_dir) {
    if (target.starts_with('/')) return connect_unix(target);
    ARARAT_ASSIGN_OR_RETURN(const HostPort place, parse_host_port(target));
    ARARAT_ASSIGN_OR_RETURN(const auto addresses, resolve(place.host, place.port, etc_dir));
    platform::SystemClock clock;
    Interrupt interrupt(-1, clock);
    Connected connected = connect_to(addresses, interrupt, interrupt.now() + kConnectTimeout);
    if (!connected.fd.valid()) return Error{ErrorCode::kUnavailable, connected.reason, target};
    return std::move(connected.fd);
}

// One direction: what was read and not yet written.
struct Direction {
    int from, to;
    std::vector<char> buffer = std::vector<char>(kBufferBytes);
    std::size_t begin = 0, end = 0;
    bool open = true;  // `from` may still give bytes
};

// False: the direction is over.
bool move_bytes(Direction& direction, short from_events, short to_events) {
    if (direction.begin == direction.end && direction.open && from_events != 0) {
        const ssize_t size = read(direction.from, direction.buffer.data(), direction.buffer.size());
        if (size < 0 && (errno == EINTR || errno == EAGAIN)) return true;
        if (size <= 0) return direction.open = false;
        direction.begin = 0;
        direction.end = static_cast<std::size_t>(size);
        return true;
    }
    if (direction.begin < direction.end && to_events != 0) {
        const ssize_t size =
            write(direction.to, direction.buffer.data() + direction.begin, direction.end - direction.begin);
        if (size < 0 && (errno == EINTR || errno == EAGAIN)) return true;
        if (size <= 0) return direction.open = false;
        direction.begin += static_cast<std::size_t>(size);
    }
    return true;
}

// Until the socket ends; the end of standard input is passed on as a half-close.
int carry(int socket_fd) {
    Direction up{STDIN_FILENO, socket_fd}, down{socket_fd, STDOUT_FILENO};
    while (down.open) {
        const auto wants = [](const Direction& d) { return d.begin < d.end; };
        std::array<pollfd, 4> polled{{{up.open && !wants(up) ? up.from : -1, POLLIN, 0},
                                      {wants(up) ? up.to : -1, POLLOUT, 0},
                                      {!wants(down) ? down.from : -1, POLLIN, 0},
                                      {wants(down) ? down.to : -1, POLLOUT, 0}}};
        if (poll(polled.data(), polled.size(), -1) < 0 && errno != EINTR) return kExitFault;
        if (up.open && !move_bytes(up, polled[0].revents, polled[1].revents)) shutdown(socket_fd, SHUT_WR);
        move_bytes(down, polled[2].revents, polled[3].revents);
    }
    return kExitDone;
}

}  // namespace

int bridge_to_socket(const std::string& target, const std::string& etc_dir) {
    const auto connected = connect_target(target, etc_dir);
    if (!connected.ok()) return fault(connected.error().text());
    std::signal(SIGPIPE, SIG_IGN);
    return carry(connected->get());
}

int become_program() {
    const auto size_text = read_word(STDIN_FILENO, 16);
    if (!size_text.ok()) return fault(size_text.error().text());
    const std::size_t size = std::strtoul(size_text->c_str(), nullptr, 10);
    if (size == 0 || size > kArgumentBytesMax) return fault("the argument block has no good size");
    auto block = read_exactly(STDIN_FILENO, size);
    if (!block.ok()) return fault(block.error().text());
    if (block->back() != '\0') return fault("the argument block does not end with NUL");
    std::vector<char*> argv;
    for (std::size_t at = 0; at < block->size(); at += std::strlen(block->data() + at) + 1) {
        argv.push_back(block->data() + at);
    }
    argv.push_back(nullptr);
    execvp(argv[0], argv.data());
    return fault(std::string(argv[0]) + ": " + std::strerror(errno));
}

}  // namespace ararat::agent
