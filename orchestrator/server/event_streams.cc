#include "server/event_streams.h"

#include <fmt/format.h>

#include <algorithm>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "transport/grpc_status.h"
#include "wire/convert.h"

namespace ararat::server {
namespace {

constexpr std::uint64_t kReadMax = 500;
constexpr int kTurnMax = 1'000;  // records before the next reader has its turn

bool ends_run(const execution::RecordBody& body, const RunId& run) {
    const auto* status = std::get_if<execution::RunStatusChanged>(&body);
    return status != nullptr && status->run == run && is_final(status->status);
}

}  // namespace

RunId run_of(const execution::RecordBody& body) {
    return std::visit(
        [](const auto& value) -> RunId {
            if constexpr (requires { value.key.run; }) {
                return value.key.run;
            } else if constexpr (requires { value.run; }) {
                return value.run;
            } else {
                return {};
            }
        },
        body);
}

EventStreams::EventStreams(store::Journal& journal, std::function<bool(Query)> ask,
                           std::function<std::uint64_t()> head)
    : journal_(journal), ask_(std::move(ask)), head_(std::move(head)) {
    thread_ = std::thread([this] { run(); });
}

EventStreams::~EventStreams() { stop(); }

void EventStreams::read(const std::shared_ptr<Writer>& writer, const EventQuery& query) {
    TailKey key = writer.get();
    writer->set_hooks({[this, key] { wake(key); }, [this, key] { forget(key); }});
    const bool asked =
        ask_([this, writer, query](const EngineView& engine) { begin(engine, writer, query); });
    if (!asked) writer->end({grpc::StatusCode::UNAVAILABLE, "the orchestrator stops, or is overloaded"});
}

void EventStreams::begin(const EngineView& engine, const std::shared_ptr<Writer>& writer, EventQuery query) {
    if (!query.run.empty()) {
        const auto run = engine.state.runs.find(query.run);
        if (run == engine.state.runs.end()) {
            writer->end({grpc::StatusCode::NOT_FOUND, "there is no run " + query.run.str()});
            return;
        }
        if (is_final(run->second.status)) query.follow = false;  // its end may be behind `since`
    }
    TailKey key = writer.get();
    auto tail = std::make_shared<Tail>();
    tail->writer = writer;
    tail->sent = query.since;
    tail->query = std::move(query);
    {
        const std::lock_guard lock(mutex_);
        if (stopping_ || tails_.size() >= kEventStreamsMax) {
            writer->end({grpc::StatusCode::RESOURCE_EXHAUSTED, "too many read events already"});
            return;
        }
        tails_[key] = std::move(tail);
    }
    if (writer->over()) {  // it went before it was known here, so that nobody forgot it
        forget(key);
        return;
    }
    wake(key);
}

void EventStreams::on_committed() {
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [key, tail] : tails_) ready_.insert(key);
    }
    woken_.notify_one();
}

void EventStreams::pulse(Duration at) {
    std::vector<std::pair<std::shared_ptr<Writer>, v1::EventUpdate>> alive;
    std::vector<std::shared_ptr<Writer>> stuck;
    {
        const std::lock_guard lock(mutex_);
        for (auto& [key, tail] : tails_) {
            if (!tail->is_stalled) {
                tail->stalled_since.reset();
                v1::EventUpdate update;
                update.set_sequence(tail->sent);
                alive.emplace_back(tail->writer, std::move(update));
                continue;
            }
            if (!tail->stalled_since) tail->stalled_since = at;
            if (at - *tail->stalled_since < kSlowReaderAfter) continue;
            tail->stalled_since.reset();  // once sent away it has as long again to read that it was
            if (tail->is_dropped) {
                stuck.push_back(tail->writer);
            } else {
                // By the thread that gives it records: only that one knows which was the last.
                tail->is_too_slow = true;
                ready_.insert(key);
            }
        }
    }
    woken_.notify_one();
    for (auto& [writer, update] : alive)
        writer->offer(std::move(update));                // a full queue is a sign of life too
    for (const auto& writer : stuck) writer->abandon();  // it does not even read that it was sent away
}

