// The conversation about one attempt, without a host: what is asked, what is told to the engine.
#include "transport/ssh_attempt.h"

#include <gtest/gtest.h>

#include "base/sha256.h"

namespace ararat::transport {
namespace {

using agent::AttemptReport;
using agent::AttemptState;

const SupervisorPlace kPlace = SupervisorPlace::make("/var/lib/ararat-ssh", "root").value();

execution::Command command_with_files(const std::vector<std::string>& contents) {
    auto plan = std::make_shared<CompiledPlan>();
    execution::Command command;
    command.host = HostId("ark-fs1");
    command.key = {ProjectId("southwark"), RunId("wave-1.1"), TaskId("files/share/copy"),
                   execution::Purpose::kForward, 2};
    command.epoch = 7;
    command.stages.push_back({"perform", Operation{}});
    command.stages.back().operation.argv = {"true", "with 'quotes'"};
    for (const auto& bytes : contents) {
        const Hash hash(sha256_hex(bytes));
        plan->files[hash] = bytes;
        command.files.push_back({"file" + std::to_string(command.files.size()), hash});
    }
    command.pinned = plan;
    return command;
}

SshAttempt attempt_of(const execution::Command& command) { return {command, spec_of(command).value()}; }

std::string first_words(const std::optional<std::string>& input) {
    if (!input) return "nothing";
    // "COUNT\0word\0word\0...": the sub-command.
    const auto begin = input->find('\0') + 1;
    return input->substr(begin, input->find('\0', begin) - begin);
}

AttemptAnswer well(const AttemptReport& report) { return {true, agent::encode_report(report)}; }

AttemptReport running(std::uint64_t offset = 0, std::string output = {}) {
    AttemptReport report;
    report.state = AttemptState::kRunning;
    report.output_offset = offset;
    report.output = std::move(output);
    return report;
}

AttemptReport finished(std::uint64_t output_bytes, std::uint64_t offset = 0, std::string output = {}) {
    auto report = running(offset, std::move(output));
    report.state = AttemptState::kFinished;
    report.result = agent::StepResult{};
    report.result->outcome = agent::Outcome::kSucceeded;
    report.result->output_bytes = output_bytes;
    report.result->outputs = {{"rows", "300000"}};
    report.result->exit_code = 0;
    report.result->duration_ms = 12;
    return report;
}

TEST(SshAttempt, PlacesFilesStartsWaitsAndFetchesOutput) {
    const auto command = command_with_files({"#!/bin/sh\n", "second"});
    auto attempt = attempt_of(command);
    std::set<std::string> there = {sha256_hex("second")};

    const auto put = attempt.next_request(kPlace, there, Duration{1000});
    EXPECT_EQ(first_words(put), "put");
    EXPECT_TRUE(put->ends_with("#!/bin/sh\n"));
    auto news = attempt.on_answer({true, "ok\n"});
    ASSERT_TRUE(news.ok());
    EXPECT_EQ(news->file_there, sha256_hex("#!/bin/sh\n"));
    there.insert(news->file_there);

    const auto start = attempt.next_request(kPlace, there, Duration{1000});
    EXPECT_EQ(first_words(start), "start");
    const auto spec = agent::decode_spec(start->substr(start->size() - spec_of(command)->size()));
    ASSERT_TRUE(spec.ok()) << spec.error().text();
    EXPECT_EQ(spec->key, "southwark|wave-1.1|files/share/copy|forward|2");
    EXPECT_EQ(spec->epoch, 7U);
    news = attempt.on_answer(well(running()));
    ASSERT_TRUE(news.ok());
    EXPECT_TRUE(news->started);

    EXPECT_EQ(first_words(attempt.next_request(kPlace, there, Duration{1000})), "wait");
    news = attempt.on_answer(well(running(0, "abc")));
    ASSERT_TRUE(news.ok());
    EXPECT_FALSE(news->started) << "said once";
    ASSERT_TRUE(news->output);
    EXPECT_EQ(news->output->offset, 0U);

    const auto wait = attempt.next_request(kPlace, there, Duration{1000});
    EXPECT_NE(wait->find(std::string("1000\0003\0", 7)), std::string::npos) << "from where it got to";
    news = attempt.on_answer(well(finished(8, 3, "def")));
    ASSERT_TRUE(news.ok());
    EXPECT_FALSE(news->finished) << "two bytes are missing";
    EXPECT_EQ(first_words(attempt.next_request(kPlace, there, Duration{1000})), "wait");
    news = attempt.on_answer(well(finished(8, 6, "gh")));
    ASSERT_TRUE(news.ok());
    EXPECT_EQ(news->output->offset, 6U);
    ASSERT_TRUE(news->finished);
    EXPECT_EQ(news->finished->outcome, execution::Outcome::kSucceeded);
    EXPECT_EQ(news->finished->outputs.at("rows"), "300000");
    EXPECT_EQ(news->finished->duration_ms, 12);
    EXPECT_TRUE(attempt.done());
    EXPECT_EQ(attempt.next_request(kPlace, there, Duration{1000}), std::nullopt);
}

TEST(SshAttempt, FetchesTheOutputOfWhatHadEndedLongAgo) {
    auto attempt = attempt_of(command_with_files({}));
    EXPECT_EQ(first_words(attempt.next_request(kPlace, {}, Duration{1})), "start");
    auto news = attempt.on_answer(well(finished(3)));
    ASSERT_TRUE(news.ok());
    EXPECT_FALSE(news->finished);
    EXPECT_EQ(first_words(attempt.next_request(kPlace, {}, Duration{1})), "wait");
    news = attempt.on_answer(well(finished(3, 0, "abc")));
    ASSERT_TRUE(news.ok());
    EXPECT_TRUE(news->output && news->finished);
}

TEST(SshAttempt, EndsThoughItsOutputIsNotKeptAnyMore) {
    auto attempt = attempt_of(command_with_files({}));
    (void)attempt.next_request(kPlace, {}, Duration{1});
    ASSERT_TRUE(attempt.on_answer(well(finished(3))).ok());
    const auto news = attempt.on_answer(well(finished(3)));
    ASSERT_TRUE(news.ok());
    EXPECT_TRUE(news->finished);
}

TEST(SshAttempt, ALostSupervisorIsUnknownNeverFailed) {
    auto attempt = attempt_of(command_with_files({}));
    (void)attempt.next_request(kPlace, {}, Duration{1});
    ASSERT_TRUE(attempt.on_answer(well(running())).ok());
    AttemptReport lost;
    lost.state = AttemptState::kLost;
    lost.detail = "the host was restarted";
    const auto news = attempt.on_answer(well(lost));
    ASSERT_TRUE(news.ok());
    ASSERT_TRUE(news->finished);
    EXPECT_EQ(news->finished->outcome, execution::Outcome::kUnknown);
    EXPECT_EQ(news->finished->detail, "the host was restarted");
}

TEST(SshAttempt, AnOldEpochIsRefused) {
    auto attempt = attempt_of(command_with_files({}));
    (void)attempt.next_request(kPlace, {}, Duration{1});
    AttemptReport refused;
    refused.state = AttemptState::kRefused;
    refused.detail = "epoch 7 is older than 9";
    const auto news = attempt.on_answer(well(refused));
    ASSERT_TRUE(news.ok());
    EXPECT_EQ(news->finished->outcome, execution::Outcome::kRefused);
    EXPECT_FALSE(news->started);
}

AttemptReport ruled_out() {
    auto report = finished(0);
    report.result->outcome = agent::Outcome::kRefused;
    report.result->detail = "the step could not be started";
    return report;
}

// A start that failed may still be under way: what is past its fork, or was sent in an earlier session. So it
// is ruled out on the host before the engine is told that nothing was done.
TEST(SshAttempt, AfterAFailedStartItIsRuledOutAndNotGuessed) {
    auto attempt = attempt_of(command_with_files({}));
    (void)attempt.next_request(kPlace, {}, Duration{1});
    ASSERT_TRUE(attempt.on_answer({false, "no space left"}).ok());
    EXPECT_EQ(attempt.next_request(kPlace, {}, Duration{1}),
              request_input({"never-start", kPlace.steps(), attempt.id(), "7"}));
    const auto news = attempt.on_answer(well(ruled_out()));
    ASSERT_TRUE(news.ok());
    EXPECT_EQ(news->finished->outcome, execution::Outcome::kRefused);
    EXPECT_NE(news->finished->detail.find("no space left"), std::string::npos);

    auto other = attempt_of(command_with_files({}));
    (void)other.next_request(kPlace, {}, Duration{1});
    ASSERT_TRUE(other.on_answer({false, "no space left"}).ok());
    (void)other.next_request(kPlace, {}, Duration{1});
    const auto runs = other.on_answer(well(running()));
    ASSERT_TRUE(runs.ok());
    EXPECT_TRUE(runs->started) << "it had started after all";
}

TEST(SshAttempt, AFileThatCannotBePlacedStartsNothing) {
    auto attempt = attempt_of(command_with_files({"script"}));
    (void)attempt.next_request(kPlace, {}, Duration{1});
    ASSERT_TRUE(attempt.on_answer({false, "no space left"}).ok());
    EXPECT_EQ(first_words(attempt.next_request(kPlace, {}, Duration{1})), "never-start");
    const auto news = attempt.on_answer(well(ruled_out()));
    ASSERT_TRUE(news.ok());
    EXPECT_EQ(news->finished->outcome, execution::Outcome::kRefused);
    EXPECT_NE(news->finished->detail.find("cannot be placed: no space left"), std::string::npos);
    EXPECT_EQ(attempt.next_request(kPlace, {}, Duration{1}), std::nullopt);
}

TEST(SshAttempt, RubbishFromTheHostEndsTheSessionNotTheStep) {
    auto attempt = attempt_of(command_with_files({}));
    (void)attempt.next_request(kPlace, {}, Duration{1});
    EXPECT_FALSE(attempt.on_answer({true, "Welcome to ark-fs1!\n"}).ok());
    EXPECT_FALSE(attempt.done());
}

TEST(SshAttempt, ANulInAnArgumentHasNoSpec) {
    auto command = command_with_files({});
    command.stages[0].operation.argv.emplace_back("a\0b", 3);
    EXPECT_FALSE(spec_of(command).ok());
}

TEST(SshAttempt, DoesNotTrustASupervisorThatGoesBackInItsOutput) {
    auto attempt = attempt_of(command_with_files({}));
    (void)attempt.next_request(kPlace, {}, Duration{1000});
    ASSERT_TRUE(attempt.on_answer(well(running(0, "line\n"))).ok());
    for (const std::uint64_t offset : {0U, 4U, 6U}) {
        EXPECT_EQ(attempt.on_answer(well(running(offset, "line\n"))).error().code, ErrorCode::kDataLoss);
    }
    EXPECT_TRUE(attempt.on_answer(well(running(5, "more\n"))).ok());
}

}  // namespace
}  // namespace ararat::transport
