#include "server/waits.h"

#include <fmt/format.h>

#include <set>

#include "execution/engine_core.h"
#include "execution/queries.h"

namespace ararat::server {
namespace {

using execution::Run;
using execution::TaskIndex;

// Both ends are there, and still one of them cannot be reached, or has none.
void add_ticket_waits(std::vector<std::string>& reasons, const EngineView& engine, const Run& run,
                      TaskIndex index) {
    if (!engine.ticket_wait || !execution::progress_at(run, index).in_flight) return;
    for (const auto& [id, ticket] : run.tickets) {
        const Channel& channel = *run.index.graph->channels.at(id);
        const auto& up = engine.connectivity.up;
        if (!ticket.active || !up.contains(channel.source) || !up.contains(channel.target)) continue;
        if (!execution::uses_channel(execution::task_at(run, index), channel)) continue;
        const std::string missing = engine.ticket_wait(run.id, id);
        if (!missing.empty())
            reasons.push_back(fmt::format("its data channel {} waits for {}", id.str(), missing));
    }
}

class Waits {
public:
    Waits(v1::RunView& view, const EngineView& engine, const Run& run)
        : view_(view), engine_(engine), run_(run) {}

    // `said_anyway`: reasons that a task in its state always has, and that its state says.
    void add(TaskIndex task, int said_anyway) {
        if (view_.waits_size() >= kWaitsMax) return;
        const TaskId& id = execution::task_at(run_, task).id;
        const auto reasons = reasons_of(engine_, run_, id);
        v1::WaitView wait;
        wait.set_task(id.str());
        for (int i = said_anyway; i < static_cast<int>(reasons.size()); ++i) {
            if (reasons[static_cast<std::size_t>(i)] == "may start now") continue;
            wait.add_reasons(reasons[static_cast<std::size_t>(i)]);
        }
        if (wait.reasons_size() > 0) *view_.add_waits() = std::move(wait);
    }

private:
    v1::RunView& view_;
    const EngineView& engine_;
    const Run& run_;
};

}  // namespace

std::vector<std::string> reasons_of(const EngineView& engine, const Run& run, const TaskId& task) {
    auto reasons = execution::why(engine.state, engine.connectivity, run, task, engine.now);
    const TaskIndex index = execution::index_of(run, task);
    if (index != execution::kNoIndex) add_ticket_waits(reasons, engine, run, index);
    return reasons;
}

void add_waits(v1::RunView& view, const EngineView& engine, const Run& run) {
    if (is_final(run.status)) return;
    Waits waits(view, engine, run);
    for (const TaskIndex task : run.index.open) waits.add(task, 0);
    // In the plan's order, whatever host they are on.
    std::set<TaskIndex> pending;
    for (const auto& [host, tasks] : run.index.pending) pending.insert(tasks.begin(), tasks.end());
    for (const TaskIndex task : pending) waits.add(task, 0);
    for (const auto& [host, tasks] : run.index.in_flight) {
        for (const TaskIndex task : tasks) waits.add(task, 1);  // after "running on ..."
    }
}

}  // namespace ararat::server
