#include "tests/simulation/record_checker.h"

#include <algorithm>
#include <utility>

#include "tests/simulation/plan_facts.h"

namespace ararat::simulation {

using namespace execution;

namespace {

// What is kept of the groups step by step is what comes of making it anew.
bool lists_hold(const State& state) {
    return std::ranges::all_of(state.active_runs, [&](const RunId& id) {
        const RunIndex& kept = state.runs.at(id).index;
        RunIndex anew = kept;
        list_groups(anew);
        return anew.restless == kept.restless && anew.cutting_over == kept.cutting_over;
    });
}

}  // namespace

std::vector<std::string> RecordChecker::check(const State& state, const Record& record,
                                              const Witness& witness) {
    if (const auto* changed = std::get_if<TaskChanged>(&record.body))
        stood_.tasks[{changed->run, changed->task}] = changed->state;
    if (const auto* changed = std::get_if<GroupChanged>(&record.body); changed && turns_back(changed->state))
        stood_.turned_back.insert({changed->run, changed->group});
    const auto* finished = std::get_if<AttemptFinished>(&record.body);
    if (!lists_hold(state)) return {"the lists of a run's groups have drifted"};
    auto held = check_hold(state, record);
    if (!held.empty()) return held;
    if (finished == nullptr) return check_go(state, record);
    const std::string name = to_string(finished->key);
    std::vector<std::string> faults;
    const auto [entry, first] = ended_.emplace(name, record.sequence);
    if (!first) faults.push_back(name + " ends a second time, after record " + std::to_string(entry->second));
    if (witness.lost.contains(name) && finished->outcome != Outcome::kUnknown)
        faults.push_back("nobody knows what came of " + name + ", but it ends as if somebody did");
    const Task* task = find_task(*state.runs.at(finished->key.run).plan, finished->key.task);
    const bool should_have_done = finished->key.purpose == Purpose::kForward &&
                                  finished->outcome == Outcome::kSucceeded && !finished->already;
    if (!should_have_done || !task->perform) return faults;
    // A step whose effect was confirmed by a probe is only verified.
    const bool seen = witness.effects.contains(name) || witness.applied.contains(finished->key.task);
    if (!seen) faults.push_back(name + " succeeded, but nobody saw its effect");
    return faults;
}

std::vector<std::string> RecordChecker::check_hold(const State& state, const Record& record) {
    const auto failed = std::exchange(failed_, std::nullopt);
    const auto* finished = std::get_if<AttemptFinished>(&record.body);
    if (finished != nullptr && finished->outcome == Outcome::kFailed &&
        finished->key.purpose != Purpose::kUndo)
        failed_ = finished->key;
    const auto* changed = std::get_if<TaskChanged>(&record.body);
    if (!failed || changed == nullptr || changed->state != TaskState::kHeld) return {};
    if (changed->run != failed->run || changed->task != failed->task) return {};
    const Run& run = state.runs.at(changed->run);
    const MoveGroupId& group = find_task(*run.plan, changed->task)->group;
    if (has_passed(run, group)) return {};
    return {to_string(*failed) + " failed and is held, where a back-out is due"};
}

std::vector<std::string> RecordChecker::check_go(const State& state, const Record& record) {
    if (const auto* reached = std::get_if<LatestReturnReached>(&record.body)) {
        decisions_[{reached->run, reached->group}] = reached->answer == WhenLate::kGoOn;
    } else if (const auto* given = std::get_if<GoGiven>(&record.body)) {
        if (!given->without.empty()) return check_without(state, *given);
        decisions_[{given->run, given->group}] = true;
    } else if (const auto* intent = std::get_if<AttemptStarted>(&record.body)) {
        const Run& run = state.runs.at(intent->key.run);
        const Task* task = find_task(*run.plan, intent->key.task);
        const auto decision = decisions_.find({intent->key.run, task->group});
        const bool waits = decision != decisions_.end() && !decision->second;
        if (waits && intent->key.purpose == Purpose::kForward && is_cutover(*task) && !had_passed(run, *task))
            return {to_string(intent->key) + " goes out while a go is waited for"};
    }
    return {};
}

std::vector<std::string> RecordChecker::check_without(const State& state, const GoGiven& given) {
    std::vector<std::string> faults;
    for (const MoveGroupId& needed : given.without) {
        if (!stood_.turned_back.contains({given.run, needed}))
            faults.push_back(given.group.str() + " ends without " + needed.str() +
                             ", which has not turned back");
        if (!has_passed(state.runs.at(given.run), given.group))
            faults.push_back(given.group.str() + " ends without " + needed.str() + ", and could turn back");
        stood_.without.insert({given.run, given.group, needed});
    }
    return faults;
}

void RecordChecker::begin_again(std::uint64_t records, const State& state) {
    stood_ = {};
    failed_.reset();
    for (const auto& [id, run] : state.runs) {
        for (const auto& [task, progress] : run.tasks) stood_.tasks[{id, task}] = progress.state;
        for (const auto& [group, is] : run.groups) {
            if (turns_back(is) || run.held_in_back_out.contains(group))
                stood_.turned_back.insert({id, group});
        }
    }
    for (const auto& [id, run] : state.runs) {
        for (const auto& [group, others] : run.ends_without) {
            for (const MoveGroupId& needed : others) stood_.without.insert({id, group, needed});
        }
    }
    // Also a go that was durable when the crash came, and that nobody here was told of.
    decisions_.clear();
    for (const auto& [id, run] : state.runs) {
        for (const auto& [group, late] : run.late_returns) decisions_[{id, group}] = late.go;
    }
    std::erase_if(ended_, [&](const auto& entry) { return entry.second > records; });
}

}  // namespace ararat::simulation
