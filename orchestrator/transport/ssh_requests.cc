#include "transport/ssh_requests.h"

#include <utility>

#include "agent/step_spec/step_result.h"
#include "agent/step_spec/step_spec.h"
#include "platform/log.h"

namespace ararat::transport {
namespace {

// sshd allows ten channels on a session (MaxSessions); waits must leave room for what is short.
constexpr std::size_t kRequestsMax = 8;
constexpr std::size_t kWaitsMax = 6;
constexpr Duration kWaitLong = std::chrono::seconds{20};
// Where more attempts run than may wait at once, they take turns.
constexpr Duration kWaitTurn{300};
constexpr Duration kRequestTime = std::chrono::seconds{60};
constexpr Duration kSilence = std::chrono::seconds{20};  // beyond what the host was asked to wait

}  // namespace

void SshRequests::refuse(const execution::Command& command, const std::string& why) {
    execution::StepFinished finished;
    finished.host = command.host;
    finished.key = command.key;
    finished.outcome = execution::Outcome::kRefused;
    finished.detail = why;
    parts_.inputs(std::move(finished));
}

void SshRequests::on_message(const execution::Command& command) {
    const auto id = agent::attempt_id(execution::to_string(command.key));
    if (const auto known = attempts_.find(id); known != attempts_.end()) {
        if (known->second.started()) parts_.inputs(execution::StepStarted{parts_.host, command.key});
        if (known->second.finished()) parts_.inputs(*known->second.finished());
        return;
    }
    auto spec = spec_of(command);
    if (!spec.ok()) return refuse(command, spec.error().text());
    const auto [added, is_new] = attempts_.try_emplace(id, command, std::move(spec).value());
    queue(added->second);
}

void SshRequests::on_message(const execution::CancelCommand& cancel) {
    const auto id = agent::attempt_id(execution::to_string(cancel.key));
    controls_.push_back(
        {request_input({"cancel", parts_.place.steps(), id, std::to_string(cancel.epoch)}), cancel.key});
}

void SshRequests::on_message(const execution::AcknowledgeResult& acknowledge) {
    const auto id = agent::attempt_id(execution::to_string(acknowledge.key));
    const auto known = attempts_.find(id);
    if (known != attempts_.end() && known->second.done()) attempts_.erase(known);
    controls_.push_back(
        {request_input({"forget", parts_.place.steps(), id, std::to_string(acknowledge.epoch)}),
         std::nullopt});
}

void SshRequests::queue(const SshAttempt& attempt) {
    if (attempt.done()) return;
    (attempt.waits() ? ready_to_wait_ : ready_).push_back(attempt.id());
}

std::optional<SshRequests::Request> SshRequests::next() {
    if (under_way_ >= kRequestsMax) return std::nullopt;
    std::optional<Request> request;
    if (!controls_.empty()) {
        request = Request{std::move(controls_.front().input),
                          kRequestTime,
                          false,
                          {},
                          std::move(controls_.front().cancelled)};
        controls_.pop_front();
    }
    if (!request) request = next_of(ready_);
    if (!request && waits_under_way_ < kWaitsMax) request = next_of(ready_to_wait_);
    if (!request) return std::nullopt;
    ++under_way_;
    if (request->waits) ++waits_under_way_;
    return request;
}

std::optional<SshRequests::Request> SshRequests::next_of(std::deque<std::string>& ready) {
    while (!ready.empty()) {
        const auto found = attempts_.find(ready.front());
        ready.pop_front();
        if (found == attempts_.end()) continue;
        SshAttempt& attempt = found->second;
        const bool must_take_turns = ready_to_wait_.size() + waits_under_way_ >= kWaitsMax;
        const Duration wait_max = must_take_turns ? kWaitTurn : kWaitLong;
        auto input = attempt.next_request(parts_.place, files_there_, wait_max);
        if (!input) continue;
        const bool waits = attempt.waits();
        return Request{std::move(*input), waits ? wait_max + kSilence : kRequestTime, waits, attempt.id(),
                       std::nullopt};
    }
    return std::nullopt;
}

Result<void> SshRequests::on_output(const Request& request, SshOutput output) {
    --under_way_;
    if (request.waits) --waits_under_way_;
    AttemptAnswer answer;
    answer.well = output.exit_code == 0 && !output.truncated;
    answer.text = answer.well ? std::move(output.standard_output) : reason_of(output);
    if (!request.attempt.empty()) {
        const auto found = attempts_.find(request.attempt);
        return found == attempts_.end() ? Result<void>{} : on_attempt_answer(found->second, answer);
    }
    if (request.cancelled) {
        on_cancel_answer(*request.cancelled, answer);
    } else if (!answer.well) {
        spdlog::warn("{}: a result was not forgotten: {}", parts_.host.str(), answer.text);
    }
    return {};
}

Result<void> SshRequests::on_attempt_answer(SshAttempt& attempt, const AttemptAnswer& answer) {
    ARARAT_ASSIGN_OR_RETURN(auto news, attempt.on_answer(answer));
    if (!news.file_there.empty()) files_there_.insert(news.file_there);
    if (news.started) parts_.inputs(execution::StepStarted{parts_.host, attempt.key()});
    if (news.output && parts_.output) parts_.output(std::move(*news.output));
    if (news.finished) parts_.inputs(std::move(*news.finished));
    queue(attempt);
    return {};
}

// An attempt that is followed here ends through its own requests. One that is not was cancelled before it
// came, or ended in an earlier session: its end is told from what the host said.
void SshRequests::on_cancel_answer(const execution::AttemptKey& key, const AttemptAnswer& answer) {
    const auto id = agent::attempt_id(execution::to_string(key));
    if (attempts_.contains(id)) return;
    if (!answer.well) {
        spdlog::warn("{}: a cancellation failed: {}", parts_.host.str(), answer.text);
        return;
    }
    const auto report = agent::decode_report(answer.text);
    if (report.ok() && report->state == agent::AttemptState::kRefused) {
        // Another orchestrator leads by now: nothing was done, and nothing is known.
        spdlog::warn("{}: a cancellation was refused: {}", parts_.host.str(), report->detail);
        return;
    }
    execution::Command command;
    command.host = parts_.host;
    command.key = key;
    // Followed from here on as if it had been sent again: `status` is asked first, nothing is started.
    const auto added = attempts_.try_emplace(id, SshAttempt::watching(std::move(command))).first;
    queue(added->second);
}

}  // namespace ararat::transport
