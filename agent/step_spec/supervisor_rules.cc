#include "agent/step_spec/supervisor_rules.h"

namespace ararat::agent {

bool may_start(AttemptState now) { return now == AttemptState::kAbsent; }

bool is_stale(std::uint64_t asked_in, std::uint64_t highest) { return asked_in < highest; }

AttemptReport stale_report(std::uint64_t asked_in, std::uint64_t highest) {
    AttemptReport report;
    report.state = AttemptState::kRefused;
    report.detail = "stale epoch: " + std::to_string(asked_in) + " is older than " + std::to_string(highest);
    return report;
}

bool may_lose_tombstone(std::uint64_t forgotten_in, std::uint64_t epoch) { return forgotten_in < epoch; }

StepResult cancelled_before_start() {
    StepResult result;
    result.outcome = Outcome::kCancelled;
    result.detail = "cancelled before it was started";
    return result;
}

StepResult ruled_out(const std::string& why) {
    StepResult result;
    result.outcome = Outcome::kRefused;
    result.detail = "the step could not be started" + (why.empty() ? "" : ": " + why);
    return result;
}

}  // namespace ararat::agent
