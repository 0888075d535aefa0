#include "tests/simulation/virtual_supervisors.h"

#include <algorithm>

#include "agent/step_spec/supervisor_rules.h"
#include "base/join.h"

namespace ararat::simulation {

using agent::AttemptReport;
using agent::AttemptState;
using agent::Outcome;
using agent::StepResult;
using agent::StepSpec;

namespace {

constexpr std::uint64_t kStepLengthMaxMs = 30'000;
constexpr std::size_t kOutputPieceMax = 8;

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
    if (const auto there = judge_start(spec.value())) return agent::encode_report(*there);
    const std::string id = agent::attempt_id(spec->key);
    publish(std::move(spec).value());
    return agent::encode_report(report_of(id, 0));
}

std::optional<AttemptReport> VirtualSupervisors::judge_start(const StepSpec& spec) {
    const AttemptReport now = report_of(agent::attempt_id(spec.key), 0);
    if (!agent::may_start(now.state)) return now;
    return obey(spec.epoch);
}

void VirtualSupervisors::publish(StepSpec spec) {
    const std::string id = agent::attempt_id(spec.key);
    if (spec.epoch < newest_epoch_) witness_.faults.push_back(spec.key + " starts for an older epoch");
    if (attempts_.contains(id)) witness_.faults.push_back(spec.key + " starts a second time");
    witness_.lost.erase(spec.key);
    attempts_[id] = {};
    attempts_[id].spec = std::move(spec);
}

std::optional<AttemptReport> VirtualSupervisors::obey(std::uint64_t asked_in) {
    if (agent::is_stale(asked_in, epoch_)) return agent::stale_report(asked_in, epoch_);
    if (asked_in > epoch_) raise_epoch(asked_in);
    return std::nullopt;
}

void VirtualSupervisors::raise_epoch(std::uint64_t epoch) {
    epoch_ = epoch;
    newest_epoch_ = std::max(newest_epoch_, epoch);
    std::erase_if(attempts_, [&](const auto& entry) {
        const auto& forgotten_in = entry.second.forgotten_in;
        return forgotten_in && agent::may_lose_tombstone(*forgotten_in, epoch_);
    });
}

AttemptReport VirtualSupervisors::report(const std::string& key) const {
    return report_of(agent::attempt_id(key), 0);
}

AttemptReport VirtualSupervisors::report_of(const std::string& id, std::uint64_t output_offset) const {
    AttemptReport report;
    const auto found = attempts_.find(id);
    if (found == attempts_.end()) return report;
    report.state = found->second.state;
    report.result = found->second.result;
    if (report.state == AttemptState::kLost)
        report.detail = "the step's supervisor went without writing a result";
    report.output_offset = output_offset;
    if (const std::string& output = found->second.output; output_offset < output.size())
        report.output = output.substr(output_offset, kOutputPieceMax);
    return report;
}

AttemptReport VirtualSupervisors::cancel(const std::string& key) { return cancel_id(agent::attempt_id(key)); }

void VirtualSupervisors::bury(const std::string& id, StepResult tombstone) {
    Attempt& attempt = attempts_[id];
    attempt.state = AttemptState::kFinished;
    attempt.result = std::move(tombstone);
}

AttemptReport VirtualSupervisors::never_start_in(std::uint64_t epoch, const std::string& id) {
    if (auto stale = obey(epoch)) return std::move(*stale);
    if (agent::may_start(report_of(id, 0).state)) bury(id, agent::ruled_out({}));
    return report_of(id, 0);
}

AttemptReport VirtualSupervisors::cancel_in(std::uint64_t epoch, const std::string& id) {
    if (auto stale = obey(epoch)) return std::move(*stale);
    return cancel_id(id);
}

AttemptReport VirtualSupervisors::cancel_id(const std::string& id) {
    const auto found = attempts_.find(id);
    if (found == attempts_.end()) {
        bury(id, agent::cancelled_before_start());
        return report_of(id, 0);
    }
    Attempt& attempt = found->second;
    if (attempt.state == AttemptState::kRunning) {
        // Stopped in the middle: perhaps it had its effect by then.
        const std::string& key = attempt.spec.key;
        if (purpose_of_key(key) == "forward" && dice_.percent(50)) take_effect(key);
        attempt.state = AttemptState::kFinished;
        attempt.result = result_of(Outcome::kCancelled, "stopped");
        attempt.result->output_bytes = attempt.output.size();
    }
    return report_of(id, 0);
}

void VirtualSupervisors::forget(const std::string& key) { forget_id(agent::attempt_id(key)); }

AttemptReport VirtualSupervisors::forget_in(std::uint64_t epoch, const std::string& id, bool synced) {
    if (auto stale = obey(epoch)) return std::move(*stale);
    forget_id(id);
    if (const auto found = attempts_.find(id); found != attempts_.end())
        found->second.is_forgotten_for_good = synced;
    return report_of(id, 0);
}

void VirtualSupervisors::forget_id(const std::string& id) {
    const auto found = attempts_.find(id);
    if (found == attempts_.end() || found->second.state == AttemptState::kRunning) return;
    Attempt& attempt = found->second;
    if (attempt.state == AttemptState::kLost) {
        attempt.state = AttemptState::kFinished;
        attempt.result = result_of(Outcome::kUnknown, "lost");
    }
    if (!attempt.forgotten_in) attempt.forgotten_in = epoch_;
    attempt.output.clear();
}

std::vector<std::string> VirtualSupervisors::known_keys() const {
    std::vector<std::string> keys;
    for (const auto& [id, attempt] : attempts_) {
        // A tombstone of what never came holds no key.
        if (!attempt.forgotten_in && !attempt.spec.key.empty()) keys.push_back(attempt.spec.key);
    }
    return keys;
}

std::optional<std::string> VirtualSupervisors::output_of(const std::string& key) const {
    const auto found = attempts_.find(agent::attempt_id(key));
    if (found == attempts_.end() || found->second.forgotten_in) return std::nullopt;
    return found->second.output;
}

void VirtualSupervisors::write_output(const std::string& key, const std::string& bytes) {
    const auto found = attempts_.find(agent::attempt_id(key));
    if (found != attempts_.end() && found->second.state == AttemptState::kRunning)
        found->second.output += bytes;
}

std::vector<std::string> VirtualSupervisors::running() const {
    std::vector<std::string> keys;
    for (const auto& [id, attempt] : attempts_) {
        if (attempt.state == AttemptState::kRunning) keys.push_back(attempt.spec.key);
    }
    std::ranges::sort(keys);
    return keys;
}

void VirtualSupervisors::finish(const std::string& key, bool calm) {
    const auto found = attempts_.find(agent::attempt_id(key));
    if (found == attempts_.end() || found->second.state != AttemptState::kRunning) return;
    found->second.result = carry_out(key, found->second.spec, calm);
    found->second.result->output_bytes = found->second.output.size();
    found->second.result->duration_ms = 1 + static_cast<std::int64_t>(dice_.below(kStepLengthMaxMs));
    found->second.state = AttemptState::kFinished;
}

void VirtualSupervisors::take_effect(const std::string& key) {
    if (++witness_.effects[key] > 1) witness_.faults.push_back("two effects of " + key);
    if (witness_.ended.contains(key)) witness_.faults.push_back("an effect of " + key + " after its end");
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

void VirtualSupervisors::kill(const std::string& key) {
    if (purpose_of_key(key) != "probe" && dice_.percent(50)) take_effect(key);
    attempts_.at(agent::attempt_id(key)).state = AttemptState::kLost;
    witness_.lost.insert(key);
}

void VirtualSupervisors::lose_power() {
    for (const std::string& key : running()) kill(key);
    for (auto& [id, attempt] : attempts_) {
        if (attempt.is_forgotten_for_good || dice_.percent(50)) continue;
        attempt.forgotten_in.reset();
        attempt.is_forgotten_for_good = true;
    }
}

std::vector<std::string> VirtualSupervisors::lose_disk() {
    lose_power();
    std::vector<std::string> keys;
    for (const auto& [id, attempt] : attempts_) {
        if (!attempt.spec.key.empty()) keys.push_back(attempt.spec.key);
    }
    attempts_.clear();
    epoch_ = 0;
    newest_epoch_ = 0;
    return keys;
}

}  // namespace ararat::simulation
