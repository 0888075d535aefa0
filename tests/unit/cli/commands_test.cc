// Commands as they are typed, against a played orchestrator: what they ask for and how they end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "played_control.h"

namespace ararat::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(AgentInstall, LeavesToThePlanWhatIsNotSaid) {
    PlayedControl control;
    EXPECT_EQ(control.run("agent install ark-db1 --via ssh").code, ExitCode::kDone);
    EXPECT_EQ(control.run("agent install ark-db1 --via ssh --user ops --port 2222").code, ExitCode::kDone);
    EXPECT_THAT(control.heard, ElementsAre("InstallAgent host: \"ark-db1\"",
                                           "InstallAgent host: \"ark-db1\" user: \"ops\" port: 2222"));
}

TEST(RunSkip, SaysWhichStepAndWhyAndAsksForTheReason) {
    PlayedControl control;
    EXPECT_EQ(control.run("run skip w.1 a/b/check -m broken").code, ExitCode::kDone);
    EXPECT_THAT(control.heard, ElementsAre("SkipTask run: \"w.1\" task: \"a/b/check\" reason: \"broken\""));
    EXPECT_EQ(control.run("run skip w.1 a/b/check").code, ExitCode::kInvalid);
    EXPECT_EQ(control.heard.size(), 1U) << "nothing is skipped without a reason";
}

TEST(RunGo, SaysWhichGroupAndWhyAndAsksForTheReason) {
    PlayedControl control;
    EXPECT_EQ(control.run("run go w.1 -m approved").code, ExitCode::kDone);
    EXPECT_EQ(control.run("run go w.1 --group housing -m approved").code, ExitCode::kDone);
    EXPECT_THAT(control.heard, ElementsAre("GiveGo run: \"w.1\" reason: \"approved\"",
                                           "GiveGo run: \"w.1\" group: \"housing\" reason: \"approved\""));
    EXPECT_EQ(control.run("run go w.1").code, ExitCode::kInvalid);
    EXPECT_EQ(control.heard.size(), 2U) << "no go without a reason";
}

TEST(RunStep, LetsOneStepThrough) {
    PlayedControl control;
    EXPECT_EQ(control.run("run step w.1").code, ExitCode::kDone);
    EXPECT_THAT(control.heard, ElementsAre("ControlRun run: \"w.1\" action: RUN_ACTION_STEP"));
}

v1::EventUpdate event(std::uint64_t sequence, const std::string& version) {
    v1::EventUpdate update;
    update.set_sequence(sequence);
    update.mutable_record()->set_sequence(sequence);
    update.mutable_record()->set_at_unix_ms(1'516'046'400'000);
    update.mutable_record()->mutable_epoch_started()->set_epoch(sequence);
    update.mutable_record()->mutable_epoch_started()->set_version(version);
    return update;
}

TEST(Events, AreLinesOrJsonLines) {
    PlayedControl control;
    control.event_streams = {{{event(7, "0.1"), event(8, "0.2")}}, {{event(7, "0.1")}}};
    EXPECT_EQ(control.run("events --since 6").out,
              "     7  2018-01-15T20:00:00Z  epoch 7 begins (orchestrator 0.1)\n"
              "     8  2018-01-15T20:00:00Z  epoch 8 begins (orchestrator 0.2)\n");
    EXPECT_EQ(
        control.run("events", "jsonl").out,
        "{\"sequence\":\"7\",\"at_unix_ms\":\"1516046400000\",\"epoch_started\":{\"epoch\":\"7\",\"version\":"
        "\"0.1\",\"history_lost\":false,\"boot_id\":\"\",\"booted_at_unix_ms\":\"0\"}}\n");
    EXPECT_THAT(control.heard, ElementsAre("WatchEvents since: 6", "WatchEvents"));
    EXPECT_EQ(control.run("events", "csv").code, ExitCode::kInvalid);
}

TEST(Events, GoOnAfterARestartFromTheLastThatCame) {
    PlayedControl control;
    v1::EventUpdate alive;
    alive.set_sequence(11);  // records up to here were not of this run
    control.event_streams = {
        {{event(7, "a"), alive}, {grpc::StatusCode::UNAVAILABLE, "the orchestrator stops"}},
        {{event(12, "b")}, grpc::Status::OK}};
    const auto ended = control.run("events --follow --run w.1");
    EXPECT_EQ(ended.code, ExitCode::kDone) << ended.err;
    EXPECT_THAT(ended.out, HasSubstr("epoch 12 begins"));
    EXPECT_THAT(control.heard, ElementsAre("WatchEvents run: \"w.1\" follow: true",
                                           "WatchEvents since: 11 run: \"w.1\" follow: true"));
}

TEST(Events, SayWhereToGoOnWhenAReaderWasSentAway) {
    PlayedControl control;
    control.event_streams = {
        {{event(7, "a")}, {grpc::StatusCode::RESOURCE_EXHAUSTED, "this reader takes nothing"}}};
    const auto ended = control.run("events --follow");
    EXPECT_EQ(ended.code, ExitCode::kError);
    EXPECT_THAT(ended.err, HasSubstr("this reader takes nothing"));
    EXPECT_THAT(ended.err, HasSubstr("To go on: ararat events --since 7 --follow"));
}

}  // namespace
}  // namespace ararat::cli
