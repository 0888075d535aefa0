#include "transport/ssh_pump.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <string_view>
#include <utility>

#include "channel/connection.h"
#include "platform/files.h"
#include "transport/ssh_supervisor.h"

namespace ararat::transport {
namespace {

constexpr std::size_t kBufferBytes = 64 * 1024;
constexpr Duration kPoll = std::chrono::seconds{30};
constexpr Duration kExitGrace = std::chrono::seconds{5};

}  // namespace

SshPump::SshPump(SshPumpParts parts)
    : session_(std::move(parts.session)),
      exec_(std::move(parts.exec)),
      is_command_(parts.is_command),
      local_(std::move(parts.local)),
      interrupt_(std::move(parts.interrupt)),
      heard_at_(session_->heard_at()) {
    up_.buffer.assign(parts.input.begin(), parts.input.end());
    up_.end = parts.input.size();
    down_.buffer.resize(kBufferBytes);
}

SshPump::~SshPump() { abort(); }

void SshPump::start() {
    thread_ = std::thread([this] {
        auto ended = run();
        {
            const std::lock_guard lock(mutex_);
            result_ = std::move(ended);
        }
        local_.reset();
        // The session belongs to this thread to its end.
        exec_.reset();
        session_.reset();
    });
}

Result<void> SshPump::finish() {
    if (thread_.joinable()) thread_.join();
    return result_;
}

void SshPump::abort() {
    interrupt_->raise();
    if (thread_.joinable()) thread_.join();
}

std::optional<Error> SshPump::failure() const {
    const std::lock_guard lock(mutex_);
    if (result_.ok()) return std::nullopt;
    return result_.error();
}

Result<void> SshPump::run() {
    while (!interrupt_->raised()) {
        bool moved = false;
        ARARAT_ASSIGN_OR_RETURN(moved, downward());
        ARARAT_ASSIGN_OR_RETURN(const bool moved_up, upward());
        if (exec_->at_end() && down_.empty()) return ending();
        if (moved || moved_up) continue;
        short events = 0;
        if (!down_.empty()) events |= POLLOUT;
        if (up_.empty() && !up_ended_) events |= POLLIN;
        session_->wait(events != 0 ? local_.get() : -1, events, kPoll);
        heard_at_.store(session_->heard_at(), std::memory_order_relaxed);
    }
    return Error{ErrorCode::kCancelled, "the stream was closed"};
}

// From the host.
Result<bool> SshPump::downward() {
    bool moved = false;
    if (down_.empty()) {
        ARARAT_ASSIGN_OR_RETURN(const auto got, exec_->read_some(down_.buffer.data(), down_.buffer.size()));
        down_.begin = 0;
        down_.end = got;
        moved = got > 0;
    }
    while (!down_.empty()) {
        const auto pending = down_.pending();
        const auto put = ::send(local_.get(), pending.data(), pending.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (put < 0 && (errno == EAGAIN || errno == EINTR)) return moved;
        if (put < 0) return platform::errno_error(errno, "send");
        down_.begin += static_cast<std::size_t>(put);
        moved = true;
    }
    return moved;
}

// To the host.
Result<bool> SshPump::upward() {
    bool moved = false;
    if (up_.empty() && !up_ended_) {
        up_.buffer.resize(kBufferBytes);
        const auto got = ::recv(local_.get(), up_.buffer.data(), up_.buffer.size(), MSG_DONTWAIT);
        if (got < 0 && errno != EAGAIN && errno != EINTR) return platform::errno_error(errno, "recv");
        up_.begin = 0;
        up_.end = got > 0 ? static_cast<std::size_t>(got) : 0;
        if (got == 0) {
            up_ended_ = true;
            exec_->end_input();
        }
        moved = got >= 0;
    }
    while (!up_.empty()) {
        ARARAT_ASSIGN_OR_RETURN(const auto put, exec_->write_some(up_.pending()));
        if (put == 0) break;
        up_.begin += put;
        moved = true;
    }
    return moved;
}

Result<void> SshPump::ending() {
    if (!is_command_) return {};
    (void)::shutdown(local_.get(), SHUT_WR);
    const auto deadline = channel::steady_now() + kExitGrace;
    while (!exec_->ended() && channel::steady_now() < deadline && !interrupt_->raised()) {
        if (!exec_->step() && !exec_->ended()) session_->wait(-1, 0, deadline - channel::steady_now());
    }
    if (!exec_->ended()) return {};
    ARARAT_ASSIGN_OR_RETURN(const auto output, exec_->take());
    if (output.exit_code == 0) return {};
    return Error{ErrorCode::kUnavailable, "on the host: " + reason_of(output)};
}

}  // namespace ararat::transport
