#include "transport/ssh_conversation.h"

#include <poll.h>

#include <algorithm>

#include "agent/step_spec/step_result.h"
#include "agent/step_spec/step_spec.h"
#include "channel/connection.h"
#include "platform/log.h"

namespace ararat::transport {
namespace {

using channel::steady_now;

// sshd allows ten channels on a session (MaxSessions); waits must leave room for what is short.
constexpr std::size_t kOperationsMax = 8;
constexpr std::size_t kWaitsMax = 6;
constexpr Duration kWaitLong = std::chrono::seconds{20};
// Where more attempts run than may wait at once, they take turns.
constexpr Duration kWaitTurn{300};
constexpr Duration kRequestTime = std::chrono::seconds{60};
constexpr Duration kSilence = std::chrono::seconds{20};  // beyond what the host was asked to wait
constexpr Duration kKeepalive = std::chrono::seconds{10};
constexpr std::size_t kAnswerBytesMax = std::size_t{4} << 20U;

}  // namespace

Error SshConversation::run() {
    auto next_keepalive = steady_now() + kKeepalive;
    while (!parts_.interrupt.raised()) {
        for (const auto& message : parts_.inbox.take()) {
            std::visit([this](const auto& one) { on_message(one); }, message);
        }
        if (const auto started = start_operations(); !started.ok()) return started.error();
        const auto moved = step_operations();
        if (!moved.ok()) return moved.error();
        if (!parts_.session.connected()) return Error{ErrorCode::kUnavailable, "the SSH connection broke"};
        const auto now = steady_now();
        if (now >= next_keepalive) {
            parts_.session.send_keepalive();
            next_keepalive = now + kKeepalive;
        }
        if (*moved) continue;
        auto until = next_keepalive;
        for (const auto& operation : operations_) until = std::min(until, operation.deadline);
        parts_.session.wait(parts_.inbox.fd(), POLLIN, std::max(until - now, Duration{1}));
    }
    return Error{ErrorCode::kCancelled, "stopped"};
}

void SshConversation::refuse(const execution::Command& command, const std::string& why) {
    execution::StepFinished finished;
    finished.host = command.host;
    finished.key = command.key;
    finished.outcome = execution::Outcome::kRefused;
    finished.detail = why;
    parts_.inputs(std::move(finished));
}

void SshConversation::on_message(const execution::Command& command) {
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

void SshConversation::on_message(const execution::CancelCommand& cancel) {
    const auto id = agent::attempt_id(execution::to_string(cancel.key));
    controls_.push_back(
        {request_input({"cancel", parts_.place.steps(), id, std::to_string(cancel.epoch)}), cancel.key});
}

void SshConversation::on_message(const execution::AcknowledgeResult& acknowledge) {
    const auto id = agent::attempt_id(execution::to_string(acknowledge.key));
    const auto known = attempts_.find(id);
    if (known != attempts_.end() && known->second.done()) attempts_.erase(known);
    controls_.push_back(
        {request_input({"forget", parts_.place.steps(), id, std::to_string(acknowledge.epoch)}),
         std::nullopt});
}

void SshConversation::queue(const SshAttempt& attempt) {
    if (attempt.done()) return;
    (attempt.waits() ? ready_to_wait_ : ready_).push_back(attempt.id());
}

Result<void> SshConversation::open(const std::string& input, Duration within, Operation operation) {
    ARARAT_ASSIGN_OR_RETURN(operation.exec,
                            parts_.session.start(parts_.place.request_command(), input, kAnswerBytesMax));
    operation.deadline = steady_now() + within;
    operations_.push_back(std::move(operation));
    return {};
}

Result<void> SshConversation::start_attempt_request(SshAttempt& attempt) {
    const bool must_take_turns = ready_to_wait_.size() + waits_open_ >= kWaitsMax;
    const auto wait_max = must_take_turns ? kWaitTurn : kWaitLong;
    const auto input = attempt.next_request(parts_.place, files_there_, wait_max);
    if (!input) return {};
    const bool waits = attempt.waits();
    ARARAT_RETURN_IF_ERROR(
        open(*input, waits ? wait_max + kSilence : kRequestTime, Operation{nullptr, {}, attempt.id(), {}}));
    if (waits) ++waits_open_;
    return {};
}

Result<void> SshConversation::start_operations() {
    while (operations_.size() < kOperationsMax && !controls_.empty()) {
        ARARAT_RETURN_IF_ERROR(open(controls_.front().input, kRequestTime,
                                    Operation{nullptr, {}, {}, controls_.front().cancelled}));
        controls_.pop_front();
    }
    const auto take = [this](std::deque<std::string>& from) -> Result<void> {
        const auto found = attempts_.find(from.front());
        from.pop_front();
        return found == attempts_.end() ? Result<void>{} : start_attempt_request(found->second);
    };
    while (operations_.size() < kOperationsMax && !ready_.empty()) ARARAT_RETURN_IF_ERROR(take(ready_));
    while (operations_.size() < kOperationsMax && waits_open_ < kWaitsMax && !ready_to_wait_.empty()) {
        ARARAT_RETURN_IF_ERROR(take(ready_to_wait_));
    }
    return {};
}

Result<bool> SshConversation::step_operations() {
    bool moved = false;
    const auto now = steady_now();
    for (auto at = operations_.begin(); at != operations_.end();) {
        moved = at->exec->step() || moved;
        if (at->exec->ended()) {
            auto ended = std::move(*at);
            at = operations_.erase(at);
            moved = true;
            ARARAT_RETURN_IF_ERROR(on_ended(ended));
        } else if (now >= at->deadline) {
            return Error{ErrorCode::kUnavailable, "the host does not answer any more"};
        } else {
            ++at;
        }
    }
    return moved;
}

Result<void> SshConversation::on_ended(Operation& operation) {
    ARARAT_ASSIGN_OR_RETURN(auto output, operation.exec->take());
    AttemptAnswer answer;
    answer.well = output.exit_code == 0 && !output.truncated;
    answer.text = answer.well ? std::move(output.standard_output) : reason_of(output);
    if (operation.attempt.empty()) {
        if (operation.cancelled) {
            on_cancel_answer(*operation.cancelled, answer);
        } else if (!answer.well) {
            spdlog::warn("{}: a result was not forgotten: {}", parts_.host.str(), answer.text);
        }
        return {};
    }
    const auto found = attempts_.find(operation.attempt);
    if (found == attempts_.end()) return {};
    return on_attempt_answer(found->second, answer);
}

Result<void> SshConversation::on_attempt_answer(SshAttempt& attempt, const AttemptAnswer& answer) {
    if (attempt.waits()) --waits_open_;
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
void SshConversation::on_cancel_answer(const execution::AttemptKey& key, const AttemptAnswer& answer) {
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
