// Those who read the output of a task, or of every task of a run, and follow it while it grows. Files are
// read on one thread of its own. Owner: the orchestrator's wiring; stopped before the engine is. Thread
// promise: on_committed() on the engine's thread; the rest from any thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include "ararat/v1/control.pb.h"
#include "server/engine.h"
#include "server/log_store.h"
#include "server/stream_writer.h"

namespace ararat::server {

inline constexpr std::size_t kLogStreamsMax = 256;
inline constexpr std::size_t kLogQueueMax = 8;
inline constexpr std::size_t kLogPieceBytes = 64 * 1024;

// Where an earlier call ended.
struct LogPosition {
    execution::AttemptKey key;
    std::uint64_t offset = 0;
};
struct LogQuery {
    RunId run;
    TaskId task;  // empty: every task of the run
    bool follow = false;
    std::vector<LogPosition> from;
};

class LogStreams {
public:
    using Writer = StreamWriter<v1::LogChunk>;

    LogStreams(Engine& engine, LogStore& store);
    ~LogStreams();

    // Takes a stream: it ends after the last byte there is, or when following, when the task or run is over.
    void read(const std::shared_ptr<Writer>& writer, const LogQuery& query);
    void on_committed(const EngineView& engine, const std::vector<execution::Record>& records);
    void stop();

private:
    using TailKey = const Writer*;
    struct Tail {
        std::shared_ptr<Writer> writer;
        LogQuery query;
        LogStore::Subscription subscription;

        // The reading thread's own.
        std::map<TaskId, LogCursor> cursors;
        std::deque<TaskId> unread;            // may have more, in the order in which they are looked at
        std::optional<v1::LogChunk> pending;  // read, but there was no room for it

        std::set<TaskId> added;  // guarded by the streams' lock: output came
    };

    void begin(const EngineView& engine, const std::shared_ptr<Writer>& writer, const LogQuery& query);
    void place_cursors(Tail& tail) const;
    void wake(TailKey key);
    void note_added(TailKey key, const TaskId& task);
    void forget(TailKey key);
    void run();
    void pump(TailKey key);
    // True: there may be more to do at once.
    bool advance(Tail& tail, bool ends_at_end);

    Engine& engine_;
    LogStore& store_;
    std::mutex mutex_;
    std::condition_variable woken_;
    bool stopping_ = false;
    std::map<TailKey, std::shared_ptr<Tail>> tails_;
    std::set<TailKey> ready_;
    std::set<TailKey> ends_at_end_;  // not following, or the task or run is over
    std::thread thread_;
};

}  // namespace ararat::server
