#include "tests/simulation/virtual_supervisors.h"

#include <algorithm>

#include "base/join.h"

namespace ararat::simulation {

using agent::AttemptReport;
using agent::AttemptState;
using agent::Outcome;
using agent::StepResult;
using agent::StepSpec;

namespace {

constexpr std::uint64_t kStepLengthMaxMs = 30'000;

StepResult result_of(Outcome outcome, const std::string& detail) {
    StepResult result;
    result.outcome = outcome;
    result.exit_code = outcome == Outcome::kSucceeded ? 0 : 1;
    result.duration_ms = 1;
    result.detail = detail;
    return result;
}

bool has_stage(const StepSpec& spec, const std::string& name) {
    return std::ranges::any_of(spec.stages, [&](const auto& stage) { return stage.name == name; });
}

}  // namespace

std::string task_of_key(const std::string& key) { return split(key, '|').at(2); }
std::string purpose_of_key(const std::string& key) { return split(key, '|').at(3); }

std::string VirtualSupervisors::start(std::string_view spec_bytes) {
    AttemptReport answer;
    answer.state = AttemptState::kRefused;
    auto spec = agent::decode_spec(spec_bytes);
    if (!spec.ok()) {
        answer.detail = spec.error().text();
        return agent::encode_report(answer);
    }
    const std::string key = spec->key;
    if (attempts_.contains(key)) return agent::encode_report(report(key));
    if (spec->epoch < epoch_) {
        answer.detail = "stale epoch: " + std::to_string(spec->epoch);
        return agent::encode_report(answer);
    }
    if (spec->epoch > epoch_) {
        epoch_ = spec->epoch;
        std::erase_if(attempts_, [&](const auto& entry) {
            return entry.second.forgotten_in && *entry.second.forgotten_in < epoch_;
        });
    }
    attempts_[key].spec = std::move(spec).value();
    return agent::encode_report(report(key));
}

AttemptReport VirtualSupervisors::report(const std::string& key) const {
    AttemptReport report;
    const auto found = attempts_.find(key);
    if (found == attempts_.end()) return report;
    report.state = found->second.state;
    report.result = found->second.result;
    if (report.state == AttemptState::kLost)
        report.detail = "the step's supervisor went without writing a result";
    return report;
}

AttemptReport VirtualSupervisors::cancel(const std::string& key) {
    const auto found = attempts_.find(key);
    if (found == attempts_.end()) {
        Attempt& tombstone = attempts_[key];
        tombstone.state = AttemptState::kFinished;
        tombstone.result = result_of(Outcome::kCancelled, "cancelled before it was started");
        return report(key);
    }
    Attempt& attempt = found->second;
    if (attempt.state == AttemptState::kRunning) {
        // Stopped in the middle: perhaps it had its effect by then.
        if (purpose_of_key(key) == "forward" && dice_.percent(50)) take_effect(key);
        attempt.state = AttemptState::kFinished;
        attempt.result = result_of(Outcome::kCancelled, "stopped");
    }
    return report(key);
}

void VirtualSupervisors::forget(const std::string& key) {
    const auto found = attempts_.find(key);
    if (found == attempts_.end() || found->second.state == AttemptState::kRunning) return;
    if (found->second.state == AttemptState::kLost) {
        found->second.state = AttemptState::kFinished;
        found->second.result = result_of(Outcome::kUnknown, "lost");
    }
    if (!found->second.forgotten_in) found->second.forgotten_in = epoch_;
}

std::vector<std::string> VirtualSupervisors::running() const {
    std::vector<std::string> keys;
    for (const auto& [key, attempt] : attempts_) {
        if (attempt.state == AttemptState::kRunning) keys.push_back(key);
    }
    return keys;
}

void VirtualSupervisors::finish(const std::string& key, bool calm) {
    const auto found = attempts_.find(key);
    if (found == attempts_.end() || found->second.state != AttemptState::kRunning) return;
    found->second.result = carry_out(key, found->second.spec, calm);
    found->second.result->duration_ms = 1 + static_cast<std::int64_t>(dice_.below(kStepLengthMaxMs));
    found->second.state = AttemptState::kFinished;
}

void VirtualSupervisors::take_effect(const std::string& key) {
    if (++witness_.effects[key] > 1) witness_.faults.push_back("two effects of " + key);
    const TaskId task(task_of_key(key));
    if (purpose_of_key(key) == "forward") {
        witness_.applied.insert(task);
    } else if (purpose_of_key(key) == "undo") {
        witness_.applied.erase(task);
    }
}

StepResult VirtualSupervisors::forward(const std::string& key, const StepSpec& spec, bool calm) {
    StepResult result = result_of(Outcome::kSucceeded, "done");
    const bool is_so = witness_.applied.contains(TaskId(task_of_key(key)));
    if (has_stage(spec, "check") && is_so) {
        result.already = true;
        return result;
    }
    if (!has_stage(spec, "perform")) return is_so ? result : result_of(Outcome::kFailed, "not verified");
    const std::uint64_t fate = calm ? 0 : dice_.below(100);
    if (fate >= 95) return result_of(Outcome::kFailed, "failed before its effect");
    take_effect(key);
    if (fate >= 90) return result_of(Outcome::kFailed, "failed after its effect");
    if (fate >= 87) return result_of(Outcome::kUnknown, "crashed after its effect");
    return result;
}

StepResult VirtualSupervisors::carry_out(const std::string& key, const StepSpec& spec, bool calm) {
    const std::string purpose = purpose_of_key(key);
    if (purpose == "forward") return forward(key, spec, calm);
    if (purpose == "probe") {
        const bool is_so = witness_.applied.contains(TaskId(task_of_key(key)));
        return result_of(is_so ? Outcome::kSucceeded : Outcome::kFailed, "probed");
    }
    if (!calm && dice_.percent(8)) return result_of(Outcome::kFailed, "undo failed");
    take_effect(key);
    return result_of(Outcome::kSucceeded, "undone");
}

void VirtualSupervisors::lose_power() {
    for (auto& [key, attempt] : attempts_) {
        if (attempt.state != AttemptState::kRunning) continue;
        if (purpose_of_key(key) != "probe" && dice_.percent(50)) take_effect(key);
        attempt.state = AttemptState::kLost;
    }
}

std::vector<std::string> VirtualSupervisors::lose_disk() {
    lose_power();
    std::vector<std::string> keys;
    for (const auto& [key, attempt] : attempts_) keys.push_back(key);
    attempts_.clear();
    epoch_ = 0;
    return keys;
}

}  // namespace ararat::simulation
