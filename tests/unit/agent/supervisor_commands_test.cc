#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>

#include "agent/step_spec/field_codec.h"
#include "base/sha256.h"
#include "supervisor_program.h"

namespace ararat::agent {
namespace {

std::string request(const std::vector<std::string>& words, const std::string& rest = {}) {
    FieldWriter writer;
    writer.number(static_cast<std::int64_t>(words.size()));
    for (const std::string& word : words) writer.text(word);
    return writer.take() + rest;
}

std::string argument_block(const std::vector<std::string>& argv) {
    std::string block;
    for (const std::string& argument : argv) block += argument + '\0';
    return std::to_string(block.size()) + '\0' + block;
}

TEST(SupervisorCommands, PutVerifiesWhatItReceives) {
    SupervisorProgram program;
    const std::string content = std::string("bytes \0 with NUL", 16);
    const std::string path = program.path("new/place/file");
    const auto put = program.call({"put", path, "0750", sha256_hex(content), "16"}, content);
    EXPECT_EQ(put.exit_code, 0) << put.standard_error;
    EXPECT_EQ(put.standard_output, "ok\n");
    EXPECT_EQ(program.read("new/place/file"), content);
    struct stat status {};
    ASSERT_EQ(stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0750U);
}

TEST(SupervisorCommands, PutLeavesNothingWhereTheBytesAreOthers) {
    SupervisorProgram program;
    EXPECT_NE(program.call({"put", program.path("a"), "0644", sha256_hex("x"), "1"}, "y").exit_code, 0);
    EXPECT_NE(program.call({"put", program.path("a"), "0644", sha256_hex("xyz"), "3"}, "xy").exit_code, 0);
    EXPECT_FALSE(platform::file_exists(program.path("a")));
    EXPECT_EQ(program.call({"put", "relative", "0644", sha256_hex("x"), "1"}, "x").exit_code, 2);
}

TEST(SupervisorCommands, RequestCarriesItsWordsOnStandardInput) {
    SupervisorProgram program;
    const StepSpec spec = step("k", {run_stage("perform", {"/bin/echo", "hello"})});
    const auto started =
        program.call({"request"}, request({"start", program.root()}, encode_spec(spec).value()));
    ASSERT_EQ(started.exit_code, 0) << started.standard_error;
    EXPECT_NE(decode_report(started.standard_output).value().state, AttemptState::kAbsent);
    EXPECT_EQ(program.finish("k").output, "hello\n");
    const auto waited =
        program.call({"request"}, request({"wait", program.root(), attempt_id("k"), "1000", "0"}));
    EXPECT_EQ(decode_report(waited.standard_output).value().output, "hello\n");
}

TEST(SupervisorCommands, RequestRefusesWhatIsNone) {
    SupervisorProgram program;
    for (const std::string& input :
         {std::string(), std::string("1"), std::string("0\0", 2), std::string("x\0y\0", 4),
          request({"request"}), request({"nonsense"}), request({"status"}), std::string("99\0", 3)}) {
        EXPECT_NE(program.call({"request"}, input).exit_code, 0) << input;
    }
}

TEST(SupervisorCommands, RefusesIdsThatLeaveTheRoot) {
    SupervisorProgram program;
    for (const char* id : {"../../etc", "", "ABCDEF00ABCDEF00ABCDEF00ABCDEF00", "abc"}) {
        EXPECT_EQ(program.call({"status", program.root(), id}).exit_code, 2) << id;
        for (const char* command : {"cancel", "forget"}) {
            EXPECT_EQ(program.call({command, program.root(), id, "1"}).exit_code, 2) << command << " " << id;
        }
    }
    EXPECT_EQ(program.call({"cancel", program.root(), attempt_id("k"), "soon"}).exit_code, 2);
}

// An orchestrator that no longer leads may neither stop nor forget what its successor started.
TEST(SupervisorCommands, CancelAndForgetObeyNoOlderEpoch) {
    SupervisorProgram program;
    program.start(step("k", {shell_stage("perform", "sleep 600")}, 5));
    const auto report_of = [&](const char* command, const char* epoch) {
        const auto said = program.call({command, program.root(), attempt_id("k"), epoch});
        return decode_report(said.standard_output).value();
    };
    EXPECT_EQ(report_of("cancel", "4").state, AttemptState::kRefused);
    EXPECT_NE(report_of("cancel", "4").detail.find("stale epoch"), std::string::npos);
    EXPECT_FALSE(platform::file_exists(program.folder("k") + "/cancel"));
    EXPECT_EQ(report_of("cancel", "6").state, AttemptState::kRunning);
    program.finish("k");
    EXPECT_EQ(report_of("forget", "5").state, AttemptState::kRefused) << "the cancel's epoch counts";
    EXPECT_TRUE(platform::file_exists(program.folder("k") + "/spec"));
    EXPECT_EQ(report_of("forget", "6").state, AttemptState::kFinished);
}

TEST(SupervisorCommands, ListsWhatWasStartedAndIsNotForgotten) {
    SupervisorProgram program;
    const auto listed = [&] {
        return decode_keys(program.call({"list", program.root()}).standard_output).value();
    };
    EXPECT_TRUE(listed().empty()) << "there is no root yet";
    program.cancel("never");
    program.start(step("done", {run_stage("perform", {"/bin/true"})}));
    program.finish("done");
    program.start(step("runs", {shell_stage("perform", "sleep 600")}));
    std::vector<std::string> keys = listed();
    std::ranges::sort(keys);
    EXPECT_EQ(keys, (std::vector<std::string>{"done", "runs"}));
    program.forget("done");
    EXPECT_EQ(listed(), (std::vector<std::string>{"runs"}));
    program.cancel("runs");
    program.finish("runs");
}

TEST(SupervisorCommands, ExecLeavesTheRestOfTheInputToTheProgram) {
    SupervisorProgram program;
    const std::string input(100'000, 'z');
    const auto result = program.call(
        {"exec"}, argument_block({"/bin/sh", "-c", "printf '%s|' \"$0\" \"$1\"; cat", "a b", ""}) + input);
    EXPECT_EQ(result.exit_code, 0) << result.standard_error;
    EXPECT_EQ(result.standard_output, "a b||" + input);
}

TEST(SupervisorCommands, ExecRefusesBlocksThatAreNone) {
    SupervisorProgram program;
    for (const std::string& input :
         {std::string("0\0", 2), std::string("5\0a", 3), std::string("2\0ab", 4), std::string("x\0", 2)}) {
        EXPECT_NE(program.call({"exec"}, input).exit_code, 0);
    }
    EXPECT_NE(program.call({"exec"}, argument_block({"/no/such/program"})).exit_code, 0);
}

TEST(SupervisorCommands, ADamagedSpecIsRefused) {
    SupervisorProgram program;
    const auto result = program.call({"start", program.root()}, "nonsense");
    ASSERT_EQ(result.exit_code, 0);
    EXPECT_EQ(decode_report(result.standard_output).value().state, AttemptState::kRefused);
}

TEST(SupervisorCommands, WaitReportsOutputFromTheOffsetOn) {
    SupervisorProgram program;
    program.start(step("k", {shell_stage("perform", "printf 0123456789")}));
    program.finish("k");
    const auto report =
        decode_report(program.call({"wait", program.root(), attempt_id("k"), "0", "4"}).standard_output)
            .value();
    EXPECT_EQ(report.output_offset, 4U);
    EXPECT_EQ(report.output, "456789");
}

TEST(SupervisorCommands, SaysHowItIsUsed) {
    SupervisorProgram program;
    EXPECT_EQ(program.call({}).exit_code, 2);
    EXPECT_EQ(program.call({"start"}).exit_code, 2);
    EXPECT_EQ(program.call({"version"}).exit_code, 0);
    EXPECT_EQ(program.call({"connect", "/no/such/socket"}).exit_code, 1);
}

}  // namespace
}  // namespace ararat::agent
