#include "agent/verbs/connect.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace ararat::agent {

namespace {

Connected connect_one(const SocketAddress& address, Interrupt& interrupt, Duration deadline) {
    Connected connected;
    connected.fd.reset(socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    int reason = 0;
    if (!connected.fd.valid()) {
        reason = errno;
    } else if (connect(connected.fd.get(), reinterpret_cast<const sockaddr*>(&address.storage),
                       address.size) != 0) {
        reason = errno;
    }
    if (reason == EINPROGRESS) {
        connected.outcome = interrupt.wait(connected.fd.get(), POLLOUT, deadline);
        if (connected.outcome != WaitOutcome::kReady) {
            connected.reason = "connect: no answer";
            connected.fd.reset();
            return connected;
        }
        socklen_t size = sizeof reason;
        getsockopt(connected.fd.get(), SOL_SOCKET, SO_ERROR, &reason, &size);
    }
    if (reason != 0) {
        connected.reason = std::string("connect: ") + std::strerror(reason);
        connected.fd.reset();
    }
    return connected;
}

}  // namespace

Connected connect_to(const std::vector<SocketAddress>& addresses, Interrupt& interrupt, Duration deadline) {
    Connected last;
    last.reason = "no address";
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        const Duration now = interrupt.now();
        const auto left = static_cast<std::int64_t>(addresses.size() - i);
        last = connect_one(addresses[i], interrupt, now + (deadline - now) / left);
        if (last.fd.valid() || last.outcome == WaitOutcome::kCancelled) return last;
    }
    return last;
}

}  // namespace ararat::agent
