#include "server/explain.h"

#include <fmt/format.h>

#include <algorithm>

#include "server/views.h"
#include "server/waits.h"

namespace ararat::server {
namespace {

using execution::Run;
using execution::State;

const Run* run_with_task(const State& state, const TaskId& task) {
    const Run* newest = nullptr;
    for (const auto& [id, run] : state.runs) {
        if (run.tasks.contains(task) && (!newest || run.started_at >= newest->started_at)) newest = &run;
    }
    return newest;
}

v1::WhyResponse explain_task(const EngineView& engine, const Run& run, const TaskId& task) {
    v1::WhyResponse response;
    response.set_state(std::string(to_string(run.tasks.at(task).state)));
    for (auto& reason : reasons_of(engine, run, task)) {
        response.add_reasons(std::move(reason));
    }
    return response;
}

void explain_run(v1::WhyResponse& response, const EngineView& engine, const Run& run) {
    if (!run.reason.empty()) response.add_reasons(fmt::format("run {}: {}", run.id.str(), run.reason));
    if (is_final(run.status)) return;
    for (auto& reason : execution::why(engine.state, engine.connectivity, run, engine.now)) {
        response.add_reasons(std::move(reason));
    }
}

v1::WhyResponse explain_wave(const EngineView& engine, const Wave& wave) {
    v1::WhyResponse response;
    auto view = wave_view(engine.state, *engine.state.plan, wave, engine.now);
    response.set_state(view.state());
    for (const auto& reason : view.waits_for()) response.add_reasons(reason);
    if (const Run* run = newest_run(engine.state, wave.id)) explain_run(response, engine, *run);
    for (const std::string& reason : wave.reasons) response.add_reasons("placed here: " + reason);
    return response;
}

v1::WhyResponse explain_host(const EngineView& engine, const EstateHost& host) {
    v1::WhyResponse response;
    const auto view = host_view(engine.state, engine.connectivity, host);
    response.set_state(view.state());
    if (!view.reason().empty()) response.add_reasons(view.reason());
    if (view.state() == "never") response.add_reasons("it has not connected since the orchestrator started");
    for (const RunId& id : engine.state.active_runs) {
        const Run& run = engine.state.runs.at(id);
        for (const Task& task : run.plan->tasks) {
            const auto progress = run.tasks.find(task.id);
            if (task.executor != host.id || progress == run.tasks.end()) continue;
            if (!progress->second.in_flight) continue;
            response.add_reasons(fmt::format("run {}: {} is {} there", id.str(), task.id.str(),
                                             to_string(progress->second.state)));
        }
    }
    return response;
}

}  // namespace

Result<v1::WhyResponse> explain(const EngineView& engine, const RunId& run_id, const std::string& subject) {
    const State& state = engine.state;
    const TaskId task(subject);
    if (!run_id.empty()) {
        const auto run = state.runs.find(run_id);
        if (run == state.runs.end()) {
            return Error{ErrorCode::kNotFound, fmt::format("there is no run {}", run_id.str())};
        }
        if (!run->second.tasks.contains(task)) {
            return Error{ErrorCode::kNotFound, fmt::format("run {} has no task {}", run_id.str(), subject)};
        }
        return explain_task(engine, run->second, task);
    }
    if (const Run* run = run_with_task(state, task)) return explain_task(engine, *run, task);
    if (const auto run = state.runs.find(RunId(subject)); run != state.runs.end()) {
        v1::WhyResponse response;
        response.set_state(std::string(to_string(run->second.status)));
        explain_run(response, engine, run->second);
        return response;
    }
    if (state.plan) {
        if (const Wave* wave = find_wave(*state.plan, WaveId(subject))) return explain_wave(engine, *wave);
        for (const EstateHost& host : state.plan->hosts) {
            if (host.id.str() == subject) return explain_host(engine, host);
        }
        const auto& tasks = state.plan->tasks;
        const auto planned =
            std::find_if(tasks.begin(), tasks.end(), [&](const Task& t) { return t.id == task; });
        if (planned != tasks.end()) {
            v1::WhyResponse response;
            response.set_state("planned");
            response.add_reasons(fmt::format("wave {} has not been started", planned->wave.str()));
            return response;
        }
    }
    return Error{ErrorCode::kNotFound, fmt::format("no task, run, wave or host is called {}", subject)};
}

}  // namespace ararat::server
