// Those who watch runs: first a snapshot, then what changed, from committed records. One that reads too
// slowly loses its queue and gets a new snapshot instead.
// Owner: the orchestrator's wiring; stopped before the engine is.
// Thread promise: on_committed() on the engine's thread; the rest from any thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <vector>

#include "ararat/v1/control.pb.h"
#include "server/engine.h"
#include "server/progress_board.h"
#include "server/stream_writer.h"

namespace ararat::server {

inline constexpr std::size_t kWatchQueueMax = 2'048;
inline constexpr std::size_t kWatchersMax = 256;

class WatchHub {
public:
    using Writer = StreamWriter<v1::RunUpdate>;

    // `ask`: Engine::query(), which refuses while too much waits.
    WatchHub(std::function<bool(Query)> ask, ProgressBoard& progress)
        : ask_(std::move(ask)), progress_(progress) {}

    // Takes a stream: it ends with the run, or with not-found, resource-exhausted or unavailable.
    void watch(const std::shared_ptr<Writer>& writer, const RunId& run);
    void on_committed(const EngineView& engine, const std::vector<execution::Record>& records);
    // Progress and summaries that have changed, and snapshots that are owed: about five times a second. `at`:
    // boot time.
    void flush(Duration at);
    // A sign of life to everyone, and what is waited for as it is now: hosts come and go without a record.
    void pulse(Instant now);
    void stop();

private:
    // One that has fallen behind hears nothing until its queue is empty (has_room) and the engine has made it
    // a new snapshot; where the engine is too busy to be asked, flush() asks again.
    struct Watcher {
        std::shared_ptr<Writer> writer;
        bool needs_snapshot = true;
        bool has_room = true;
        bool summary_due = false;
    };
    using WatcherKey = const Writer*;

    void begin(const EngineView& engine, const std::shared_ptr<Writer>& writer, const RunId& run);
    void send_snapshot(const EngineView& engine, const RunId& run, WatcherKey key);
    void send_summaries(const EngineView& engine);
    void on_drained(const RunId& run, WatcherKey key);
    void forget(const RunId& run, WatcherKey key);
    // Every watcher of the run that is up to date gets it; one whose queue is full falls back.
    void tell(const RunId& run, const v1::RunUpdate& update);
    [[nodiscard]] bool is_watched(const RunId& run);

    std::function<bool(Query)> ask_;
    ProgressBoard& progress_;
    std::mutex mutex_;
    bool stopping_ = false;
    std::map<RunId, std::map<WatcherKey, Watcher>> watchers_;
};

}  // namespace ararat::server
