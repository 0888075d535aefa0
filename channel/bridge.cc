#include "channel/bridge.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <vector>

#include "channel/connection.h"
#include "platform/files.h"

namespace ararat::channel {
namespace {

constexpr std::size_t kBufferBytes = 128 * 1024;
// After the local side has gone for good, what the peer still sends is read and dropped for so long: a
// connection closed with unread bytes in it is reset, which could cost the peer what we sent last.
constexpr Duration kDrainMax = std::chrono::seconds{5};

// One direction's bytes on their way.
struct Flow {
    std::vector<char> buffer = std::vector<char>(kBufferBytes);
    std::size_t begin = 0;
    std::size_t end = 0;
    bool input_ended = false;
    bool output_ended = false;

    [[nodiscard]] bool empty() const { return begin == end; }
    [[nodiscard]] std::string_view pending() const { return {buffer.data() + begin, end - begin}; }
    void filled(std::size_t bytes) { begin = 0, end = bytes; }
    void drained(std::size_t bytes) { begin += bytes; }
};

class Bridge {
public:
    Bridge(platform::TlsStream& tls, platform::UniqueFd local, TicketEntry& entry, const Interrupt& interrupt,
           platform::Clock& clock)
        : tls_(tls), local_(std::move(local)), entry_(entry), interrupt_(interrupt), clock_(clock) {}

    Result<void> run() {
        const int flags = ::fcntl(local_.get(), F_GETFL);
        if (flags < 0 || ::fcntl(local_.get(), F_SETFL, flags | O_NONBLOCK) < 0) {
            return platform::errno_error(errno, "fcntl");
        }
        while (!done()) {
            if (interrupt_.raised() || entry_.closed()) {
                return Error{ErrorCode::kCancelled, "the channel was closed"};
            }
            moved_ = false;
            throttled_ = false;
            tls_read_wants_ = tls_write_wants_ = platform::TlsWait::kNone;
            local_wants_ = 0;
            ARARAT_RETURN_IF_ERROR(outward());
            ARARAT_RETURN_IF_ERROR(inward());
            if (!moved_) ARARAT_RETURN_IF_ERROR(wait());
        }
        return {};
    }

private:
    [[nodiscard]] bool done() const {
        return out_.output_ended && (in_.output_ended || (local_gone_ && steady_now() >= drain_until_));
    }

    // Bytes that may be read now into an empty buffer.
    std::size_t allowance() {
        const auto available = entry_.available(clock_.boottime());
        if (available == 0) throttled_ = true;
        return static_cast<std::size_t>(std::min<std::uint64_t>(available, kBufferBytes));
    }

    // Local socket to peer.
    Result<void> outward() {
        if (!out_.input_ended && out_.empty()) read_local();
        while (!out_.empty()) {
            ARARAT_ASSIGN_OR_RETURN(const auto step, tls_.write(out_.pending()));
            if (step.wait != platform::TlsWait::kNone) {
                tls_write_wants_ = step.wait;
                return {};
            }
            out_.drained(step.bytes);
            moved_ = true;
        }
        if (out_.input_ended && !out_.output_ended) {
            ARARAT_ASSIGN_OR_RETURN(const auto wait, tls_.end_write());
            if (wait == platform::TlsWait::kNone) {
                out_.output_ended = true;
                moved_ = true;
            } else {
                tls_write_wants_ = wait;
            }
        }
        return {};
    }

    void read_local() {
        const auto wanted = allowance();
        if (wanted == 0) return;
        const auto got = ::read(local_.get(), out_.buffer.data(), wanted);
        if (got > 0) {
            out_.filled(static_cast<std::size_t>(got));
            entry_.moved(static_cast<std::uint64_t>(got));
            moved_ = true;
        } else if (got == 0) {
            out_.input_ended = true;
            moved_ = true;
            if (hung_up()) lose_local();
        } else if (errno == EAGAIN || errno == EINTR) {
            local_wants_ |= POLLIN;
        } else {
            lose_local();
        }
    }

