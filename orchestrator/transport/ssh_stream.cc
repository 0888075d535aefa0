#include "transport/ssh_stream.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <thread>
#include <vector>

#include "channel/connection.h"
#include "platform/files.h"
#include "transport/ssh_supervisor.h"

namespace ararat::transport {
namespace {

constexpr std::size_t kBufferBytes = 64 * 1024;
// Together below the time that the target end waits for its source to open.
constexpr SshTimeouts kStreamTimeouts{.connect = std::chrono::seconds{5},
                                      .handshake = std::chrono::seconds{10},
                                      .authenticate = std::chrono::seconds{10},
                                      .open_channel = std::chrono::seconds{10}};
constexpr Duration kPoll = std::chrono::seconds{30};
constexpr Duration kExitGrace = std::chrono::seconds{5};

struct Flow {
    std::vector<char> buffer;
    std::size_t begin = 0;
    std::size_t end = 0;
    [[nodiscard]] bool empty() const { return begin == end; }
    [[nodiscard]] std::string_view pending() const { return {buffer.data() + begin, end - begin}; }
};

class Pump {
public:
    Pump(std::unique_ptr<SshSession> session, std::unique_ptr<SshExec> exec, platform::UniqueFd local,
         std::string input, std::shared_ptr<channel::Interrupt> interrupt)
        : session_(std::move(session)),
          exec_(std::move(exec)),
          local_(std::move(local)),
          interrupt_(std::move(interrupt)) {
        up_.buffer.assign(input.begin(), input.end());
        up_.end = input.size();
        down_.buffer.resize(kBufferBytes);
    }

    void start() {
        thread_ = std::thread([this] {
            result_ = run();
            local_.reset();
            // The session belongs to this thread to its end.
            exec_.reset();
            session_.reset();
        });
    }

    Result<void> finish(channel::StreamEnd end) {
        // The stream's side is closed; so does the program on the host, unless it hangs.
        if (end == channel::StreamEnd::kAborted) interrupt_->raise();
        thread_.join();
        return end == channel::StreamEnd::kAborted ? Result<void>{} : result_;
    }

private:
    Result<void> run() {
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
        }
        return Error{ErrorCode::kCancelled, "the stream was closed"};
    }

    // From the host.
    Result<bool> downward() {
        bool moved = false;
        if (down_.empty()) {
            ARARAT_ASSIGN_OR_RETURN(const auto got,
                                    exec_->read_some(down_.buffer.data(), down_.buffer.size()));
            down_.begin = 0;
            down_.end = got;
            moved = got > 0;
        }
        while (!down_.empty()) {
            const auto pending = down_.pending();
            const auto put =
                ::send(local_.get(), pending.data(), pending.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
            if (put < 0 && (errno == EAGAIN || errno == EINTR)) return moved;
            if (put < 0) return platform::errno_error(errno, "send");
            down_.begin += static_cast<std::size_t>(put);
            moved = true;
        }
        return moved;
    }

    // To the host.
    Result<bool> upward() {
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

    Result<void> ending() {
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

    std::unique_ptr<SshSession> session_;
    std::unique_ptr<SshExec> exec_;
    platform::UniqueFd local_;
    std::shared_ptr<channel::Interrupt> interrupt_;
    Flow up_;
    Flow down_;
    bool up_ended_ = false;
    Result<void> result_;
    std::thread thread_;
};

}  // namespace

Result<channel::OpenedStream> open_ssh_stream(const SshTarget& target, const std::string& command,
                                              std::string input) {
    ARARAT_ASSIGN_OR_RETURN(auto interrupt, channel::Interrupt::make());
    ARARAT_ASSIGN_OR_RETURN(auto session, SshSession::connect(target, kStreamTimeouts, interrupt));
    ARARAT_ASSIGN_OR_RETURN(auto exec, session->start(command, {}, 0, true));
    std::array<int, 2> pair{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0) {
        return platform::errno_error(errno, "socketpair");
    }
    platform::UniqueFd ours(pair[0]);
    platform::UniqueFd theirs(pair[1]);
    const auto pump = std::make_shared<Pump>(std::move(session), std::move(exec), std::move(theirs),
                                             std::move(input), std::move(interrupt));
    pump->start();
    return channel::OpenedStream{std::move(ours),
                                 [pump](channel::StreamEnd end) { return pump->finish(end); }};
}

}  // namespace ararat::transport
