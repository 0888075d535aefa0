#include "server/log_streams.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "transport/grpc_status.h"
#include "wire/convert.h"

namespace ararat::server {

LogStreams::LogStreams(Engine& engine, LogStore& store) : engine_(engine), store_(store) {
    thread_ = std::thread([this] { run(); });
}

LogStreams::~LogStreams() { stop(); }

void LogStreams::read(const std::shared_ptr<Writer>& writer, const LogQuery& query) {
    TailKey key = writer.get();
    writer->set_hooks({[this, key] { wake(key); }, [this, key] { forget(key); }});
    const bool asked =
        engine_.query([this, writer, query](const EngineView& engine) { begin(engine, writer, query); });
    if (!asked) writer->end({grpc::StatusCode::UNAVAILABLE, "the orchestrator stops, or is overloaded"});
}

void LogStreams::begin(const EngineView& engine, const std::shared_ptr<Writer>& writer,
                       const LogQuery& query) {
    const auto run = engine.state.runs.find(query.run);
    const bool known =
        run != engine.state.runs.end() && (query.task.empty() || run->second.tasks.contains(query.task));
    if (!known) {
        writer->end({grpc::StatusCode::NOT_FOUND,
                     query.task.empty()
                         ? "there is no run " + query.run.str()
                         : "there is no run " + query.run.str() + " with a task " + query.task.str()});
        return;
    }
    bool is_over = is_final(run->second.status);
    TailKey key = writer.get();
    auto tail = std::make_shared<Tail>();
    tail->writer = writer;
    tail->query = query;
    if (query.task.empty()) {
        for (const Task* task : run->second.index.graph->tasks) tail->unread.push_back(task->id);
    } else {
        tail->unread.push_back(query.task);
        is_over = is_over || is_final(run->second.tasks.at(query.task).state);
    }
    if (query.follow) {
        tail->subscription = store_.subscribe(query.run, query.task,
                                              [this, key](const TaskId& task) { note_added(key, task); });
    }
    {
        const std::lock_guard lock(mutex_);
        if (stopping_ || tails_.size() >= kLogStreamsMax) {
            writer->end({grpc::StatusCode::RESOURCE_EXHAUSTED, "too many read logs already"});
            return;
        }
        tails_[key] = std::move(tail);
        if (!query.follow || is_over) ends_at_end_.insert(key);
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
        const LogQuery& query = tail->query;
        if (!over.contains({query.run, query.task}) && !over_runs.contains(query.run)) continue;
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

void LogStreams::note_added(TailKey key, const TaskId& task) {
    {
        const std::lock_guard lock(mutex_);
        const auto tail = tails_.find(key);
        if (tail == tails_.end()) return;
        tail->second->added.insert(task);
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
        for (const TaskId& task : std::exchange(tail->added, {})) {
            const auto& unread = tail->unread;
            if (std::find(unread.begin(), unread.end(), task) == unread.end()) tail->unread.push_back(task);
        }
    }
    if (!tail->query.from.empty()) place_cursors(*tail);
    while (advance(*tail, ends_at_end)) {
    }
}

void LogStreams::place_cursors(Tail& tail) const {
    const std::set<TaskId> known(tail.unread.begin(), tail.unread.end());
    for (const LogPosition& position : std::exchange(tail.query.from, {})) {
        if (position.key.run != tail.query.run || !known.contains(position.key.task)) continue;
        const auto cursor = store_.cursor_at(position.key, position.offset);
        if (cursor.ok()) tail.cursors[position.key.task] = cursor.value();
    }
}

bool LogStreams::advance(Tail& tail, bool ends_at_end) {
    while (!tail.pending) {
        if (tail.unread.empty()) {
            if (ends_at_end) tail.writer->end(grpc::Status::OK);
            return false;
        }
        const TaskId task = tail.unread.front();
        auto piece = store_.read(tail.query.run, task, tail.cursors[task], kLogPieceBytes);
        if (!piece.ok()) {
            tail.writer->end(transport::to_status(piece.error()));
            return false;
        }
        if (!piece.value()) {
            tail.unread.pop_front();
            continue;
        }
        LogPiece& found = *piece.value();
        v1::LogChunk& chunk = tail.pending.emplace();
        chunk.set_task(task.str());
        *chunk.mutable_key() = wire::to_proto(found.key);
        chunk.set_offset(found.offset);
        chunk.set_data(std::move(found.data));
        chunk.set_truncated(found.truncated);
        // One that prints without end must not keep the others from being shown.
        if (tail.query.follow && tail.unread.size() > 1) {
            tail.unread.pop_front();
            tail.unread.push_back(task);
        }
    }
    if (!tail.writer->offer(*tail.pending)) return false;  // on_drained wakes it
    tail.pending.reset();
    return true;
}

}  // namespace ararat::server
