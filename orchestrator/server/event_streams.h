// Those who read the journal's records as they come. Each is given what it has room for, from the journal
// itself, so that one who lags costs no memory; one who takes nothing for kSlowReaderAfter is sent away with
// words, and goes on later from the sequence it has. The journal is read on one thread of its own. Owner: the
// orchestrator's wiring; stopped before the engine is. Thread promise: any thread.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include "ararat/v1/control.pb.h"
#include "server/engine.h"
#include "server/stream_writer.h"
#include "store/journal.h"

namespace ararat::server {

inline constexpr std::size_t kEventStreamsMax = 256;
inline constexpr std::size_t kEventQueueMax = 256;
inline constexpr Duration kSlowReaderAfter{60'000};

struct EventQuery {
    std::uint64_t since = 0;  // records after this one
    RunId run;                // empty: every record
    bool follow = false;
};

class EventStreams {
public:
    using Writer = StreamWriter<v1::EventUpdate>;

    // `ask`: Engine::query(). `head`: sequence of the last commit; does not block.
    EventStreams(store::Journal& journal, std::function<bool(Query)> ask,
                 std::function<std::uint64_t()> head);
    ~EventStreams();

    // Takes a stream: it ends after the newest record or, following, with its run's end.
    void read(const std::shared_ptr<Writer>& writer, const EventQuery& query);
    // There are new records.
    void on_committed();
    // Signs of life, and the end of readers that are too slow. `at`: boot time. Call every few seconds.
    void pulse(Duration at);
    void stop();

    // Readers that were sent away.
    [[nodiscard]] std::size_t dropped() const;

private:
    using TailKey = const Writer*;
    struct Tail {
        std::shared_ptr<Writer> writer;
        EventQuery query;  // `since` moves on

        // The reading thread's own.
        std::deque<execution::Record> records;   // read, not looked at yet
        std::optional<v1::EventUpdate> pending;  // there was no room for it
        bool ends = false;                       // after `pending`

        // Guarded by the streams' lock.
        std::uint64_t sent = 0;
        bool is_stalled = false;  // its queue is full
        std::optional<Duration> stalled_since;
        bool is_too_slow = false;
        bool is_dropped = false;
    };

    void begin(const EngineView& engine, const std::shared_ptr<Writer>& writer, EventQuery query);
    void wake(TailKey key);
    void forget(TailKey key);
    void run();
    void pump(TailKey key);
    // True: there may be more to do at once.
    bool advance(Tail& tail);
    // The next record that the reader wants. False: none has come yet, or the stream was ended.
    bool next(Tail& tail);
    bool refill(Tail& tail);

    store::Journal& journal_;
    std::function<bool(Query)> ask_;
    std::function<std::uint64_t()> head_;
    mutable std::mutex mutex_;
    std::condition_variable woken_;
    bool stopping_ = false;
    std::size_t dropped_ = 0;
    std::map<TailKey, std::shared_ptr<Tail>> tails_;
    std::set<TailKey> ready_;
    std::thread thread_;
};

// The run a record is about; empty: none.
[[nodiscard]] RunId run_of(const execution::RecordBody& body);

}  // namespace ararat::server
