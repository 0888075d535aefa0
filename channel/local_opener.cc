#include "channel/local_opener.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <thread>

#include "channel/connection.h"
#include "channel/interrupt.h"
#include "channel/rsync_command.h"
#include "platform/files.h"
#include "platform/process.h"

namespace ararat::channel {
namespace {

constexpr Duration kDialTimeout = std::chrono::seconds{10};
constexpr Duration kProcessGrace = std::chrono::seconds{5};
constexpr std::size_t kErrorTailBytes = 512;

// The end of what the process wrote to its standard error, on one line.
std::string tail_of(const platform::UniqueFd& errors) {
    struct stat info {};
    if (::fstat(errors.get(), &info) != 0 || info.st_size <= 0) return {};
    std::array<char, kErrorTailBytes> bytes{};
    const auto from = std::max<off_t>(0, info.st_size - static_cast<off_t>(bytes.size()));
    const auto got = ::pread(errors.get(), bytes.data(), bytes.size(), from);
    if (got <= 0) return {};
    std::string text(bytes.data(), static_cast<std::size_t>(got));
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
}

// rsync and what it wrote to its standard error.
struct TreeServer {
    platform::ChildProcess process;
    platform::UniqueFd errors;

    Result<void> finish(StreamEnd end) {
        if (end == StreamEnd::kAborted) process.signal(SIGKILL);
        const auto deadline = steady_now() + kProcessGrace;
        auto exit_code = process.try_wait();
        while (!exit_code && steady_now() < deadline) {
            std::this_thread::sleep_for(std::chrono::milliseconds{5});
            exit_code = process.try_wait();
        }
        if (!exit_code) {
            process.signal(SIGKILL);
            exit_code = process.wait();
        }
        if (end == StreamEnd::kAborted || *exit_code == 0) return {};
        return Error{ErrorCode::kUnavailable,
                     "rsync ended with exit code " + std::to_string(*exit_code) + ": " + tail_of(errors)};
    }
};

Result<OpenedStream> open_tree(const Ticket& ticket, const std::vector<std::string>& rsync_arguments) {
    ARARAT_ASSIGN_OR_RETURN(const auto command, rsync_server_command(rsync_arguments, ticket.path));
    struct stat info {};
    // Not "not-found": the target would try again, as it does for a ticket that is still on its way.
    if (::stat(ticket.path.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) {
        return Error{ErrorCode::kFailedPrecondition, "no such directory on the source", ticket.path};
    }
    std::array<int, 2> pair{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0) {
        return platform::errno_error(errno, "socketpair");
    }
    platform::UniqueFd ours(pair[0]);
    platform::UniqueFd theirs(pair[1]);
    platform::UniqueFd theirs_too(::fcntl(theirs.get(), F_DUPFD_CLOEXEC, 3));
    platform::UniqueFd errors(::memfd_create("rsync-errors", MFD_CLOEXEC));
    platform::UniqueFd errors_too(::fcntl(errors.get(), F_DUPFD_CLOEXEC, 3));
    if (!theirs_too.valid() || !errors_too.valid()) return platform::errno_error(errno, "dup");
    platform::ChildProcess::Stdio stdio{std::move(theirs), std::move(theirs_too), std::move(errors_too)};
    auto started = platform::ChildProcess::start(command, std::move(stdio));
    // A source without rsync will not get it while the target tries again.
    if (!started.ok() && started.error().code == ErrorCode::kNotFound) {
        return Error{ErrorCode::kFailedPrecondition,
                     "the source cannot run rsync: " + started.error().text()};
    }
    if (!started.ok()) return started.error();
    auto process = std::move(started).value();
    auto server = std::make_shared<TreeServer>(TreeServer{std::move(process), std::move(errors)});
    return OpenedStream{std::move(ours), [server](StreamEnd end) { return server->finish(end); }};
}

Result<OpenedStream> open_socket(const Ticket& ticket, const Interrupt& interrupt) {
    platform::UniqueFd fd;
    if (ticket.path.front() == '/') {
        ARARAT_ASSIGN_OR_RETURN(fd, dial_local(ticket.path));
    } else {
        ARARAT_ASSIGN_OR_RETURN(fd, dial(ticket.path, kDialTimeout, interrupt));
    }
    return OpenedStream{std::move(fd), [](StreamEnd) { return Result<void>{}; }};
}

}  // namespace

Result<OpenedStream> LocalStreamOpener::open(const Ticket& ticket,
                                             const std::vector<std::string>& rsync_arguments,
                                             const InterruptPtr& interrupt) {
    switch (ticket.kind) {
        case TicketKind::kTree: return open_tree(ticket, rsync_arguments);
        case TicketKind::kSocket: return open_socket(ticket, *interrupt);
    }
    return Error{ErrorCode::kInternal, "a ticket of no known kind"};
}

}  // namespace ararat::channel
