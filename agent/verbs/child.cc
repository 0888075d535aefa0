#include "agent/verbs/child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include "base/join.h"
#include "platform/files.h"
#include "platform/unique_fd.h"

namespace ararat::agent {

namespace {

using platform::UniqueFd;

constexpr std::size_t kLastLineMax = 500;
constexpr unsigned kCloseRangeCloexec = 1U << 2U;  // linux/close_range.h

struct ChildPipes {
    UniqueFd out_read, out_write, error_read, error_write, failed_read, failed_write;
    UniqueFd go_read, go_write;  // a byte: its group is noted, it may run
};

bool open_pipe(UniqueFd& read_end, UniqueFd& write_end) {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) return false;
    read_end.reset(ends[0]);
    write_end.reset(ends[1]);
    return true;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    pointers.reserve(texts.size() + 1);
    for (std::string& text : texts) pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

// A name without a slash is looked up in the step's own PATH, not in the supervisor's.
std::string program_path(const std::string& name, const std::map<std::string, std::string>& environment) {
    const auto path = environment.find("PATH");
    if (name.find('/') != std::string::npos || path == environment.end()) return name;
    for (const std::string& folder : split(path->second, ':')) {
        const std::string candidate = folder + "/" + name;
        if (!folder.empty() && access(candidate.c_str(), X_OK) == 0) return candidate;
    }
    return name;
}

// In the child, after fork: only calls that are safe there.
[[noreturn]] void become(const char* program, char* const* argv, char* const* environment,
                         const ChildPipes& pipes, pid_t parent) {
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    signal(SIGPIPE, SIG_DFL);
    const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    dup2(null, STDIN_FILENO);
    dup2(pipes.out_write.get(), STDOUT_FILENO);
    dup2(pipes.error_write.get(), STDERR_FILENO);
    close(pipes.go_write.get());
    char go = 0;
    if (read(pipes.go_read.get(), &go, 1) != 1) _exit(127);
    // Ours are close-on-exec already; not so what our own starter may have left open.
    syscall(SYS_close_range, 3U, ~0U, kCloseRangeCloexec);
    execve(program, argv, environment);
    const int reason = errno;
    if (write(pipes.failed_write.get(), &reason, sizeof reason) < 0) _exit(126);
    _exit(127);
}

// Keeps the last non-empty line of what was printed.
class LastLine {
public:
    void add(std::string_view bytes) {
        for (const char c : bytes) {
            if (c == '\n') {
                if (!current_.empty()) last_ = std::exchange(current_, {});
            } else if (current_.size() < kLastLineMax && static_cast<unsigned char>(c) >= 0x20) {
                current_.push_back(c);
            }
        }
    }
    [[nodiscard]] std::string take() { return current_.empty() ? last_ : current_; }

private:
    std::string current_, last_;
};

// The running child, from fork to reaping.
class Child {
public:
    Child(const VerbContext& context, ChildPipes pipes, pid_t pid)
        : context_(context), pipes_(std::move(pipes)), pid_(pid) {
        pidfd_.reset(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
        fcntl(pipes_.out_read.get(), F_SETFL, O_NONBLOCK);
        fcntl(pipes_.error_read.get(), F_SETFL, O_NONBLOCK);
    }

    VerbResult carry() {
        while (!reaped()) {
            if (killed_at_ && context_.interrupt.now() >= *killed_at_ + kKillGrace) kill(-pid_, SIGKILL);
            const Duration deadline = killed_at_ ? *killed_at_ + kKillGrace : context_.deadline;
            wait_for_something(deadline);
            read_stream(pipes_.out_read, true);
            read_stream(pipes_.error_read, false);
            if (!killed_at_ && context_.interrupt.cancelled()) end_group(result_.cancelled);
            if (!killed_at_ && context_.interrupt.now() >= context_.deadline) end_group(result_.timed_out);
        }
        // What it wrote before its end is in the pipes; a descendant that keeps them open is not waited for.
        while (read_stream(pipes_.out_read, true) || read_stream(pipes_.error_read, false)) {
        }
        if (killed_at_) kill(-pid_, SIGKILL);
        // A program that fails says why on standard error, most of the time.
        const std::string complaint = last_error_.take();
        result_.detail = result_.exit_code != 0 && !complaint.empty() ? complaint : last_line_.take();
        return std::move(result_);
    }

private:
    bool reaped() {
        int status = 0;
        if (waitpid(pid_, &status, WNOHANG) != pid_) return false;
        result_.exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
        return true;
    }

    void wait_for_something(Duration deadline) {
        std::array<pollfd, 4> polled{{{pidfd_.get(), POLLIN, 0},
                                      {pipes_.out_read.get(), POLLIN, 0},
                                      {pipes_.error_read.get(), POLLIN, 0},
                                      {killed_at_ ? -1 : context_.interrupt.cancel_fd(), POLLIN, 0}}};
        int timeout_ms = poll_timeout_ms(context_.interrupt.now(), deadline);
        if (killed_at_) timeout_ms = std::min(timeout_ms + 1, 100);  // SIGKILL was sent: only reaping is left
        poll(polled.data(), polled.size(), timeout_ms);
    }

    void end_group(bool& why) {
        why = true;
        killed_at_ = context_.interrupt.now();
        kill(-pid_, SIGTERM);
    }

    // True: there may be more.
    bool read_stream(UniqueFd& fd, bool is_output) {
        if (!fd.valid()) return false;
        std::array<char, 64UL * 1024> buffer;
        const ssize_t size = read(fd.get(), buffer.data(), buffer.size());
        if (size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR)) {
            fd.reset();
            return false;
        }
        if (size < 0) return false;
        const std::string_view bytes(buffer.data(), static_cast<std::size_t>(size));
        context_.output(bytes);
        last_line_.add(bytes);
        if (!is_output) last_error_.add(bytes);
        if (is_output && result_.text.size() < kJudgedBytesMax) {
            result_.text.append(bytes.substr(0, kJudgedBytesMax - result_.text.size()));
        }
        return true;
    }

