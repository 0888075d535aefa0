#include "agent/verbs/interrupt.h"

#include <poll.h>

#include <algorithm>
#include <array>

namespace ararat::agent {

int poll_timeout_ms(Duration now, Duration deadline) {
    const Duration left = std::clamp(deadline - now, Duration{0}, Duration{std::chrono::hours{1}});
    return static_cast<int>(left.count());
}

WaitOutcome Interrupt::wait(int fd, short events, Duration deadline) {
    while (true) {
        if (cancelled_) return WaitOutcome::kCancelled;
        std::array<pollfd, 2> polled{{{cancel_fd_, POLLIN, 0}, {fd, events, 0}}};
        const Duration at = now();
        const int ready = poll(polled.data(), polled.size(), poll_timeout_ms(at, deadline));
        if (polled[0].revents != 0 && ready > 0) {
            cancelled_ = true;
            return WaitOutcome::kCancelled;
        }
        if (ready > 0) return WaitOutcome::kReady;
        if (now() >= deadline) return WaitOutcome::kTimedOut;
    }
}

bool Interrupt::cancelled() {
    if (!cancelled_ && cancel_fd_ >= 0) {
        pollfd polled{cancel_fd_, POLLIN, 0};
        cancelled_ = poll(&polled, 1, 0) > 0;
    }
    return cancelled_;
}

}  // namespace ararat::agent
