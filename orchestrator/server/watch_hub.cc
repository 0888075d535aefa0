#include "server/watch_hub.h"

#include <utility>
#include <variant>

#include "server/views.h"
#include "server/waits.h"

namespace ararat::server {
namespace {

struct Touched {
    std::set<TaskId> tasks;
    bool summary_at_once = false;
};

// The run a record is about, and what of it changed; empty: no run.
RunId note_record(const execution::RecordBody& body, Touched& touched) {
    if (const auto* task = std::get_if<execution::TaskChanged>(&body)) {
        touched.tasks.insert(task->task);
        return task->run;
    }
    if (const auto* finished = std::get_if<execution::AttemptFinished>(&body)) {
        touched.tasks.insert(finished->key.task);
        return finished->key.run;
    }
    if (const auto* status = std::get_if<execution::RunStatusChanged>(&body)) {
        touched.summary_at_once = true;
        return status->run;
    }
    if (const auto* group = std::get_if<execution::GroupChanged>(&body)) {
        touched.summary_at_once = true;
        return group->run;
    }
    return {};
}

v1::RunUpdate summary_update(const EngineView& engine, const execution::Run& run) {
    v1::RunUpdate update;
    *update.mutable_summary() = run_summary(engine.state, run);
    add_waits(*update.mutable_summary(), engine, run);
    return update;
}

}  // namespace

void WatchHub::watch(const std::shared_ptr<Writer>& writer, const RunId& run) {
    WatcherKey key = writer.get();
    writer->set_hooks({[this, run, key] { on_drained(run, key); }, [this, run, key] { forget(run, key); }});
    const bool asked = ask_([this, writer, run](const EngineView& engine) { begin(engine, writer, run); });
    if (!asked) writer->end({grpc::StatusCode::UNAVAILABLE, "the orchestrator stops, or is overloaded"});
}

void WatchHub::begin(const EngineView& engine, const std::shared_ptr<Writer>& writer, const RunId& run) {
    if (!engine.state.runs.contains(run)) {
        writer->end({grpc::StatusCode::NOT_FOUND, "there is no run " + run.str()});
        return;
    }
    {
        const std::lock_guard lock(mutex_);
        std::size_t count = 0;
        for (const auto& [id, watchers] : watchers_) count += watchers.size();
        if (stopping_ || count >= kWatchersMax) {
            writer->end({grpc::StatusCode::RESOURCE_EXHAUSTED, "too many watch already"});
            return;
        }
        watchers_[run][writer.get()] = Watcher{writer};
    }
    if (writer->over()) {  // it went before it was known here, so that nobody forgot it
        forget(run, writer.get());
        return;
    }
    send_snapshot(engine, run, writer.get());
}

void WatchHub::on_committed(const EngineView& engine, const std::vector<execution::Record>& records) {
    std::map<RunId, Touched> touched;
    for (const execution::Record& record : records) {
        Touched of_record;
        const RunId run = note_record(record.body, of_record);
        if (run.empty() || !is_watched(run)) continue;
        touched[run].tasks.merge(of_record.tasks);
        touched[run].summary_at_once = touched[run].summary_at_once || of_record.summary_at_once;
    }
    for (const auto& [id, what] : touched) {
        const execution::Run& run = engine.state.runs.at(id);
        for (const TaskId& task : what.tasks) {
            const auto& graph = *run.index.graph;
            v1::RunUpdate update;
            *update.mutable_task() = task_view(run, *graph.tasks[graph.index_of.at(task)]);
            tell(id, update);
        }
        if (what.summary_at_once) tell(id, summary_update(engine, run));
        const std::lock_guard lock(mutex_);
        const auto watchers = watchers_.find(id);
        if (watchers == watchers_.end()) continue;
        for (auto& [key, watcher] : watchers->second) {
            watcher.summary_due = watcher.summary_due || !what.summary_at_once;
            if (is_final(run.status) && !watcher.needs_snapshot) watcher.writer->end(grpc::Status::OK);
        }
    }
}

void WatchHub::flush(Duration at) {
    for (const auto& [run, view] : progress_.take_changes(at)) {
        v1::RunUpdate update;
        *update.mutable_progress() = view;
        tell(run, update);
    }
    bool any_due = false;
    std::vector<std::pair<RunId, WatcherKey>> owed;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [run, watchers] : watchers_) {
            for (const auto& [key, watcher] : watchers) {
                any_due = any_due || watcher.summary_due;
                if (watcher.needs_snapshot && watcher.has_room) owed.emplace_back(run, key);
            }
        }
    }
    // The engine's refusal leaves both as they are: the next flush asks again.
    for (const auto& [run, key] : owed) {
        ask_([this, of = run, whose = key](const EngineView& engine) { send_snapshot(engine, of, whose); });
    }
    if (any_due) ask_([this](const EngineView& engine) { send_summaries(engine); });
}