    const VerbContext& context_;
    ChildPipes pipes_;
    pid_t pid_;
    UniqueFd pidfd_;
    std::optional<Duration> killed_at_;
    LastLine last_line_;   // of either stream
    LastLine last_error_;  // of standard error
    VerbResult result_;
};

Result<void> let_run(const VerbContext& context, ChildPipes& pipes, pid_t pid) {
    if (context.note_group) ARARAT_RETURN_IF_ERROR(context.note_group(pid));
    ARARAT_RETURN_IF_ERROR(platform::write_all(pipes.go_write.get(), "x"));
    pipes.go_write.reset();
    return {};
}

}  // namespace

VerbResult run_child(const std::vector<std::string>& argv, const VerbContext& context) {
    if (argv.empty() || argv[0].empty()) return verb_failed("the argument vector is empty", 127);
    ChildPipes pipes;
    if (!open_pipe(pipes.out_read, pipes.out_write) || !open_pipe(pipes.error_read, pipes.error_write) ||
        !open_pipe(pipes.failed_read, pipes.failed_write) || !open_pipe(pipes.go_read, pipes.go_write)) {
        return verb_failed(std::string("pipe: ") + std::strerror(errno), 126);
    }
    std::vector<std::string> arguments = argv;
    std::vector<std::string> variables;
    for (const auto& [name, value] : context.environment) variables.push_back(name + "=" + value);
    const std::vector<char*> argument_pointers = pointers_to(arguments);
    const std::vector<char*> variable_pointers = pointers_to(variables);
    const std::string program = program_path(argv[0], context.environment);
    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid < 0) return verb_failed(std::string("fork: ") + std::strerror(errno), 126);
    if (pid == 0) become(program.c_str(), argument_pointers.data(), variable_pointers.data(), pipes, parent);
    setpgid(pid, pid);  // both sides do it: whoever comes first
    pipes.out_write.reset();
    pipes.error_write.reset();
    pipes.failed_write.reset();
    if (const auto allowed = let_run(context, pipes, pid); !allowed.ok()) {
        kill(pid, SIGKILL);
        waitpid(pid, nullptr, 0);
        return verb_failed(argv[0] + ": " + allowed.error().text(), 126);
    }
    int reason = 0;
    const ssize_t failed = read(pipes.failed_read.get(), &reason, sizeof reason);
    if (failed == static_cast<ssize_t>(sizeof reason)) {
        waitpid(pid, nullptr, 0);
        return verb_failed(argv[0] + ": " + std::strerror(reason), 127);
    }
    return Child(context, std::move(pipes), pid).carry();
}

}  // namespace ararat::agent
