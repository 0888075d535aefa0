// Waiting that a cancellation ends. Every verb blocks through this and through nothing else, so that a
// cancelled attempt ends at once, whatever it was doing.
// Thread promise: one owner.
#pragma once

#include "base/instant.h"
#include "platform/clock.h"

namespace ararat::agent {

enum class WaitOutcome { kReady, kTimedOut, kCancelled };

class Interrupt {
public:
    // `cancel_fd` becomes readable when the attempt is cancelled (a signalfd, an eventfd); not owned.
    // -1: cannot be cancelled.
    Interrupt(int cancel_fd, platform::Clock& clock) : cancel_fd_(cancel_fd), clock_(clock) {}

    // Until `fd` shows one of `events` (poll(2)), or the deadline (boot time). fd -1: only waits.
    [[nodiscard]] WaitOutcome wait(int fd, short events, Duration deadline);
    [[nodiscard]] WaitOutcome sleep_until(Duration deadline) { return wait(-1, 0, deadline); }
    // Sticky.
    [[nodiscard]] bool cancelled();
    [[nodiscard]] int cancel_fd() const { return cancelled_ ? -1 : cancel_fd_; }
    void note_cancelled() { cancelled_ = true; }
    [[nodiscard]] Duration now() { return clock_.boottime(); }
    [[nodiscard]] platform::Clock& clock() { return clock_; }

private:
    int cancel_fd_;
    platform::Clock& clock_;
    bool cancelled_ = false;
};

// What poll(2) takes: milliseconds from now to the deadline, 0 when it has passed, at most an hour.
[[nodiscard]] int poll_timeout_ms(Duration now, Duration deadline);

}  // namespace ararat::agent
