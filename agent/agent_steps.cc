// What the agent learns of its supervisors, and asks of them; the loop is in agent.cc.
#include <algorithm>

#include "agent/agent.h"
#include "agent/convert.h"
#include "agent/supervisor/attempt_folder.h"
#include "agent/supervisor/expected_bytes.h"
#include "platform/log.h"

namespace ararat::agent {

namespace {

constexpr std::size_t kExpectedMax = 4096;

}  // namespace

void Agent::take_step_changes() {
    for (const std::string& key : watch_.changed()) look_at(key);
}

void Agent::look_at(const std::string& key) {
    outputs_->look_at(key);
    const auto report = AttemptRoot(steps_root_).report(attempt_id(key));
    if (!report.ok()) {
        // Nothing follows from it for the step, which may be running well.
        spdlog::warn("step {} is looked at again: {}", key, report.error().text());
        return;
    }
    const bool is_first_look = unchecked_.erase(key) > 0;
    if (report->state == AttemptState::kAbsent && !is_first_look) return;  // its start is under way
    if (report->state == AttemptState::kLost) {
        // Told only once nothing of it runs any more; that may take a while, so it is not waited for here.
        if (settling_.insert(key).second) supervisors_->ask(SupervisorCall::kSettle, key);
        return;
    }
    on_report(key, report.value());
}

void Agent::on_report(const std::string& key, const AttemptReport& report) {
    const Duration now = clock_.boottime();
    if (report.state != AttemptState::kRunning) {
        take(core_.on_report(key, report, now));
        return;
    }
    const std::vector<std::string> running = core_.running();
    if (std::ranges::find(running, key) == running.end()) return;  // it was cancelled before it came
    const AttemptRoot root(steps_root_);
    const auto added = watch_.add(key, root.folder(attempt_id(key)));
    if (!added.ok()) {
        spdlog::warn("step {} cannot be watched, it is looked at every second: {}", key,
                     added.error().text());
    }
    outputs_->look_at(key);
    look_for_expected_bytes(key);
    // It may have ended between the report and the watch. Lost: the next look asks for it to be settled.
    const auto again = root.report(attempt_id(key));
    if (again.ok() && again->state != AttemptState::kLost) take(core_.on_report(key, again.value(), now));
}

void Agent::on_supervisor(const std::string& key, SupervisorCall call, const Result<AttemptReport>& report) {
    if (call == SupervisorCall::kSettle) settling_.erase(key);
    if (call == SupervisorCall::kForget) {
        // Nobody waits for the answer: what cannot be removed now is removed at the next start.
        if (!report.ok()) spdlog::warn("step {} is not forgotten: {}", key, report.error().text());
        return;
    }
    if (report.ok()) {
        on_report(key, report.value());
        return;
    }
    spdlog::warn("step {}: {}", key, report.error().text());
    if (report.error().code == ErrorCode::kResourceExhausted) note_no_room(report.error());
    if (call == SupervisorCall::kStart) {
        take(core_.on_start_failed(key, report.error().text(), clock_.boottime()));
    } else {
        ask_again_.emplace(call, key);
    }
}

void Agent::look_at_running() {
    for (const std::string& key : core_.running()) {
        // Should a notification be lost; steps that could not be watched; looks that failed.
        look_at(key);
    }
}

void Agent::look_for_expected_bytes(const std::string& key) {
    if (expectations_read_.contains(key)) return;
    const auto expected = read_expected_bytes(AttemptRoot(steps_root_).folder(attempt_id(key)));
    if (!expected) return;
    expectations_read_.insert(key);
    const std::string run = key_from_text(key).run();
    std::uint64_t carried = 0;
    for (const channel::ChannelProgress& one : endpoint_->progress()) {
        if (one.key.run == run && one.key.channel == expected->channel) carried = one.bytes;
    }
    if (bytes_total_.size() >= kExpectedMax) bytes_total_.clear();
    bytes_total_[{run, expected->channel}] = carried + expected->bytes;
}

void Agent::ask_again() {
    for (const auto& [call, key] : std::exchange(ask_again_, {})) {
        if (call == SupervisorCall::kSettle && !settling_.insert(key).second) continue;
        supervisors_->ask(call, key);
    }
}

}  // namespace ararat::agent
