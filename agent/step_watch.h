// Notices at once when a step has printed something, has its result, or has lost its supervisor: inotify on
// the attempt's folder and a pidfd of its supervisor, behind one descriptor for the agent's loop.
// Owner: the agent's loop. Thread promise: one owner.
#pragma once

#include <map>
#include <set>
#include <string>

#include "base/result.h"
#include "platform/unique_fd.h"

namespace ararat::agent {

class StepWatch {
public:
    [[nodiscard]] static Result<StepWatch> make();

    // Readable when changed() has something to say.
    [[nodiscard]] int fd() const { return epoll_.get(); }
    // What happened before it is not reported: look once after it returned. Errors: not-found.
    [[nodiscard]] Result<void> add(const std::string& key, const std::string& folder);
    void remove(const std::string& key);
    // Keys to be looked at. When notifications were lost: all.
    [[nodiscard]] std::set<std::string> changed();

private:
    struct Watched {
        int watch = -1;
        platform::UniqueFd supervisor;
    };
    StepWatch(platform::UniqueFd epoll, platform::UniqueFd inotify)
        : epoll_(std::move(epoll)), inotify_(std::move(inotify)) {}
    void read_notifications(std::set<std::string>& keys);

    platform::UniqueFd epoll_, inotify_;
    std::map<std::string, Watched> watched_;
    std::map<int, std::string> keys_by_watch_;
    std::map<int, std::string> keys_by_supervisor_;  // by the pidfd's number
};

}  // namespace ararat::agent
