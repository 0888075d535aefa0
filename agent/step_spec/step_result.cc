#include "agent/step_spec/step_result.h"

#include <limits>

#include "agent/step_spec/field_codec.h"

namespace ararat::agent {

namespace {

constexpr std::string_view kResultVersion = "ararat-step-result/1";
constexpr std::string_view kReportVersion = "ararat-step-report/1";
constexpr std::string_view kKeysVersion = "ararat-attempt-list/1";
constexpr std::string_view kEnd = "end";
constexpr std::size_t kOutputsMax = 4096;
// Without them 4294967296 would be read as 0.
constexpr std::int64_t kExitCodeMin = std::numeric_limits<int>::min();
constexpr std::int64_t kExitCodeMax = std::numeric_limits<int>::max();
constexpr std::size_t kLastOutcome = static_cast<std::size_t>(Outcome::kCancelled);
constexpr std::size_t kLastState = static_cast<std::size_t>(AttemptState::kRefused);

}  // namespace

const char* to_string(Outcome outcome) {
    switch (outcome) {
        case Outcome::kSucceeded: return "succeeded";
        case Outcome::kFailed: return "failed";
        case Outcome::kUnknown: return "unknown";
        case Outcome::kRefused: return "refused";
        case Outcome::kCancelled: return "cancelled";
    }
    return "unknown";
}

const char* to_string(AttemptState state) {
    switch (state) {
        case AttemptState::kAbsent: return "absent";
        case AttemptState::kRunning: return "running";
        case AttemptState::kFinished: return "finished";
        case AttemptState::kLost: return "lost";
        case AttemptState::kRefused: return "refused";
    }
    return "absent";
}

std::string encode_result(const StepResult& result) {
    FieldWriter writer;
    writer.text(kResultVersion);
    writer.number(static_cast<int>(result.outcome));
    writer.number(result.already ? 1 : 0);
    writer.number(result.exit_code);
    writer.number(result.duration_ms);
    writer.blob(result.detail);
    writer.number(static_cast<std::int64_t>(result.output_bytes));
    writer.number(result.output_truncated ? 1 : 0);
    writer.number(static_cast<std::int64_t>(result.outputs.size()));
    for (const auto& [name, value] : result.outputs) {
        writer.blob(name);
        writer.blob(value);
    }
    writer.text(kEnd);
    return writer.take();
}

Result<StepResult> decode_result(std::string_view bytes) {
    FieldReader reader(bytes);
    StepResult result;
    reader.expect(kResultVersion);
    result.outcome = static_cast<Outcome>(reader.count(kLastOutcome));
    result.already = reader.count(1) == 1;
    result.exit_code = static_cast<int>(reader.number_within(kExitCodeMin, kExitCodeMax));
    result.duration_ms = reader.number();
    result.detail = reader.blob();
    result.output_bytes = reader.count(1ULL << 40U);
    result.output_truncated = reader.count(1) == 1;
    const std::size_t outputs = reader.count(kOutputsMax);
    for (std::size_t i = 0; i < outputs && reader.ok(); ++i) {
        std::string name = reader.blob();
        // In order, as a map writes them: none is given twice.
        if (!result.outputs.empty() && name <= result.outputs.rbegin()->first) reader.fail();
        result.outputs[std::move(name)] = reader.blob();
    }
    reader.expect(kEnd);
    if (!reader.complete()) {
        return Error{ErrorCode::kDataLoss,
                     "step result is damaged after field " + std::to_string(reader.fields_read())};
    }
    return result;
}

std::string encode_keys(const std::vector<std::string>& keys) {
    FieldWriter writer;
    writer.text(kKeysVersion);
    writer.number(static_cast<std::int64_t>(keys.size()));
    for (const std::string& key : keys) writer.text(key);
    writer.text(kEnd);
    return writer.take();
}

Result<std::vector<std::string>> decode_keys(std::string_view bytes) {
    FieldReader reader(bytes);
    std::vector<std::string> keys;
    reader.expect(kKeysVersion);
    const std::size_t count = reader.count(kKnownKeysMax);
    for (std::size_t i = 0; i < count && reader.ok(); ++i) keys.push_back(reader.text());
    reader.expect(kEnd);
    if (!reader.complete()) {
        return Error{ErrorCode::kDataLoss,
                     "list of attempts is damaged after field " + std::to_string(reader.fields_read())};
    }
    return keys;
}

std::string encode_report(const AttemptReport& report) {
    FieldWriter writer;
    writer.text(kReportVersion);
    writer.number(static_cast<int>(report.state));
    writer.blob(report.detail);
    writer.number(static_cast<std::int64_t>(report.output_offset));
    writer.number(report.output_truncated ? 1 : 0);
    writer.blob(report.result ? encode_result(*report.result) : std::string());
    writer.blob(report.output);
    writer.text(kEnd);
    return writer.take();
}

Result<AttemptReport> decode_report(std::string_view bytes) {
    FieldReader reader(bytes);
    AttemptReport report;
    reader.expect(kReportVersion);
    report.state = static_cast<AttemptState>(reader.count(kLastState));
    report.detail = reader.blob();
    report.output_offset = reader.count(1ULL << 40U);
    report.output_truncated = reader.count(1) == 1;
    const std::string result = reader.blob();
    report.output = reader.blob();
    reader.expect(kEnd);
    if (!reader.complete() || (report.state == AttemptState::kFinished) == result.empty()) {
        return Error{ErrorCode::kDataLoss,
                     "supervisor's report is damaged after field " + std::to_string(reader.fields_read())};
    }
    if (!result.empty()) {
        ARARAT_ASSIGN_OR_RETURN(report.result, decode_result(result));
    }
    return report;
}

}  // namespace ararat::agent
