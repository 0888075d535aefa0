#include "tests/simulation/clock_checker.h"

#include <algorithm>

#include "wire/convert.h"

namespace ararat::simulation {

using namespace execution;

namespace {

const Task& task_of(const State& state, const RunId& run, const TaskId& id) {
    return *std::ranges::find_if(state.runs.at(run).plan->tasks,
                                 [&](const Task& each) { return each.id == id; });
}

}  // namespace

// It may have died between a commit and saying so.
void ClockChecker::begin_again(const std::vector<std::string>& journal) {
    for (std::size_t i = std::min(seen_, journal.size()); i < journal.size(); ++i) {
        const auto record = wire::record_from_bytes(journal[i]);
        if (record.ok() && std::holds_alternative<ClockTrusted>(record->body)) doubted_ = false;
    }
    seen_ = journal.size();
}

std::vector<std::string> ClockChecker::check(const State& state, const Record& record, Duration boottime) {
    seen_ = record.sequence;
    if (std::holds_alternative<ClockTrusted>(record.body)) doubted_ = false;
    if (const auto* changed = std::get_if<TaskChanged>(&record.body)) {
        return check_task(state, *changed, boottime);
    }
    const auto* intent = std::get_if<AttemptStarted>(&record.body);
    if (intent == nullptr || !doubted_ || intent->key.purpose != Purpose::kForward) return {};
    const Task& task = task_of(state, intent->key.run, intent->key.task);
    const bool is_cutover = task.phase >= Phase::kQuiesce && task.phase <= Phase::kSwitch;
    if (!is_cutover || state.runs.at(intent->key.run).ignore_window) return {};
    return {to_string(intent->key) + " goes out by a clock that has jumped"};
}

// A soak that is opened again after a crash begins anew. Where the orchestrator died between the commit and
// saying so, nobody has seen it begin.
std::vector<std::string> ClockChecker::check_task(const State& state, const TaskChanged& changed,
                                                  Duration boottime) {
    const Task& task = task_of(state, changed.run, changed.task);
    if (task.kind != TaskKind::kSoak) return {};
    if (changed.state == TaskState::kOpen) soaking_since_[{changed.run, changed.task}] = boottime;
    if (changed.state != TaskState::kSucceeded) return {};
    const auto since = soaking_since_.find({changed.run, changed.task});
    const Duration soaked = since == soaking_since_.end() ? task.soak : boottime - since->second;
    if (soaked >= task.soak) return {};
    return {changed.task.str() + " soaked for " + std::to_string(soaked.count()) + " ms of " +
            std::to_string(task.soak.count())};
}

}  // namespace ararat::simulation
