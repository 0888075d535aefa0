#include "platform/process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <ctime>

#include "platform/clock.h"
#include "platform/files.h"

namespace ararat::platform {
namespace {

// Keeps SIGPIPE from this thread while it writes to a child that may be gone, and takes back the one that
// a write raised; libraries must not change a program's signal dispositions.
class SigpipeGuard {
public:
    SigpipeGuard() {
        static_cast<void>(::sigemptyset(&pipe_));
        static_cast<void>(::sigaddset(&pipe_, SIGPIPE));
        sigset_t pending;
        static_cast<void>(::sigpending(&pending));
        was_pending_ = ::sigismember(&pending, SIGPIPE) == 1;
        static_cast<void>(::pthread_sigmask(SIG_BLOCK, &pipe_, &before_));
    }
    ~SigpipeGuard() {
        const timespec no_time{};
        if (!was_pending_) {
            while (::sigtimedwait(&pipe_, nullptr, &no_time) < 0 && errno == EINTR) {
            }
        }
        static_cast<void>(::pthread_sigmask(SIG_SETMASK, &before_, nullptr));
    }
    SigpipeGuard(const SigpipeGuard&) = delete;
    SigpipeGuard& operator=(const SigpipeGuard&) = delete;

private:
    sigset_t pipe_{};
    sigset_t before_{};
    bool was_pending_ = false;
};

Result<void> make_non_blocking(const UniqueFd& fd) {
    const int flags = ::fcntl(fd.get(), F_GETFL);
    if (flags < 0 || ::fcntl(fd.get(), F_SETFL, flags | O_NONBLOCK) != 0) {
        return errno_error(errno, "set up a pipe");
    }
    return {};
}

// One run: feeds standard input and collects output until the child has ended or time is up.
// Owned by run_process, one thread.
class Conversation {
public:
    Conversation(ChildProcess child, UniqueFd in, UniqueFd out, UniqueFd error, const ProcessOptions& options)
        : child_(std::move(child)),
          in_(std::move(in)),
          out_(std::move(out)),
          error_(std::move(error)),
          options_(options),
          input_left_(options.standard_input) {}

    Result<ProcessResult> run() {
        const Duration started = clock_.boottime();
        if (input_left_.empty()) in_.reset();
        while (true) {
            if (const auto code = child_.try_wait()) return finished(*code);
            const int wait_ms = next_wait_ms(started);
            if (wait_ms == 0) {
                child_.signal(SIGKILL);
                result_.timed_out = true;
                return finished(child_.wait());
            }
            ARARAT_RETURN_IF_ERROR(step(wait_ms));
        }
    }

private:
    // 0: time is up. Short where the kernel (before 5.3) has no pidfd to wait on.
    [[nodiscard]] int next_wait_ms(Duration started) {
        constexpr std::int64_t kWithoutPidfdMs = 20;
        constexpr std::int64_t kLongestMs = 60'000;
        std::int64_t wait_ms = child_.pidfd() >= 0 ? kLongestMs : kWithoutPidfdMs;
        if (options_.timeout) {
            const Duration left = started + *options_.timeout - clock_.boottime();
            wait_ms = std::clamp<std::int64_t>(left.count(), 0, wait_ms);
        }
        return static_cast<int>(wait_ms);
    }

    Result<void> step(int wait_ms) {
        std::array<pollfd, 4> items{{{child_.pidfd(), POLLIN, 0},
                                     {in_.get(), POLLOUT, 0},
                                     {out_.get(), POLLIN, 0},
                                     {error_.get(), POLLIN, 0}}};
        // poll(2) skips negative descriptors: the closed ones.
        if (::poll(items.data(), items.size(), wait_ms) < 0) {
            if (errno == EINTR) return {};
            return errno_error(errno, "poll");
        }
        if (items[1].revents != 0) feed();
        if (items[2].revents != 0) collect(out_, result_.standard_output);
        if (items[3].revents != 0) collect(error_, result_.standard_error);
        return {};
    }

    void feed() {
        const SigpipeGuard guard;
        const ssize_t count = ::write(in_.get(), input_left_.data(), input_left_.size());
        if (count >= 0) input_left_.remove_prefix(static_cast<std::size_t>(count));
        // A child that reads no more has its reasons; its exit code tells.
        const bool broken = count < 0 && errno != EINTR && errno != EAGAIN;
        if (broken || input_left_.empty()) in_.reset();
    }

    // Reads once. False: nothing more there now.
    bool collect(UniqueFd& fd, std::string& text) {
        std::array<char, 65536> buffer{};
        const ssize_t count = ::read(fd.get(), buffer.data(), buffer.size());
        if (count < 0) return errno == EINTR;
        if (count == 0) {
            fd.reset();
            return false;
        }
        const std::size_t room = options_.output_bytes_max - std::min(options_.output_bytes_max, text.size());
        const auto got = static_cast<std::size_t>(count);
        text.append(buffer.data(), std::min(room, got));
        result_.output_truncated = result_.output_truncated || got > room;
        return true;
    }

    // Takes what is in the pipes, but does not wait for their end: a process that the child left behind
    // may hold them open for ever.
    Result<ProcessResult> finished(int exit_code) {
        // More than a pipe holds, so that a survivor that keeps writing does not keep us here.
        constexpr int kReadsMax = 64;
        for (int i = 0; i < kReadsMax && out_.valid() && collect(out_, result_.standard_output); ++i) {
        }
        for (int i = 0; i < kReadsMax && error_.valid() && collect(error_, result_.standard_error); ++i) {
        }
        result_.exit_code = exit_code;
        return std::move(result_);
    }

    ChildProcess child_;
    UniqueFd in_, out_, error_;
    const ProcessOptions& options_;
    std::string_view input_left_;
    SystemClock clock_;
    ProcessResult result_;
};

}  // namespace

Result<ProcessResult> run_process(const std::vector<std::string>& argv, const ProcessOptions& options) {
    ARARAT_ASSIGN_OR_RETURN(Pipe in, make_pipe());
    ARARAT_ASSIGN_OR_RETURN(Pipe out, make_pipe());
    ARARAT_ASSIGN_OR_RETURN(Pipe error, make_pipe());
    for (const UniqueFd* fd : {&in.write_end, &out.read_end, &error.read_end}) {
        ARARAT_RETURN_IF_ERROR(make_non_blocking(*fd));
    }
    ARARAT_ASSIGN_OR_RETURN(
        ChildProcess child,
        ChildProcess::start(
            argv, {std::move(in.read_end), std::move(out.write_end), std::move(error.write_end)}, options));
    Conversation conversation(std::move(child), std::move(in.write_end), std::move(out.read_end),
                              std::move(error.read_end), options);
    return conversation.run();
}

Result<ProcessResult> run_process(const std::vector<std::string>& argv, std::string_view standard_input,
                                  Duration timeout, std::size_t output_bytes_max) {
    ProcessOptions options;
    options.standard_input = standard_input;
    options.timeout = timeout;
    options.output_bytes_max = output_bytes_max;
    return run_process(argv, options);
}

}  // namespace ararat::platform
