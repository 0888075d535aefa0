// Output of steps, kept in files: ROOT/RUN/TASK/NNNN-PURPOSE-ATTEMPT.log, where NNNN counts the task's
// attempts in the order in which their output first came. '/' in a name is written as '+'.
// Each file is capped; what came beyond is dropped and a marker file says so. Output is for people: a write
// that fails is logged and does not stop a step. It is on the disk before its host is told to forget it.
// Thread promise: any thread. Calls write local files; they do not wait for the network.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "execution/attempt_key.h"
#include "model/ids.h"
#include "transport/host_link.h"

namespace ararat::server {

inline constexpr std::uint64_t kLogBytesMax = std::uint64_t{16} << 20U;  // of one attempt

struct LogPiece {
    execution::AttemptKey key;
    std::uint64_t offset = 0;
    std::string data;
    bool truncated = false;
};

// Where a reader of one task's output stands.
struct LogCursor {
    std::size_t file = 0;  // index in the order of attempts
    std::uint64_t offset = 0;
    bool truncation_told = false;
};

class LogStore {
public:
    explicit LogStore(ProjectId project, std::string root)
        : project_(std::move(project)), root_(std::move(root)) {}

    void append(const transport::OutputChunk& chunk);
    // What these attempts have printed is on the disk when it returns. A failure is logged.
    void sync(const std::vector<execution::AttemptKey>& keys);
    // The next piece from `cursor` on, at most `bytes_max`, and moves the cursor; nothing: it has all.
    [[nodiscard]] Result<std::optional<LogPiece>> read(const RunId& run, const TaskId& task,
                                                       LogCursor& cursor, std::size_t bytes_max) const;

    // Where a reader stands who has had `offset` bytes of this attempt, and all of those before it. An
    // attempt without output here: at the beginning of everything.
    [[nodiscard]] Result<LogCursor> cursor_at(const execution::AttemptKey& key, std::uint64_t offset) const;

    // Called after output of this task (empty: of any of the run) was added, from the thread that added it,
    // as long as the returned handle lives (a last call may still be under way when it goes).
    using Added = std::function<void(const TaskId&)>;
    using Subscription = std::shared_ptr<Added>;
    [[nodiscard]] Subscription subscribe(const RunId& run, const TaskId& task, Added added);

private:
    [[nodiscard]] std::string directory_of(const RunId& run, const TaskId& task) const;
    [[nodiscard]] Result<std::string> file_for(const execution::AttemptKey& key);
    void notify(const execution::AttemptKey& key);

    ProjectId project_;
    std::string root_;
    std::mutex mutex_;
    std::map<execution::AttemptKey, std::string> files_;  // of recent attempts
    std::map<execution::AttemptKey, std::string> unsynced_;
    std::multimap<std::pair<RunId, TaskId>, std::weak_ptr<Added>> subscribers_;
};

}  // namespace ararat::server