void EventStreams::stop() {
    std::vector<std::shared_ptr<Tail>> tails;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        for (const auto& [key, tail] : tails_) tails.push_back(tail);
    }
    woken_.notify_one();
    if (thread_.joinable()) thread_.join();
    for (const auto& tail : tails)
        tail->writer->end({grpc::StatusCode::UNAVAILABLE, "the orchestrator stops"});
}

std::size_t EventStreams::dropped() const {
    const std::lock_guard lock(mutex_);
    return dropped_;
}

void EventStreams::wake(TailKey key) {
    {
        const std::lock_guard lock(mutex_);
        if (!tails_.contains(key)) return;
        ready_.insert(key);
    }
    woken_.notify_one();
}

void EventStreams::forget(TailKey key) {
    const std::lock_guard lock(mutex_);
    tails_.erase(key);
    ready_.erase(key);
}

void EventStreams::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        woken_.wait(lock, [this] { return stopping_ || !ready_.empty(); });
        if (stopping_) return;
        TailKey key = *ready_.begin();
        ready_.erase(ready_.begin());
        lock.unlock();
        pump(key);
        lock.lock();
    }
}

void EventStreams::pump(TailKey key) {
    std::shared_ptr<Tail> tail;
    {
        const std::lock_guard lock(mutex_);
        const auto found = tails_.find(key);
        if (found == tails_.end() || found->second->is_dropped) return;
        tail = found->second;
        tail->is_dropped = tail->is_stalled && tail->is_too_slow;
        if (tail->is_dropped) ++dropped_;
    }
    if (tail->is_dropped) {
        tail->writer->end(
            {grpc::StatusCode::RESOURCE_EXHAUSTED,
             fmt::format("this reader takes nothing for {} s and is sent away; go on after record {}",
                         kSlowReaderAfter.count() / 1000, tail->sent)});
        return;
    }
    for (int turn = 0; turn < kTurnMax; ++turn) {
        if (!advance(*tail)) return;
    }
    wake(key);
}

bool EventStreams::advance(Tail& tail) {
    if (!tail.pending && !next(tail)) return false;
    const bool is_taken = tail.writer->offer(*tail.pending);
    {
        const std::lock_guard lock(mutex_);
        tail.is_stalled = !is_taken;
        if (is_taken) {
            tail.is_too_slow = false;
            tail.stalled_since.reset();
            tail.sent = tail.pending->sequence();
        }
    }
    if (!is_taken) return false;  // on_drained wakes it
    tail.pending.reset();
    if (!tail.ends) return true;
    tail.writer->end(grpc::Status::OK);
    return false;
}

bool EventStreams::next(Tail& tail) {
    while (true) {
        if (tail.records.empty() && !refill(tail)) return false;
        const execution::Record record = std::move(tail.records.front());
        tail.records.pop_front();
        tail.query.since = record.sequence;
        const RunId& run = tail.query.run;
        if (!run.empty() && run_of(record.body) != run) continue;
        v1::EventUpdate& update = tail.pending.emplace();
        *update.mutable_record() = wire::to_proto(record);
        update.set_sequence(record.sequence);
        tail.ends = !run.empty() && ends_run(record.body, run);
        return true;
    }
}

bool EventStreams::refill(Tail& tail) {
    // What was not committed, or stands behind damage, is not shown.
    const std::uint64_t head = head_();
    if (tail.query.since < head) {
        auto entries = journal_.read(tail.query.since + 1, std::min(kReadMax, head - tail.query.since));
        if (!entries.ok()) {
            tail.writer->end(transport::to_status(entries.error()));
            return false;
        }
        for (store::JournalEntry& entry : *entries) tail.records.push_back(std::move(entry.record));
        if (!tail.records.empty()) return true;
    }
    if (!tail.query.follow) tail.writer->end(grpc::Status::OK);
    const std::lock_guard lock(mutex_);
    tail.sent = tail.query.since;  // whatever of it was not for this reader
    return false;
}

}  // namespace ararat::server
