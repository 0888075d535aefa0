#include "transport/ssh_attempt.h"

#include <algorithm>

#include "base/check.h"

namespace ararat::transport {
namespace {

execution::Outcome outcome_of(agent::Outcome outcome) {
    switch (outcome) {
        case agent::Outcome::kSucceeded: return execution::Outcome::kSucceeded;
        case agent::Outcome::kFailed: return execution::Outcome::kFailed;
        case agent::Outcome::kUnknown: return execution::Outcome::kUnknown;
        case agent::Outcome::kRefused: return execution::Outcome::kRefused;
        case agent::Outcome::kCancelled: return execution::Outcome::kCancelled;
    }
    ARARAT_CHECK(false, "an Outcome outside its enum");
}

}  // namespace

Result<std::string> spec_of(const execution::Command& command) {
    agent::StepSpec spec;
    spec.key = execution::to_string(command.key);
    spec.epoch = command.epoch;
    for (const auto& file : command.files) spec.files.push_back({file.name, file.sha256.str()});
    spec.outputs = command.outputs;
    for (const auto& stage : command.stages) spec.stages.push_back({stage.name, stage.operation});
    return agent::encode_spec(spec);
}

SshAttempt::SshAttempt(execution::Command command, std::string spec)
    : command_(std::move(command)),
      spec_(std::move(spec)),
      id_(agent::attempt_id(execution::to_string(command_.key))) {}

SshAttempt SshAttempt::watching(execution::Command command) {
    SshAttempt attempt(std::move(command), {});
    attempt.stage_ = Stage::kLooking;
    attempt.fault_ = "it was cancelled first";
    return attempt;
}

std::optional<std::string> SshAttempt::next_request(const SupervisorPlace& place,
                                                    const std::set<std::string>& files_there,
                                                    Duration wait_max) {
    if (stage_ == Stage::kPlacing) {
        for (const auto& file : command_.files) {
            const auto& hash = file.sha256.str();
            if (files_there.contains(hash)) continue;
            const auto bytes = command_.pinned->files.find(file.sha256);
            ARARAT_CHECK(bytes != command_.pinned->files.end(), "a shipped file is not in its plan");
            placing_ = hash;
            return put_input(agent::shipped_file_path(place.steps(), hash), "0644", hash, bytes->second);
        }
        stage_ = Stage::kStarting;
    }
    switch (stage_) {
        case Stage::kStarting: return request_input({"start", place.steps()}, spec_);
        case Stage::kRulingOut:
            return request_input({"never-start", place.steps(), id_, std::to_string(command_.epoch)});
        case Stage::kLooking: return request_input({"status", place.steps(), id_});
        case Stage::kWaiting:
            return request_input({"wait", place.steps(), id_, std::to_string(wait_max.count()),
                                  std::to_string(output_offset_)});
        case Stage::kPlacing:
        case Stage::kDone: break;
    }
    return std::nullopt;
}

SshAttempt::News SshAttempt::finish(execution::Outcome outcome, std::string detail) {
    agent::StepResult result;
    result.detail = std::move(detail);
    auto news = finish(result);
    news.finished->outcome = finished_->outcome = outcome;
    return news;
}

SshAttempt::News SshAttempt::finish(const agent::StepResult& result) {
    stage_ = Stage::kDone;
    execution::StepFinished finished;
    finished.host = command_.host;
    finished.key = command_.key;
    finished.outcome = outcome_of(result.outcome);
    finished.already = result.already;
    finished.exit_code = result.exit_code;
    finished.detail = result.detail;
    if (finished.outcome == execution::Outcome::kRefused && !fault_.empty()) finished.detail += ": " + fault_;
    finished.outputs = result.outputs;
    finished.duration_ms = result.duration_ms;
    finished_ = finished;
    News news;
    news.finished = std::move(finished);
    return news;
}

std::optional<OutputChunk> SshAttempt::take_output(const agent::AttemptReport& report) {
    if (report.output.empty()) return std::nullopt;
    OutputChunk chunk{command_.host, command_.key, report.output_offset, report.output,
                      report.output_truncated};
    output_offset_ = report.output_offset + report.output.size();
    return chunk;
}

Result<SshAttempt::News> SshAttempt::on_answer(const AttemptAnswer& answer) {
    if (stage_ == Stage::kPlacing) {
        if (!answer.well) {
            fault_ = "a shipped file cannot be placed: " + answer.text;
            stage_ = Stage::kRulingOut;
            return News{};
        }
        News news;
        news.file_there = placing_;
        return news;
    }
    if (!answer.well) {
        // It may have been started all the same, or be about to, by what is past its first fork or was sent
        // in an earlier session. On the host it is one or the other, once for all.
        if (stage_ != Stage::kStarting) return Error{ErrorCode::kUnavailable, answer.text};
        fault_ = answer.text;
        stage_ = Stage::kRulingOut;
        return News{};
    }
    ARARAT_ASSIGN_OR_RETURN(const auto report, agent::decode_report(answer.text));
    // An offset that goes back would have the same output fetched, and kept, for ever.
    if (!report.output.empty() && report.output_offset != output_offset_) {
        return Error{ErrorCode::kDataLoss, "the supervisor answers with output that was not asked for"};
    }
    return on_report(report);
}

Result<SshAttempt::News> SshAttempt::on_report(const agent::AttemptReport& report) {
    News news;
    switch (report.state) {
        case agent::AttemptState::kRefused: return finish(execution::Outcome::kRefused, report.detail);
        case agent::AttemptState::kAbsent:
            if (stage_ == Stage::kLooking) {
                return finish(execution::Outcome::kRefused, "it could not be started: " + fault_);
            }
            return finish(execution::Outcome::kUnknown, "the host knows nothing of this attempt any more");
        case agent::AttemptState::kRunning:
            news.started = !std::exchange(started_, true);
            news.output = take_output(report);
            stage_ = Stage::kWaiting;
            return news;
        case agent::AttemptState::kLost:
        case agent::AttemptState::kFinished: break;
    }
    // What it wrote before its end comes first, piece by piece. Nothing more comes where the host was asked
    // for it and had none: then it is not kept any more, and the end counts all the same.
    const bool was_asked = stage_ == Stage::kWaiting;
    news.output = take_output(report);
    const bool all_there = report.result && output_offset_ >= report.result->output_bytes;
    if (!all_there && (news.output || !was_asked)) {
        stage_ = Stage::kWaiting;
        return news;
    }
    auto ended = report.result ? finish(*report.result) : finish(execution::Outcome::kUnknown, report.detail);
    ended.output = std::move(news.output);
    return ended;
}

}  // namespace ararat::transport