    // Peer to local socket.
    Result<void> inward() {
        if (!in_.input_ended && in_.empty()) ARARAT_RETURN_IF_ERROR(read_peer());
        if (local_gone_) {
            in_.drained(in_.pending().size());
        }
        while (!in_.empty()) {
            const auto pending = in_.pending();
            const auto put = ::send(local_.get(), pending.data(), pending.size(), MSG_NOSIGNAL);
            if (put < 0 && (errno == EAGAIN || errno == EINTR)) {
                local_wants_ |= POLLOUT;
                return {};
            }
            if (put < 0) {
                lose_local();
                return {};
            }
            in_.drained(static_cast<std::size_t>(put));
            moved_ = true;
        }
        if (in_.input_ended && !in_.output_ended) {
            // Fails only where the local side has gone, which reading it will tell.
            (void)::shutdown(local_.get(), SHUT_WR);
            in_.output_ended = true;
            moved_ = true;
        }
        return {};
    }

    Result<void> read_peer() {
        const auto wanted = allowance();
        if (wanted == 0) return {};
        ARARAT_ASSIGN_OR_RETURN(const auto step, tls_.read(in_.buffer.data(), wanted));
        if (step.end) {
            in_.input_ended = true;
            moved_ = true;
        } else if (step.wait != platform::TlsWait::kNone) {
            tls_read_wants_ = step.wait;
        } else {
            in_.filled(step.bytes);
            entry_.moved(step.bytes);
            moved_ = true;
        }
        return {};
    }

    // After the end of its input: has the local side closed altogether, or will it still take bytes?
    [[nodiscard]] bool hung_up() const {
        pollfd local{local_.get(), 0, 0};
        return ::poll(&local, 1, 0) > 0 && (local.revents & (POLLHUP | POLLERR)) != 0;
    }

    // The local side will neither send nor take anything any more.
    void lose_local() {
        out_.input_ended = true;
        if (!local_gone_) {
            local_gone_ = true;
            drain_until_ = steady_now() + kDrainMax;
        }
        moved_ = true;
    }

    Result<void> wait() {
        short tls_events = 0;
        for (const auto wants : {tls_read_wants_, tls_write_wants_}) {
            if (wants == platform::TlsWait::kRead) tls_events |= POLLIN;
            if (wants == platform::TlsWait::kWrite) tls_events |= POLLOUT;
        }
        int timeout = -1;
        if (throttled_) timeout = static_cast<int>(entry_.wait(clock_.boottime()).count());
        if (local_gone_ && !in_.output_ended) {
            const auto left = std::max<std::int64_t>((drain_until_ - steady_now()).count(), 0) + 1;
            timeout = timeout < 0 ? static_cast<int>(left) : std::min(timeout, static_cast<int>(left));
        }
        // Polled without events, a descriptor still reports its hang-up: wanted of the local side once it
        // has ended its input, and a reason to be left out everywhere else, where it would spin.
        const bool await_hang_up = out_.input_ended && !in_.output_ended && !local_gone_;
        std::array<pollfd, 3> fds = {
            pollfd{interrupt_.fd(), POLLIN, 0},
            pollfd{tls_events != 0 ? tls_.fd() : -1, tls_events, 0},
            pollfd{local_wants_ != 0 || await_hang_up ? local_.get() : -1, local_wants_, 0},
        };
        if (::poll(fds.data(), fds.size(), timeout) < 0 && errno != EINTR) {
            return platform::errno_error(errno, "poll");
        }
        if (await_hang_up && (fds[2].revents & (POLLHUP | POLLERR)) != 0) lose_local();
        return {};
    }

    platform::TlsStream& tls_;
    platform::UniqueFd local_;
    TicketEntry& entry_;
    const Interrupt& interrupt_;
    platform::Clock& clock_;
    Flow out_;  // local socket to peer
    Flow in_;   // peer to local socket
    bool moved_ = false;
    bool throttled_ = false;
    bool local_gone_ = false;
    Duration drain_until_{0};
    platform::TlsWait tls_read_wants_ = platform::TlsWait::kNone;
    platform::TlsWait tls_write_wants_ = platform::TlsWait::kNone;
    short local_wants_ = 0;
};

}  // namespace

Result<void> bridge(platform::TlsStream& tls, platform::UniqueFd local, TicketEntry& entry,
                    const Interrupt& interrupt, platform::Clock& clock) {
    return Bridge(tls, std::move(local), entry, interrupt, clock).run();
}

}  // namespace ararat::channel
