#include "agent/step_watch.h"

#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "agent/supervisor/attempt_folder.h"
#include "platform/files.h"

namespace ararat::agent {

namespace {

using platform::errno_error;
using platform::UniqueFd;

Result<void> poll_for_input(const UniqueFd& epoll, int fd) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    if (epoll_ctl(epoll.get(), EPOLL_CTL_ADD, fd, &event) != 0) return errno_error(errno, "epoll_ctl");
    return {};
}

}  // namespace

Result<StepWatch> StepWatch::make() {
    UniqueFd epoll(epoll_create1(EPOLL_CLOEXEC));
    if (!epoll.valid()) return errno_error(errno, "epoll_create");
    UniqueFd inotify(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    if (!inotify.valid()) return errno_error(errno, "inotify_init");
    ARARAT_RETURN_IF_ERROR(poll_for_input(epoll, inotify.get()));
    return StepWatch(std::move(epoll), std::move(inotify));
}

Result<void> StepWatch::add(const std::string& key, const std::string& folder) {
    if (watched_.contains(key)) return {};
    Watched watched;
    watched.watch =
        inotify_add_watch(inotify_.get(), folder.c_str(), IN_MODIFY | IN_MOVED_TO | IN_CREATE | IN_ONLYDIR);
    if (watched.watch < 0) return errno_error(errno, "inotify", folder);
    keys_by_watch_[watched.watch] = key;
    // Where it cannot be told, its end is noticed by the look at every second.
    if (const auto mark = supervisor_of(folder); mark.ok() && *mark) {
        const auto lives = is_alive(**mark);
        if (lives.ok() && *lives)
            watched.supervisor.reset(static_cast<int>(syscall(SYS_pidfd_open, (*mark)->pid, 0)));
    }
    if (watched.supervisor.valid()) {
        keys_by_supervisor_[watched.supervisor.get()] = key;
        ARARAT_RETURN_IF_ERROR(poll_for_input(epoll_, watched.supervisor.get()));
    }
    watched_[key] = std::move(watched);
    return {};
}

void StepWatch::remove(const std::string& key) {
    const auto found = watched_.find(key);
    if (found == watched_.end()) return;
    keys_by_watch_.erase(found->second.watch);
    inotify_rm_watch(inotify_.get(), found->second.watch);
    if (found->second.supervisor.valid()) {
        keys_by_supervisor_.erase(found->second.supervisor.get());
        epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, found->second.supervisor.get(), nullptr);
    }
    watched_.erase(found);
}

std::set<std::string> StepWatch::changed() {
    std::set<std::string> keys;
    std::array<epoll_event, 64> events;
    const int count = epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), 0);
    for (int i = 0; i < count; ++i) {
        const int fd = events[static_cast<std::size_t>(i)].data.fd;
        if (fd == inotify_.get()) {
            read_notifications(keys);
        } else if (const auto found = keys_by_supervisor_.find(fd); found != keys_by_supervisor_.end()) {
            keys.insert(found->second);
        }
    }
    return keys;
}

void StepWatch::read_notifications(std::set<std::string>& keys) {
    alignas(inotify_event) std::array<char, 16384> buffer;
    while (true) {
        const ssize_t size = read(inotify_.get(), buffer.data(), buffer.size());
        if (size <= 0) return;
        for (std::size_t at = 0; at < static_cast<std::size_t>(size);) {
            inotify_event event{};
            std::memcpy(&event, buffer.data() + at, sizeof event);
            at += sizeof event + event.len;
            if ((event.mask & IN_Q_OVERFLOW) != 0) {
                for (const auto& [key, watched] : watched_) keys.insert(key);
            }
            const auto found = keys_by_watch_.find(event.wd);
            if (found != keys_by_watch_.end()) keys.insert(found->second);
        }
    }
}

}  // namespace ararat::agent
