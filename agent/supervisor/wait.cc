#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "agent/supervisor/attempt_folder.h"
#include "agent/supervisor/commands.h"
#include "agent/verbs/interrupt.h"
#include "platform/clock.h"
#include "platform/files.h"

namespace ararat::agent {

namespace {

using platform::UniqueFd;

// Adds the output from `offset` on.
void add_output(const std::string& folder, std::uint64_t offset, AttemptReport& report) {
    report.output_offset = offset;
    const UniqueFd fd(open((folder + "/output").c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!fd.valid()) return;
    report.output.resize(kStateOutputBytesMax);
    const ssize_t size =
        pread(fd.get(), report.output.data(), report.output.size(), static_cast<off_t>(offset));
    report.output.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
}

// What becomes readable when something changed in the folder, or the supervisor went.
struct Watches {
    UniqueFd changes, supervisor;
};

Result<Watches> watch(const std::string& folder) {
    Watches watches;
    watches.changes.reset(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    if (!watches.changes.valid()) return platform::errno_error(errno, "inotify");
    if (inotify_add_watch(watches.changes.get(), folder.c_str(), IN_MODIFY | IN_MOVED_TO | IN_CREATE) < 0) {
        return platform::errno_error(errno, "inotify", folder);
    }
    ARARAT_ASSIGN_OR_RETURN(const auto mark, supervisor_of(folder));
    if (mark) watches.supervisor.reset(static_cast<int>(syscall(SYS_pidfd_open, mark->pid, 0)));
    return watches;
}

void sleep_on(const Watches& watches, Duration now, Duration deadline) {
    std::array<pollfd, 2> polled{{{watches.changes.get(), POLLIN, 0}, {watches.supervisor.get(), POLLIN, 0}}};
    // A second at most: should a notification be lost, the state is looked at all the same.
    poll(polled.data(), polled.size(), std::min(poll_timeout_ms(now, deadline), 1000));
    std::array<char, 4096> drained;
    while (read(watches.changes.get(), drained.data(), drained.size()) > 0) {
    }
}

}  // namespace

Result<AttemptReport> wait_for_change(const std::string& root_path, const std::string& id, Duration timeout,
                                      std::uint64_t offset) {
    const AttemptRoot root(root_path);
    platform::SystemClock clock;
    const Duration deadline = clock.boottime() + timeout;
    Watches watches;
    while (true) {
        ARARAT_ASSIGN_OR_RETURN(AttemptReport report, root.settle(id));
        if (report.state == AttemptState::kAbsent) return report;
        add_output(root.folder(id), offset, report);
        const Duration now = clock.boottime();
        const bool changed = report.state != AttemptState::kRunning || !report.output.empty();
        if (changed || now >= deadline) return report;
        if (!watches.changes.valid()) {
            // Looked at once more after watching began, so that no change falls between.
            ARARAT_ASSIGN_OR_RETURN(watches, watch(root.folder(id)));
            continue;
        }
        sleep_on(watches, now, deadline);
    }
}

}  // namespace ararat::agent
