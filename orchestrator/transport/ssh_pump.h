// Carries bytes between a channel of an SSH session and a local socket, in a thread of its own: what a data
// channel's stream, and a session that goes through another host, are made of.
// Thread promise: made and finished by one thread; the session belongs to the pump's thread in between.
// failure() and heard_at() from any thread.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "channel/interrupt.h"
#include "platform/unique_fd.h"
#include "transport/ssh_session.h"

namespace ararat::transport {

struct SshPumpParts {
    std::unique_ptr<SshSession> session;  // whose Interrupt is the one below
    std::unique_ptr<SshExec> exec;        // a channel of it, whose input is kept open
    bool is_command = true;               // it has an exit status, and it matters
    platform::UniqueFd local;             // non-blocking or not
    std::string input;                    // goes to the channel before what the socket says
    std::shared_ptr<channel::Interrupt> interrupt;
};

class SshPump {
public:
    explicit SshPump(SshPumpParts parts);
    ~SshPump();  // abort()
    SshPump(const SshPump&) = delete;
    SshPump& operator=(const SshPump&) = delete;

    void start();
    // Waits for the end of what the channel says; how it ended.
    [[nodiscard]] Result<void> finish();
    // Ends it now.
    void abort();
    // Why it ended, where it did so for a reason of the session's. Known before the socket's other end sees
    // the end.
    [[nodiscard]] std::optional<Error> failure() const;
    // When something last came from the session's host, by channel::steady_now(). Any thread.
    [[nodiscard]] Duration heard_at() const { return heard_at_.load(std::memory_order_relaxed); }

private:
    struct Flow {
        std::vector<char> buffer;
        std::size_t begin = 0;
        std::size_t end = 0;
        [[nodiscard]] bool empty() const { return begin == end; }
        [[nodiscard]] std::string_view pending() const { return {buffer.data() + begin, end - begin}; }
    };

    Result<void> run();
    Result<bool> downward();
    Result<bool> upward();
    Result<void> ending();

    std::unique_ptr<SshSession> session_;
    std::unique_ptr<SshExec> exec_;
    bool is_command_;
    platform::UniqueFd local_;
    std::shared_ptr<channel::Interrupt> interrupt_;
    Flow up_;
    Flow down_;
    bool up_ended_ = false;
    std::atomic<Duration> heard_at_;
    mutable std::mutex mutex_;  // guards result_
    Result<void> result_;
    std::thread thread_;
};

}  // namespace ararat::transport
