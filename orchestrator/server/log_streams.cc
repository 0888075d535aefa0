#include "server/log_streams.h"

#include <utility>
#include <variant>

#include "transport/grpc_status.h"
#include "wire/convert.h"

namespace ararat::server {

LogStreams::LogStreams(Engine& engine, LogStore& store) : engine_(engine), store_(store) {
    thread_ = std::thread([this] { run(); });
}

LogStreams::~LogStreams() { stop(); }

void LogStreams::read(const std::shared_ptr<Writer>& writer, const RunId& run, const TaskId& task,
                      bool follow) {
    TailKey key = writer.get();
    writer->set_hooks({[this, key] { wake(key); }, [this, key] { forget(key); }});
    const bool asked = engine_.query([this, writer, run, task, follow](const EngineView& engine) {
        begin(engine, writer, run, task, follow);
    });
    if (!asked) writer->end({grpc::StatusCode::UNAVAILABLE, "the orchestrator stops, or is overloaded"});
}

void LogStreams::begin(const EngineView& engine, const std::shared_ptr<Writer>& writer, const RunId& run_id,
                       const TaskId& task, bool follow) {
    const auto run = engine.state.runs.find(run_id);
    if (run == engine.state.runs.end() || !run->second.tasks.contains(task)) {
        writer->end(
            {grpc::StatusCode::NOT_FOUND, "there is no run " + run_id.str() + " with a task " + task.str()});
        return;
    }
    const bool is_over = is_final(run->second.tasks.at(task).state) || is_final(run->second.status);
    TailKey key = writer.get();
    auto tail = std::make_shared<Tail>(Tail{writer, run_id, task, {}, {}, {}});
    if (follow) tail->subscription = store_.subscribe(run_id, task, [this, key] { wake(key); });
    {
        const std::lock_guard lock(mutex_);
        if (stopping_ || tails_.size() >= kLogStreamsMax) {
            writer->end({grpc::StatusCode::RESOURCE_EXHAUSTED, "too many read logs already"});
            return;
        }
        tails_[key] = std::move(tail);
        if (!follow || is_over) ends_at_end_.insert(key);
    }
    if (writer->over()) {  // it went before it was known here, so that nobody forgot it
        forget(key);
        return;
    }
    wake(key);
}

void LogStreams::on_committed(const EngineView& engine, const std::vector<execution::Record>& records) {
    std::set<std::pair<RunId, TaskId>> over;
    std::set<RunId> over_runs;
    for (const execution::Record& record : records) {
        if (const auto* task = std::get_if<execution::TaskChanged>(&record.body)) {
            const auto run = engine.state.runs.find(task->run);
            if (is_final(run->second.tasks.at(task->task).state)) over.insert({task->run, task->task});
        } else if (const auto* status = std::get_if<execution::RunStatusChanged>(&record.body)) {
            if (is_final(status->status)) over_runs.insert(status->run);
        }
    }
    if (over.empty() && over_runs.empty()) return;
    const std::lock_guard lock(mutex_);
    for (const auto& [key, tail] : tails_) {
        if (!over.contains({tail->run, tail->task}) && !over_runs.contains(tail->run)) continue;
        ends_at_end_.insert(key);
        ready_.insert(key);
    }
    woken_.notify_one();
}

void LogStreams::stop() {
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

void LogStreams::wake(TailKey key) {
    {
        const std::lock_guard lock(mutex_);
        if (!tails_.contains(key)) return;
        ready_.insert(key);
    }
    woken_.notify_one();
}

void LogStreams::forget(TailKey key) {
    std::shared_ptr<Tail> last;  // its subscription goes outside the lock
    const std::lock_guard lock(mutex_);
    const auto tail = tails_.find(key);
    if (tail == tails_.end()) return;
    last = std::move(tail->second);
    tails_.erase(tail);
    ready_.erase(key);
    ends_at_end_.erase(key);
}

void LogStreams::run() {
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

void LogStreams::pump(TailKey key) {
    std::shared_ptr<Tail> tail;
    bool ends_at_end = false;
    {
        const std::lock_guard lock(mutex_);
        const auto found = tails_.find(key);
        if (found == tails_.end()) return;
        tail = found->second;
        // Looked at before the files: output that came before the end is then read before the end is told.
        ends_at_end = ends_at_end_.contains(key);
    }
    while (advance(*tail, ends_at_end)) {
    }
}

bool LogStreams::advance(Tail& tail, bool ends_at_end) {
    if (!tail.pending) {
        auto piece = store_.read(tail.run, tail.task, tail.cursor, kLogPieceBytes);
        if (!piece.ok()) {
            tail.writer->end(transport::to_status(piece.error()));
            return false;
        }
        if (!piece.value()) {
            if (ends_at_end) tail.writer->end(grpc::Status::OK);
            return false;
        }
        LogPiece& found = *piece.value();
        v1::LogChunk& chunk = tail.pending.emplace();
        chunk.set_task(tail.task.str());
        *chunk.mutable_key() = wire::to_proto(found.key);
        chunk.set_offset(found.offset);
        chunk.set_data(std::move(found.data));
        chunk.set_truncated(found.truncated);
    }
    if (!tail.writer->offer(*tail.pending)) return false;  // on_drained wakes it
    tail.pending.reset();
    return true;
}

}  // namespace ararat::server
