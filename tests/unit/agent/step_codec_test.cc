#include <gtest/gtest.h>

#include <limits>

#include "agent/step_spec/step_result.h"
#include "agent/step_spec/step_spec.h"

namespace ararat::agent {
namespace {

StepSpec full_spec() {
    StepSpec spec;
    spec.key = "p|run-1|housing/db/seed|forward|2";
    spec.epoch = 7;
    spec.output_bytes_max = 1000;
    spec.outputs = {"lsn", "rows"};
    spec.files = {{"seed.sh", std::string(64, 'a')}};
    StageSpec stage;
    stage.name = "perform";
    stage.operation.verb = Verb::kPowerOff;
    stage.operation.argv = {"a b", "", "$(reboot)", "line\nbreak"};
    stage.operation.fields = {{"path", "/x"}};
    stage.operation.environment = {{"K", "V"}};
    stage.operation.until = {Duration{100}, Duration{2000}};
    stage.operation.expect = {3, "equal", "part"};
    stage.operation.timeout = Duration{1234};
    spec.stages = {stage, stage};
    return spec;
}

TEST(StepSpec, ComesBackAsItWas) {
    const auto bytes = encode_spec(full_spec());
    ASSERT_TRUE(bytes.ok());
    const auto decoded = decode_spec(bytes.value());
    ASSERT_TRUE(decoded.ok()) << decoded.error().text();
    EXPECT_EQ(decoded.value(), full_spec());
}

TEST(StepSpec, EveryVerbComesBack) {
    for (int verb = 0; verb <= static_cast<int>(Verb::kPowerOff); ++verb) {
        StepSpec spec = full_spec();
        spec.stages[0].operation.verb = static_cast<Verb>(verb);
        EXPECT_EQ(decode_spec(encode_spec(spec).value()).value(), spec);
    }
}

TEST(StepSpec, RefusesNulInAValue) {
    StepSpec spec = full_spec();
    spec.stages[0].operation.argv[0] = std::string("a\0b", 3);
    EXPECT_EQ(encode_spec(spec).error().code, ErrorCode::kInvalidArgument);
}

TEST(StepSpec, RefusesWhatIsTooLarge) {
    StepSpec spec = full_spec();
    spec.stages[0].operation.argv[0] = std::string(kSpecBytesMax, 'x');
    EXPECT_EQ(encode_spec(spec).error().code, ErrorCode::kInvalidArgument);
}

// No prefix of a spec is a spec, and nothing may follow one.
TEST(StepSpec, RefusesEveryTruncationAndAnyTail) {
    const std::string bytes = encode_spec(full_spec()).value();
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_FALSE(decode_spec(std::string_view(bytes).substr(0, size)).ok()) << size;
    }
    EXPECT_FALSE(decode_spec(bytes + "x").ok());
}

TEST(StepSpec, RefusesMorePartsThanAreReadBack) {
    StepSpec spec = full_spec();
    spec.stages.assign(17, spec.stages[0]);
    EXPECT_EQ(encode_spec(spec).error().code, ErrorCode::kInvalidArgument);
    spec = full_spec();
    spec.stages[0].operation.argv.assign(4097, "x");
    EXPECT_EQ(encode_spec(spec).error().code, ErrorCode::kInvalidArgument);
}

TEST(StepSpec, EveryEpochComesBack) {
    StepSpec spec = full_spec();
    spec.epoch = std::numeric_limits<std::uint64_t>::max();
    EXPECT_EQ(decode_spec(encode_spec(spec).value()).value(), spec);
}

TEST(StepSpec, RefusesAnotherVersion) {
    std::string bytes = encode_spec(full_spec()).value();
    bytes[bytes.find("/1") + 1] = '2';
    EXPECT_EQ(decode_spec(bytes).error().code, ErrorCode::kDataLoss);
}

TEST(StepSpec, NamesAFolderByTheKeyAlone) {
    EXPECT_EQ(attempt_id("p|r|t|forward|1").size(), 32U);
    EXPECT_EQ(attempt_id("p|r|t|forward|1"), attempt_id("p|r|t|forward|1"));
    EXPECT_NE(attempt_id("p|r|t|forward|1"), attempt_id("p|r|t|forward|2"));
}

StepResult full_result() {
    StepResult result;
    result.outcome = Outcome::kFailed;
    result.already = true;
    result.exit_code = 137;
    result.duration_ms = 99;
    result.detail = std::string("with \0 byte", 11);
    result.output_bytes = 12;
    result.output_truncated = true;
    result.outputs = {{"a", "1"}, {"b", std::string("x\0y", 3)}};
    return result;
}

TEST(StepResult, ComesBackAsItWasForEveryOutcome) {
    for (int outcome = 0; outcome <= static_cast<int>(Outcome::kCancelled); ++outcome) {
        StepResult result = full_result();
        result.outcome = static_cast<Outcome>(outcome);
        EXPECT_EQ(decode_result(encode_result(result)).value(), result);
    }
}

TEST(StepResult, RefusesEveryTruncation) {
    const std::string bytes = encode_result(full_result());
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_FALSE(decode_result(std::string_view(bytes).substr(0, size)).ok()) << size;
    }
}

std::string replaced(std::string bytes, const std::string& from, const std::string& to) {
    const std::size_t at = bytes.find(from);
    EXPECT_NE(at, std::string::npos);
    return bytes.replace(at, from.size(), to);
}

// There is one way to write a result: what is read is what was written.
TEST(StepResult, RefusesWhatItWouldNotWrite) {
    StepResult result;
    result.exit_code = 77;
    result.outputs = {{"a", "1"}, {"b", "2"}};
    const std::string bytes = encode_result(result);
    ASSERT_TRUE(decode_result(bytes).ok());
    EXPECT_FALSE(decode_result(replaced(bytes, "77", "077")).ok());
    // Read into an int it would be 0: a step that failed would have succeeded.
    EXPECT_FALSE(decode_result(replaced(bytes, "77", "4294967296")).ok());
    const std::string first(
        "1\0a1\0"
        "1",
        6);
    const std::string second(
        "1\0b1\0"
        "2",
        6);
    EXPECT_FALSE(decode_result(replaced(bytes, second, first)).ok());
    EXPECT_FALSE(decode_result(replaced(bytes, first + second, second + first)).ok());
}

TEST(AttemptReport, CarriesOutputAndResult) {
    AttemptReport report;
    report.state = AttemptState::kFinished;
    report.output_offset = 5;
    report.output = std::string("a\0b", 3);
    report.result = full_result();
    EXPECT_EQ(decode_report(encode_report(report)).value(), report);
}

TEST(AttemptReport, RefusesAFinishedOneWithoutResult) {
    AttemptReport report;
    report.state = AttemptState::kFinished;
    EXPECT_FALSE(decode_report(encode_report(report)).ok());
}

}  // namespace
}  // namespace ararat::agent
