#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <utility>

#include "base/join.h"
#include "platform/files.h"
#include "platform/process.h"

namespace ararat::platform {
namespace {

constexpr int kExitUnknown = 255;

// Everything the child needs, made before fork: after it, in a process that had threads, only
// async-signal-safe calls are allowed.
struct Launch {
    std::string program;
    std::string directory;
    std::vector<std::string> environment;
    std::vector<char*> argv;
    std::vector<char*> envp;
    std::array<int, 3> stdio{};
    int failure_fd = -1;
};

// The file to execute, as execvp would find it.
Result<std::string> find_program(const std::string& name) {
    if (name.find('/') != std::string::npos) return name;
    const char* path = std::getenv("PATH");
    const std::string_view places = path != nullptr ? path : "/usr/local/bin:/usr/bin:/bin";
    for (const std::string& place : split(places, ':')) {
        const std::string candidate = (place.empty() ? "." : place) + "/" + name;
        if (::access(candidate.c_str(), X_OK) == 0) return candidate;
    }
    return Error{ErrorCode::kNotFound, "no such program in PATH", name};
}

Result<void> check_argv(const std::vector<std::string>& argv) {
    if (argv.empty() || argv.front().empty()) {
        return Error{ErrorCode::kInvalidArgument, "an argument vector names a program first"};
    }
    for (const std::string& argument : argv) {
        if (argument.find('\0') != std::string::npos) {
            return Error{ErrorCode::kInvalidArgument, "an argument holds a NUL byte", argv.front()};
        }
    }
    return {};
}

std::vector<std::string> merged_environment(const std::map<std::string, std::string>& added) {
    std::vector<std::string> merged;
    for (char** entry = ::environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        if (added.count(std::string(text.substr(0, text.find('=')))) == 0) merged.emplace_back(text);
    }
    for (const auto& [name, value] : added) merged.push_back(name + "=" + value);
    return merged;
}

std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    pointers.reserve(texts.size() + 1);
    for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
    pointers.push_back(nullptr);
    return pointers;
}

[[noreturn]] void child_fails(int failure_fd) {
    const int error_number = errno;
    static_cast<void>(!::write(failure_fd, &error_number, sizeof error_number));
    ::_exit(127);
}

// In the child.
[[noreturn]] void run_child(const Launch& launch) {
    // A group of its own, so that a signal reaches everything it starts.
    if (::setpgid(0, 0) != 0) child_fails(launch.failure_fd);
    struct sigaction usual {};
    usual.sa_handler = SIG_DFL;  // an ignored SIGPIPE would be inherited through exec
    for (int number = 1; number < NSIG; ++number) static_cast<void>(::sigaction(number, &usual, nullptr));
    sigset_t none;
    static_cast<void>(::sigemptyset(&none));
    static_cast<void>(::sigprocmask(SIG_SETMASK, &none, nullptr));
    std::array<int, 3> from{};
    for (std::size_t i = 0; i < from.size(); ++i) {
        // Out of the way of 0, 1 and 2 first: they may be given in any order.
        from.at(i) = ::fcntl(launch.stdio.at(i), F_DUPFD_CLOEXEC, 3);
        if (from.at(i) < 0) child_fails(launch.failure_fd);
    }
    for (std::size_t i = 0; i < from.size(); ++i) {
        if (::dup2(from.at(i), static_cast<int>(i)) < 0) child_fails(launch.failure_fd);
    }
#ifdef SYS_close_range
    // For descriptors of libraries that forgot close-on-exec. An old kernel lacks it; ours all have the flag.
    constexpr unsigned kCloseOnExec = 1U << 2U;
    static_cast<void>(::syscall(SYS_close_range, 3U, ~0U, kCloseOnExec));
#endif
    if (!launch.directory.empty() && ::chdir(launch.directory.c_str()) != 0) child_fails(launch.failure_fd);
    ::execve(launch.program.c_str(), launch.argv.data(), launch.envp.data());
    child_fails(launch.failure_fd);
}

int exit_code_of(int status) {
    if (WIFEXITED(status)) return WEXITSTATUS(status);
    if (WIFSIGNALED(status)) return 128 + WTERMSIG(status);
    return kExitUnknown;
}

UniqueFd open_pidfd(pid_t pid) {
#ifdef SYS_pidfd_open
    return UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
#else
    return UniqueFd();
#endif
}

Result<UniqueFd> null_device() {
    UniqueFd fd(::open("/dev/null", O_RDWR | O_CLOEXEC));
    if (!fd) return errno_error(errno, "open", "/dev/null");
    return fd;
}

// The error that kept the child from executing its program; 0 when exec has closed the pipe.
int read_failure(int fd) {
    int error_number = 0;
    ssize_t count = 0;
    do {
        count = ::read(fd, &error_number, sizeof error_number);
    } while (count < 0 && errno == EINTR);
    return count == static_cast<ssize_t>(sizeof error_number) ? error_number : 0;
}

}  // namespace

