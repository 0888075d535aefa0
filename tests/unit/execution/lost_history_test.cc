// A journal that came from a backup, whose loss a person has accepted: hosts may have done more than it
// knows, and what it would do next may have been done, and been built upon, long ago. Nothing goes on by
// itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "execution/queries.h"
#include "tests/support/engine_world.h"

namespace ararat::testing {
namespace {

using execution::HostUp;
using execution::Outcome;
using execution::RunAction;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kThreeClasses = R"(
host src
host tgt
wave w
group g w
task idem g src
task prob g src class=probeable probe
task once g src class=one-shot
)";

void lose_history(EngineWorld& world, std::uint64_t epoch = 9) {
    world.give_record(execution::EpochStarted{epoch, "test", true});
    world.effects.clear();
}

// The host comes up and says that it holds these attempts.
void up_with(EngineWorld& world, const std::string& host, std::vector<execution::AttemptKey> known) {
    world.connectivity.up[HostId(host)] = "test";
    ASSERT_TRUE(world.give(HostUp{HostId(host), "journal-" + host, "test", std::move(known)}).ok());
}

TEST(LostHistory, EveryHostIsQuarantinedAndNoNumberComesTwice) {
    EngineWorld world;
    world.apply_plan(kThreeClasses);
    world.up("src", "first");
    world.start("w");
    const std::uint32_t tried = execution::tries(world.run().tasks.at(TaskId("prob")));
    world.down("src");
    lose_history(world);
    world.up("src", "first");
    EXPECT_TRUE(world.state.hosts.at(HostId("src")).quarantined) << "although its own journal is whole";
    EXPECT_EQ(world.task("once"), TaskState::kHeld);
    EXPECT_THAT(world.run().tasks.at(TaskId("once")).reason, HasSubstr("is not in the record"));
    EXPECT_EQ(execution::tries(world.run().tasks.at(TaskId("prob"))), tried);
    ASSERT_TRUE(world.retry("once").ok());
    ASSERT_TRUE(world.control(RunAction::kResume).ok());
    EXPECT_EQ(world.key("once").attempt, 1'001U);
    EXPECT_EQ(world.key("prob").attempt, 1'001U) << "the probe's";
    EXPECT_EQ(world.key("idem").attempt, 1'001U);
    EXPECT_EQ(execution::tries(world.run().tasks.at(TaskId("once"))), 1U) << "numbers left out are no tries";
    EXPECT_EQ(world.replayed_fingerprint(), execution::fingerprint(world.state));
}

// A copy from a source that is out of date would overwrite a target that serves by now.
TEST(LostHistory, NoStepIsSentAgainBeforeAPersonResumesTheRun) {
    EngineWorld world;
    world.apply_plan("host src\nhost tgt\nwave w\ngroup g w\ntask copy g tgt\ntask next g tgt after=copy\n");
    world.up("tgt");
    world.start("w");
    world.down("tgt");
    lose_history(world);
    EXPECT_EQ(world.run().status, RunStatus::kPaused);
    EXPECT_THAT(world.run().reason, HasSubstr("look what the hosts hold, then resume or back out"));
    world.up("tgt");
    world.tick(std::chrono::hours(1));
    EXPECT_THAT(world.take_commands(), IsEmpty());
    EXPECT_THAT(world.why("copy"), Contains(HasSubstr("is paused: restored from a backup")));
    ASSERT_TRUE(world.control(RunAction::kResume).ok());
    EXPECT_THAT(world.take_commands(), ElementsAre("copy"));
    EXPECT_EQ(world.key("copy").attempt, 1'001U);
}

TEST(LostHistory, WhatAHostStillHoldsIsWaitedForAndItsFailureTurnsNothingBack) {
    EngineWorld world;
    world.apply_plan(
        "host src\nhost tgt\nwave w\ngroup g w\ntask a g src undo phase=start\ntask once g src after=a "
        "class=one-shot\n");
    world.up("src");
    world.start("w");
    ASSERT_TRUE(world.succeed("a").ok());
    world.down("src");
    lose_history(world);
    up_with(world, "src", {world.key("once")});
    EXPECT_THAT(world.take_effects(), ElementsAre("command src w.1 once forward#1 [perform]"))
        << "answered from what it holds";
    ASSERT_TRUE(world.fail("once").ok());
    EXPECT_EQ(world.group("g"), GroupState::kHeld);
    EXPECT_EQ(world.task("once"), TaskState::kHeld);
    ASSERT_TRUE(world.back_out("g").ok());
    EXPECT_THAT(world.take_commands(), ElementsAre("a:undo")) << "a person has said so";
}

// It may have been given steps in the history that is lost; one that has never heard of an orchestrator has
// not.
TEST(LostHistory, AHostThatIsFirstSeenAfterItIsQuarantinedUnlessItHasDoneNothingYet) {
    EngineWorld world;
    world.apply_plan(
        "host src\nhost tgt\nwave w\ngroup g w\ngroup h w\ntask a g src class=one-shot\n"
        "task b h tgt class=one-shot\n");
    lose_history(world);
    world.up("src");
    world.connectivity.up[HostId("tgt")] = "test";
    ASSERT_TRUE(world.give(HostUp{HostId("tgt"), "new", "test", {}, true}).ok());
    world.start("w");
    EXPECT_TRUE(world.state.hosts.at(HostId("src")).quarantined);
    EXPECT_EQ(world.task("a"), TaskState::kHeld);
    EXPECT_FALSE(world.state.hosts.at(HostId("tgt")).quarantined);
    EXPECT_TRUE(world.is_out("b"));
    world.up("src", "another");
    ASSERT_TRUE(world.retry("a").ok());
    EXPECT_TRUE(world.is_out("a"));
    world.up("src", "another");
    EXPECT_FALSE(world.state.hosts.at(HostId("src")).quarantined) << "it is known now";
}

constexpr const char* kUndone = R"(
host src
host tgt
wave w
group g w
group h w
task a g src undo phase=start
task b g src after=a undo
task x g src after=b tries=1
task c h tgt undo phase=start
task d h tgt after=c tries=1
)";

void begin_both_back_outs(EngineWorld& world) {
    world.apply_plan(kUndone);
    world.up("src");
    world.up("tgt");
    world.start("w");
    ASSERT_TRUE(world.succeed("a").ok());
    ASSERT_TRUE(world.succeed("c").ok());
    ASSERT_TRUE(world.succeed("b").ok());
    ASSERT_TRUE(world.fail("x").ok());
    ASSERT_TRUE(world.fail("d").ok());
    ASSERT_TRUE(world.is_out("b"));
    ASSERT_TRUE(world.is_out("c"));
    world.down("src");
    world.down("tgt");
    lose_history(world);
    world.up("src");
    world.up("tgt");
    world.tick(std::chrono::hours(1));
    ASSERT_THAT(world.take_commands(), IsEmpty()) << "the source may be started beside a target that serves";
}

TEST(LostHistory, ABackOutGoesOnWhereAPersonAsksForIt) {
    EngineWorld world;
    begin_both_back_outs(world);
    EXPECT_THAT(world.why("b"), Contains(HasSubstr("is paused")));
    ASSERT_TRUE(world.back_out("g").ok());
    EXPECT_THAT(world.take_commands(), ElementsAre("b:undo"));
    EXPECT_EQ(world.key("b").attempt, 1'001U);
    ASSERT_TRUE(world.succeed("b").ok());
    EXPECT_THAT(world.take_commands(), ElementsAre("a:undo"));
    EXPECT_FALSE(world.is_out("c")) << "of the other group nobody has spoken";
    EXPECT_EQ(world.replayed_fingerprint(), execution::fingerprint(world.state));
}

TEST(LostHistory, ABackOutGoesOnWhenTheRunIsResumed) {
    EngineWorld world;
    begin_both_back_outs(world);
    ASSERT_TRUE(world.control(RunAction::kResume).ok());
    EXPECT_THAT(world.take_commands(), ElementsAre("b:undo", "c:undo"));
}

TEST(LostHistory, ACancelledRunTurnsNothingBackByItself) {
    EngineWorld world;
    world.apply_plan("host src\nwave w\ngroup g w\ntask a g src undo phase=start\ntask b g src after=a\n");
    world.up("src");
    world.start("w");
    ASSERT_TRUE(world.succeed("a").ok());
    ASSERT_TRUE(world.control(RunAction::kCancel).ok());
    world.down("src");
    lose_history(world);
    world.up("src");
    EXPECT_EQ(world.group("g"), GroupState::kMoving);
    EXPECT_THAT(world.run().reason, HasSubstr("it was being cancelled"));
    EXPECT_THAT(world.take_commands(), IsEmpty());
    ASSERT_TRUE(world.control(RunAction::kCancel).ok());
    EXPECT_THAT(world.take_commands(), ElementsAre("a:undo"));
}

TEST(LostHistory, TheLatestMomentForABackOutPassesUnanswered) {
    EngineWorld world;
    world.apply_plan(
        "host src\nwave w window=0..60\ngroup g w\n"
        "task a g src phase=quiesce undo undo-takes=600000 late=back-out\n"
        "task b g src after=a phase=switch late=back-out\n");
    world.up("src");
    world.start("w");
    ASSERT_TRUE(world.succeed("a").ok());
    world.down("src");
    lose_history(world);
    world.up("src");
    world.tick(std::chrono::minutes(55));
    EXPECT_EQ(world.group("g"), GroupState::kMoving);
    EXPECT_THAT(world.take_commands(), IsEmpty());
}

// Its run may be in the history that is lost.
TEST(LostHistory, AWaveWhoseWindowHadOpenedIsStartedByAPerson) {
    EngineWorld world;
    world.apply_plan(
        "host src\nwave w window=10..60 auto\nwave v window=90..120 auto\ngroup g w\ngroup h v\n"
        "task a g src\ntask b h src\n");
    world.now += std::chrono::minutes(15);
    lose_history(world);
    world.up("src");
    world.tick(std::chrono::minutes(1));
    EXPECT_THAT(world.state.runs, IsEmpty());
    world.tick(std::chrono::minutes(80));
    EXPECT_EQ(world.run().wave, WaveId("v")) << "nothing of its cutover can have been done before its window";
}

// The loss was accepted by a clock that was three days behind.
TEST(LostHistory, AClockThatIsPutRightAfterwardsStartsNoWaveOfTheHistoryThatIsLost) {
    EngineWorld world;
    world.apply_plan(
        "host src\nwave w window=2880..5760 auto\nwave v window=8640..9000 auto\ngroup g w\ngroup h v\n"
        "task a g src\ntask b h src\n");
    lose_history(world);
    world.up("src");
    world.now += std::chrono::hours(72);
    world.give_record(execution::ClockJumped{std::chrono::hours(72)});
    world.give_record(execution::ClockTrusted{"ann", "it is right now"});
    world.tick(std::chrono::minutes(1));
    EXPECT_THAT(world.state.runs, IsEmpty()) << "its window had opened when the loss was accepted";
    world.tick(std::chrono::hours(72));
    EXPECT_EQ(world.run().wave, WaveId("v")) << "its window had not";
    EXPECT_EQ(world.replayed_fingerprint(), execution::fingerprint(world.state));
}

TEST(LostHistory, AClockThatIsSetWhereNoneWasLostHoldsNoWaveBack) {
    EngineWorld world;
    world.apply_plan("host src\nwave w window=10..60 auto\ngroup g w\ntask a g src\n");
    world.now += std::chrono::minutes(20);
    world.give_record(execution::ClockJumped{std::chrono::minutes(20)});
    world.give_record(execution::ClockTrusted{"ann", "it is right now"});
    world.tick();
    EXPECT_EQ(world.run().wave, WaveId("w"));
}

}  // namespace
}  // namespace ararat::testing
