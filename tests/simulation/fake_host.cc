#include "tests/simulation/fake_host.h"

#include <algorithm>

namespace ararat::simulation {

using namespace execution;

namespace {

bool has_stage(const Command& command, const std::string& name) {
    return std::any_of(command.stages.begin(), command.stages.end(),
                       [&](const Stage& stage) { return stage.name == name; });
}

// By the same key, to a host that lost its journal.
bool is_repeatable(const Command& command) {
    return command.action_class == ActionClass::kIdempotent || command.key.purpose == Purpose::kProbe ||
           (command.key.purpose == Purpose::kUndo && command.action_class != ActionClass::kOneShot);
}

StepFinished result_of(const HostId& host, const AttemptKey& key, Outcome outcome,
                       const std::string& detail) {
    return StepFinished{host, key, outcome, false, outcome == Outcome::kSucceeded ? 0 : 1, detail, {}, 1};
}

}  // namespace

std::vector<Input> FakeHost::receive(const Effect& effect) {
    if (const auto* command = std::get_if<Command>(&effect)) return start(*command);
    if (const auto* cancel = std::get_if<CancelCommand>(&effect)) {
        if (cancel->epoch < epoch_) return {};
        epoch_ = cancel->epoch;
        const std::string name = to_string(cancel->key);
        const auto running = running_.find(name);
        if (running != running_.end()) {
            // Stopped in the middle: perhaps it had its effect by then.
            if (cancel->key.purpose == Purpose::kForward && dice_.percent(50)) take_effect(running->second);
            const StepFinished stopped = result_of(id_, cancel->key, Outcome::kCancelled, "stopped");
            finished_.emplace(name, Finished{stopped, is_repeatable(running->second)});
            running_.erase(running);
            return {stopped};
        }
        if (!finished_.contains(name)) closed_.insert(name);
        return {};
    }
    if (const auto* acknowledge = std::get_if<AcknowledgeResult>(&effect)) {
        if (acknowledge->epoch < epoch_) return {};
        const std::string name = to_string(acknowledge->key);
        if (finished_.erase(name) > 0) closed_.insert(name);
    }
    return {};
}

std::vector<Input> FakeHost::start(const Command& command) {
    const std::string name = to_string(command.key);
    if (command.epoch < epoch_) {
        return {result_of(id_, command.key, Outcome::kRefused,
                          std::string(kStaleEpoch) + " " + std::to_string(command.epoch))};
    }
    epoch_ = command.epoch;
    if (running_.contains(name)) return {StepStarted{id_, command.key}};
    if (const auto done = finished_.find(name); done != finished_.end()) return {done->second.result};
    if (closed_.contains(name)) {
        return {result_of(id_, command.key, Outcome::kRefused, "cancelled before it started")};
    }
    running_.emplace(name, command);
    return {StepStarted{id_, command.key}};
}

void FakeHost::take_effect(const Command& command) {
    const std::string name = to_string(command.key);
    if (++witness_.effects[name] > 1) witness_.faults.push_back("two effects of " + name);
    if (command.key.purpose == Purpose::kForward) {
        witness_.applied.insert(command.key.task);
    } else if (command.key.purpose == Purpose::kUndo) {
        witness_.applied.erase(command.key.task);
    }
}

StepFinished FakeHost::forward(const Command& command, bool calm) {
    StepFinished result = result_of(id_, command.key, Outcome::kSucceeded, "done");
    const bool is_so = witness_.applied.contains(command.key.task);
    if (has_stage(command, "check") && is_so) {
        result.already = true;
        return result;
    }
    if (!has_stage(command, "perform")) {
        if (!is_so) result = result_of(id_, command.key, Outcome::kFailed, "not verified");
        return result;
    }
    const std::uint64_t fate = calm ? 0 : dice_.below(100);
    if (fate >= 95) return result_of(id_, command.key, Outcome::kFailed, "failed before its effect");
    take_effect(command);
    if (fate >= 90) return result_of(id_, command.key, Outcome::kFailed, "failed after its effect");
    if (fate >= 87) return result_of(id_, command.key, Outcome::kUnknown, "crashed after its effect");
    return result;
}

StepFinished FakeHost::carry_out(const Command& command, bool calm) {
    switch (command.key.purpose) {
        case Purpose::kForward: return forward(command, calm);
        case Purpose::kProbe:
            return result_of(
                id_, command.key,
                witness_.applied.contains(command.key.task) ? Outcome::kSucceeded : Outcome::kFailed,
                "probed");
        case Purpose::kUndo:
            if (!calm && dice_.percent(8))
                return result_of(id_, command.key, Outcome::kFailed, "undo failed");
            take_effect(command);
            return result_of(id_, command.key, Outcome::kSucceeded, "undone");
    }
    return result_of(id_, command.key, Outcome::kUnknown, "");
}

std::vector<Input> FakeHost::finish_some(bool calm) {
    if (running_.empty()) return {};
    auto chosen = running_.begin();
    std::advance(chosen, static_cast<std::ptrdiff_t>(dice_.below(running_.size())));
    const StepFinished result = carry_out(chosen->second, calm);
    finished_.emplace(chosen->first, Finished{result, is_repeatable(chosen->second)});
    running_.erase(chosen);
    return {result};
}

std::vector<Input> FakeHost::resend() const {
    std::vector<Input> results;
    for (const auto& [name, done] : finished_) results.emplace_back(done.result);
    return results;
}

HostUp FakeHost::hello() const {
    HostUp up{id_, id_.str() + "-journal-" + std::to_string(journals_), "simulated", {}};
    for (const auto& [name, command] : running_) up.known.push_back(command.key);
    for (const auto& [name, done] : finished_) up.known.push_back(done.result.key);
    return up;
}

void FakeHost::crash() {
    for (const auto& [name, command] : running_) {
        if (command.key.purpose != Purpose::kProbe && dice_.percent(50)) take_effect(command);
        finished_.emplace(name, Finished{result_of(id_, command.key, Outcome::kUnknown, "the host crashed"),
                                         is_repeatable(command)});
    }
    running_.clear();
}

void FakeHost::lose_journal() {
    // A repeatable step is carried out a second time under its key; the witness counts it anew. Any other
    // must never be.
    for (const auto& [name, command] : running_) {
        if (command.key.purpose != Purpose::kProbe && dice_.percent(50)) take_effect(command);
        if (is_repeatable(command)) witness_.effects.erase(name);
    }
    for (const auto& [name, done] : finished_) {
        if (done.repeatable) witness_.effects.erase(name);
    }
    running_.clear();
    finished_.clear();
    closed_.clear();
    ++journals_;
}

}  // namespace ararat::simulation