void WatchHub::send_summaries(const EngineView& engine) {
    std::set<RunId> due;
    {
        const std::lock_guard lock(mutex_);
        for (auto& [run, watchers] : watchers_) {
            for (auto& [key, watcher] : watchers) {
                if (std::exchange(watcher.summary_due, false)) due.insert(run);
            }
        }
    }
    for (const RunId& run : due) tell(run, summary_update(engine, engine.state.runs.at(run)));
}

void WatchHub::pulse(Instant now) {
    v1::RunUpdate update;
    update.mutable_pulse()->set_sent_unix_ms(to_unix_ms(now));
    std::vector<RunId> runs;
    {
        const std::lock_guard lock(mutex_);
        for (auto& [run, watchers] : watchers_) {
            runs.push_back(run);
            for (auto& [key, watcher] : watchers) watcher.summary_due = true;
        }
    }
    for (const RunId& run : runs) tell(run, update);
}

void WatchHub::stop() {
    std::vector<std::shared_ptr<Writer>> writers;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        for (const auto& [run, watchers] : watchers_) {
            for (const auto& [key, watcher] : watchers) writers.push_back(watcher.writer);
        }
    }
    for (const auto& writer : writers) {
        writer->end(
            {grpc::StatusCode::UNAVAILABLE, "the orchestrator stops; the run goes on when it is back"});
    }
}

void WatchHub::send_snapshot(const EngineView& engine, const RunId& run, WatcherKey key) {
    std::shared_ptr<Writer> writer;
    {
        const std::lock_guard lock(mutex_);
        const auto watchers = watchers_.find(run);
        if (watchers == watchers_.end() || !watchers->second.contains(key)) return;
        Watcher& watcher = watchers->second.at(key);
        if (!watcher.needs_snapshot) return;  // asked for twice
        watcher.needs_snapshot = false;
        watcher.summary_due = false;
        writer = watcher.writer;
    }
    const execution::Run& found = engine.state.runs.at(run);
    v1::RunUpdate update;
    *update.mutable_snapshot() = run_view(engine.state, found);
    add_waits(*update.mutable_snapshot(), engine, found);
    for (auto& view : progress_.of_run(run)) *update.mutable_snapshot()->add_progress() = std::move(view);
    writer->offer(std::move(update));
    if (is_final(found.status)) writer->end(grpc::Status::OK);
}

void WatchHub::on_drained(const RunId& run, WatcherKey key) {
    {
        const std::lock_guard lock(mutex_);
        const auto watchers = watchers_.find(run);
        if (watchers == watchers_.end()) return;
        const auto watcher = watchers->second.find(key);
        if (watcher == watchers->second.end() || !watcher->second.needs_snapshot) return;
        watcher->second.has_room = true;
    }
    ask_([this, run, key](const EngineView& engine) { send_snapshot(engine, run, key); });
}

void WatchHub::forget(const RunId& run, WatcherKey key) {
    const std::lock_guard lock(mutex_);
    const auto watchers = watchers_.find(run);
    if (watchers == watchers_.end()) return;
    watchers->second.erase(key);
    if (watchers->second.empty()) watchers_.erase(watchers);
}

void WatchHub::tell(const RunId& run, const v1::RunUpdate& update) {
    const std::lock_guard lock(mutex_);
    const auto watchers = watchers_.find(run);
    if (watchers == watchers_.end()) return;
    for (auto& [key, watcher] : watchers->second) {
        if (watcher.needs_snapshot) continue;
        if (watcher.writer->offer(update)) continue;
        watcher.needs_snapshot = true;
        watcher.has_room = false;
    }
}

bool WatchHub::is_watched(const RunId& run) {
    const std::lock_guard lock(mutex_);
    return watchers_.contains(run);
}

}  // namespace ararat::server
