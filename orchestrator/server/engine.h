// The owner thread: holds all run state, turns inputs into durable records and lets effects out after the
// commit. Everything else posts to its inbox or reads through a query that runs on it.
//
// Owner: the orchestrator's wiring, which stops it before what its callbacks use.
// Thread promise: every public method from any thread but the engine's own (callbacks must not wait for
// the engine).
//
// Read-only, saying why, it answers questions and decides nothing more, until it is started anew:
// - a commit failed: what was decided is discarded and the state reloaded from the journal;
// - the journal is damaged: the state is that of the last record that holds, and nothing is written behind
// it;
// - a host has seen another history (distrust()).
// Where the journal can no longer be trusted to be on disk (fsync failed, SQLite finds its file corrupt at a
// commit) the process aborts.
#pragma once

#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "execution/engine_core.h"
#include "platform/clock.h"
#include "server/inbox.h"
#include "store/journal.h"
#include "store/snapshot.h"

namespace ararat::server {

// Why the ticket of a channel is with neither of its ends; empty: nothing is missing. Does not block.
using TicketWait = std::function<std::string(const RunId&, const ChannelId&)>;

// Committed state, as a query or an observer sees it on the engine's thread. Not to be kept.
struct EngineView {
    const execution::State& state;
    const execution::Connectivity& connectivity;
    Instant now;
    bool read_only = false;
    const std::string& read_only_reason;
    const TicketWait& ticket_wait;  // may be empty
};

// Snapshots cost the engine's thread what their size takes: they are made when nothing else waits, or when so
// much has been recorded since the last one that a restart would be slow. A short journal needs none: it is
// replayed, and so verified, as a whole.
inline constexpr std::uint64_t kSnapshotWhenIdle = 50'000;
inline constexpr std::uint64_t kSnapshotAtLast = 4 * kSnapshotWhenIdle;
inline constexpr std::uint64_t kSnapshotAtStop = 5'000;

struct EngineOptions {
    ProjectId project;
    std::string version;
    store::Journal* journal = nullptr;
    platform::Clock* clock = nullptr;
    // A group whose step is out on a host that has been away for this long is held for a person.
    Duration lost_after = execution::kLostAfter;
    TicketWait ticket_wait;
    // No snapshots are made or believed without it: a secret that is not in the database.
    std::string snapshot_key;
    // Records since the last snapshot that make a new one due when nothing waits.
    std::uint64_t snapshot_when_idle = kSnapshotWhenIdle;
    // Not empty: it answers questions only, from the start on.
    std::string read_only_reason;
    // The journal came from a backup and a person has given up what had been recorded since.
    bool history_lost = false;
    // The journal does not hold, and why: once, while it opens.
    std::function<void(const std::string& problem)> damaged;
    // Nothing is written from here on: on the engine's thread, or while it opens; must not block.
    std::function<void(const std::string& why)> stopped_writing;
    // Both on the engine's thread, after the commit; must not block.
    std::function<void(const std::vector<execution::Effect>&)> dispatch;
    std::function<void(const EngineView&, const std::vector<execution::Record>&)> committed;
};

inline constexpr Duration kSubmitTimeout{30'000};
// The wall clock is followed where it is slewed or set by less (a leap second, a first synchronisation); all
// such steps since the last jump that was recorded count together.
inline constexpr Duration kClockJumpMin{5'000};

class Engine {
public:
    // Replays the journal, opens a new epoch in it and starts the thread; read-only, without an epoch of its
    // own, where the journal is damaged or refuses it. Errors: a journal that cannot be read at all.
    [[nodiscard]] static Result<std::unique_ptr<Engine>> start(EngineOptions options);
    // The same without a thread, for an owner that makes every turn itself: a simulator in virtual time.
    [[nodiscard]] static Result<std::unique_ptr<Engine>> idle(EngineOptions options);
    // Decides the batch, makes it durable, lets its effects out. Only on an idle() engine.
    void turn(std::vector<Letter> batch);
    // How long a turn may wait for letters before it is due anyhow.
    [[nodiscard]] Duration wait_time() const;
    [[nodiscard]] EngineView view() const;
    ~Engine();
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    // From hosts. Beyond the inbox's bound a report is dropped: the host says it again.
    void post(execution::Input input);
    // From people: waits until it is durable or refused. Errors: decide()'s, resource-exhausted (too much
    // waits already), deadline-exceeded (it may still happen), unavailable (stopping), failed-precondition
    // (read-only).
    [[nodiscard]] Result<Committed> submit(execution::Input input);
    // Runs on the engine's thread between commits. False: stopping or full; it will not run.
    bool query(Query query);
    // query() and wait for what `f(view)` returns.
    template <typename F>
    [[nodiscard]] auto read(F f) -> Result<std::invoke_result_t<F, const EngineView&>>;

    [[nodiscard]] std::uint64_t epoch() const { return epoch_; }
    // The epoch that began with the last accepted loss; 0: there was none.
    [[nodiscard]] std::uint64_t loss_epoch() const { return loss_epoch_; }
    // Of the last commit.
    [[nodiscard]] std::uint64_t sequence() const { return head().sequence; }
    [[nodiscard]] store::ChainHead head() const;

    // A host proves that this journal is not the one it has obeyed: going on would repeat or lose steps.
    void distrust(std::string why);
    // Errors: failed-precondition "read-only: why".
    [[nodiscard]] Result<void> check_writable() const;

    // Finishes the batch at hand, refuses the rest, joins the thread.
    void stop();

private:
    struct Answer {
        Reply reply;
        Result<Committed> outcome;
    };
    // One turn of the loop: what one batch came to, before it is durable.
    struct Turn {
        std::vector<execution::Record> records;
        std::vector<CompiledPlanPtr> plans;
        std::vector<execution::Input> host_inputs;  // they get replies
        std::vector<Answer> answers;
        std::vector<Query> queries;
    };

    explicit Engine(EngineOptions options) : options_(std::move(options)) {
        connectivity_.lost_after = options_.lost_after;
    }

    Result<void> open();
    void run();
    [[nodiscard]] Turn decide_batch(std::vector<Letter> batch);
    void decide_one(Turn& turn, Submission submission);
    void schedule_all(Turn& turn);
    void record(Turn& turn, execution::RecordBody body);
    void note_connection(const execution::Input& input);
    // Once a turn: all of its times are by this reading.
    void read_clock();
    [[nodiscard]] Instant now() const { return booted_at_ + options_.clock->boottime(); }
    void notice_clock_jump(Turn& turn);
    void note_jump(Turn& turn, Duration by);
    [[nodiscard]] Duration jump_while_away() const;
    [[nodiscard]] Result<void> commit(Turn& turn);
    void let_out(Turn& turn);
    void fall_back(Turn& turn, const Error& why);
    void take_up(store::Restored restored);
    void stop_writing(const std::string& why);
    void publish(store::ChainHead head);
    void refuse_rest();
    [[nodiscard]] store::SnapshotTerms snapshot_terms() const {
        return {options_.snapshot_key, options_.version};
    }
    // When at least `records` have come since the last one.
    void keep_snapshot(std::uint64_t records);

    EngineOptions options_;
    Inbox inbox_;
    std::uint64_t epoch_ = 0;
    std::uint64_t loss_epoch_ = 0;
    std::thread thread_;

    // What other threads may see at any time.
    mutable std::mutex published_mutex_;
    store::ChainHead head_;
    std::string published_read_only_;

    // The engine thread's own from here.
    execution::State state_;
    execution::Connectivity connectivity_;
    std::optional<std::string> read_only_;
    Instant booted_at_;                    // by the wall clock, as it was read last
    std::uint64_t snapshot_sequence_ = 0;  // of the last snapshot that was made, taken up or tried
};

template <typename F>
auto Engine::read(F f) -> Result<std::invoke_result_t<F, const EngineView&>> {
    using T = std::invoke_result_t<F, const EngineView&>;
    auto promise = std::make_shared<std::promise<T>>();
    auto future = promise->get_future();
    const bool taken =
        query([promise, f = std::move(f)](const EngineView& engine) { promise->set_value(f(engine)); });
    promise.reset();  // dropped unanswered: the future breaks instead of waiting
    if (!taken) return Error{ErrorCode::kUnavailable, "the engine is stopping or overloaded"};
    if (future.wait_for(kSubmitTimeout) != std::future_status::ready) {
        return Error{ErrorCode::kDeadlineExceeded, "the engine did not answer in time"};
    }
    try {
        return future.get();
    } catch (const std::future_error&) {
        return Error{ErrorCode::kUnavailable, "the engine has stopped"};
    }
}

}  // namespace ararat::server