Result<Pipe> make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return errno_error(errno, "make a pipe");
    return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

Result<ChildProcess> ChildProcess::start(const std::vector<std::string>& argv, Stdio stdio,
                                         const ProcessOptions& options) {
    ARARAT_RETURN_IF_ERROR(check_argv(argv));
    Launch launch;
    ARARAT_ASSIGN_OR_RETURN(launch.program, find_program(argv.front()));
    launch.directory = options.directory;
    launch.environment = merged_environment(options.environment);
    launch.argv = pointers_to(argv);
    launch.envp = pointers_to(launch.environment);
    for (UniqueFd* fd : {&stdio.in, &stdio.out, &stdio.error}) {
        if (!fd->valid()) {
            ARARAT_ASSIGN_OR_RETURN(*fd, null_device());
        }
    }
    launch.stdio = {stdio.in.get(), stdio.out.get(), stdio.error.get()};
    ARARAT_ASSIGN_OR_RETURN(Pipe failure, make_pipe());
    launch.failure_fd = failure.write_end.get();

    const pid_t pid = ::fork();
    if (pid < 0) return errno_error(errno, "start", argv.front());
    if (pid == 0) run_child(launch);
    failure.write_end.reset();
    ChildProcess child(pid, open_pidfd(pid));
    if (const int error_number = read_failure(failure.read_end.get()); error_number != 0) {
        static_cast<void>(child.wait());
        return errno_error(error_number, "start", argv.front());
    }
    return child;
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), pidfd_(std::move(other.pidfd_)) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
    if (this != &other) {
        ChildProcess old(std::move(*this));
        pid_ = std::exchange(other.pid_, -1);
        pidfd_ = std::move(other.pidfd_);
    }
    return *this;
}

ChildProcess::~ChildProcess() {
    if (pid_ <= 0) return;
    signal(SIGKILL);
    static_cast<void>(wait());
}

void ChildProcess::signal(int signal_number) {
    // Not reaped yet, so the number still belongs to it and to its group.
    if (pid_ > 0) static_cast<void>(::kill(-pid_, signal_number));
}

int ChildProcess::wait() {
    if (pid_ <= 0) return kExitUnknown;
    int status = 0;
    pid_t got = 0;
    do {
        got = ::waitpid(pid_, &status, 0);
    } while (got < 0 && errno == EINTR);
    pid_ = -1;
    return got < 0 ? kExitUnknown : exit_code_of(status);
}

std::optional<int> ChildProcess::try_wait() {
    if (pid_ <= 0) return kExitUnknown;
    int status = 0;
    const pid_t got = ::waitpid(pid_, &status, WNOHANG);
    if (got == 0 || (got < 0 && errno == EINTR)) return std::nullopt;
    pid_ = -1;
    return got < 0 ? kExitUnknown : exit_code_of(status);
}

}  // namespace ararat::platform
