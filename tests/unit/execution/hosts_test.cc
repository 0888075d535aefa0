#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/engine_world.h"

namespace ararat::testing {
namespace {

using execution::HostUp;
using execution::Outcome;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr const char* kThreeClasses = R"(
host src
host tgt
wave w
group g w
task idem g src
task prob g src class=probeable probe
task once g src class=one-shot
)";

TEST(Hosts, SendsWhatIsOutAgainUnderItsOldKeyWhenAHostComesBack) {
    EngineWorld world;
    world.apply_plan(kThreeClasses);
    world.up("src");
    world.start("w");
    world.down("src");
    world.effects.clear();
    world.up("src");
    EXPECT_THAT(world.take_effects(), ElementsAre("command src w.1 idem forward#1 [perform]",
                                                  "command src w.1 prob forward#1 [perform]",
                                                  "command src w.1 once forward#1 [perform]"));
}

TEST(Hosts, OpensActiveTicketsAgainForBothEnds) {
    EngineWorld world;
    world.apply_plan(
        "host src\nhost tgt\nchannel c src tgt\nwave w\ngroup g w\ntask a g tgt opens=c\n"
        "task b g tgt after=a closes=c\ntask d g tgt after=b\n");
    world.up("src");
    world.up("tgt");
    world.start("w");
    world.effects.clear();
    world.up("src");
    EXPECT_THAT(world.take_effects(), ElementsAre("open c #1"));
    ASSERT_TRUE(world.succeed("a").ok());
    ASSERT_TRUE(world.succeed("b").ok());
    world.effects.clear();
    world.up("src");
    EXPECT_THAT(world.take_effects(), IsEmpty());
}

TEST(Hosts, StopsAndSendsAgainWhatABackOutWaitsFor) {
    EngineWorld world;
    world.apply_plan("host src\nwave w\ngroup g w\ntask a g src undo\n");
    world.up("src");
    world.start("w");
    world.down("src");
    ASSERT_TRUE(world.back_out().ok());
    world.effects.clear();
    world.up("src");
    EXPECT_THAT(world.take_effects(),
                ElementsAre("cancel src w.1 a forward#1", "command src w.1 a forward#1 [perform]"))
        << "the cancel first: its tombstone answers the command if the host never saw it";
}

// An attempt that is over was perhaps given up, and its successor must not run beside it.
TEST(Hosts, CancelsAndForgetsWhatIsNotWaitedForBeforeItSendsAnything) {
    EngineWorld world;
    world.apply_plan("host src\nwave w\ngroup g w\ntask a g src\ntask b g src after=a\n");
    world.up("src");
    world.start("w");
    const execution::AttemptKey done = world.key("a");
    ASSERT_TRUE(world.succeed("a").ok());
    world.effects.clear();
    const execution::AttemptKey strange{world.state.project, RunId("other.7"), TaskId("x"),
                                        execution::Purpose::kForward, 1};
    ASSERT_TRUE(
        world.give(HostUp{HostId("src"), "journal-src", "test", {done, world.key("b"), strange}}).ok());
    EXPECT_THAT(world.take_effects(),
                ElementsAre("cancel src w.1 a forward#1", "acknowledge src w.1 a forward#1",
                            "cancel src other.7 x forward#1", "acknowledge src other.7 x forward#1",
                            "command src w.1 b forward#1 [perform]"));
}

TEST(Hosts, SaysWhichEndOfItsDataChannelARunningStepWaitsFor) {
    EngineWorld world;
    world.apply_plan(
        "host src\nhost tgt\nhost other\nchannel tree src tgt\nwave w\ngroup g w\ntask copy g tgt "
        "opens=tree\n"
        "task more g tgt after=copy arg=tree\ntask else g tgt after=copy\n");
    world.up("tgt");
    world.start("w");
    const auto waits =
        HasSubstr("its data channel tree waits for the source's end: host src is not connected");
    EXPECT_THAT(world.why("copy"), Contains(waits));
    world.up("src");
    EXPECT_THAT(world.why("copy"), ::testing::Not(Contains(waits)));
    ASSERT_TRUE(world.succeed("copy").ok());
    world.down("src");
    EXPECT_THAT(world.why("more"), Contains(waits)) << "it names the channel";
    EXPECT_THAT(world.why("else"), ::testing::Not(Contains(waits)));
}

TEST(Hosts, QuarantinesAHostThatLostItsJournal) {
    EngineWorld world;
    world.apply_plan(std::string(kThreeClasses) + "task later g src after=idem class=one-shot\n");
    world.up("src", "first");
    world.start("w");
    world.effects.clear();
    world.up("src", "second");
    EXPECT_TRUE(world.state.hosts.at(HostId("src")).quarantined);
    EXPECT_EQ(world.task("once"), TaskState::kHeld);
    EXPECT_EQ(world.task("prob"), TaskState::kProbing);
    EXPECT_EQ(world.task("idem"), TaskState::kDispatched);
    EXPECT_THAT(world.take_effects(), Contains("command src w.1 idem forward#1 [perform]"));
    EXPECT_EQ(world.group("g"), GroupState::kHeld);

    ASSERT_TRUE(world.retry("once").ok()) << "a person has looked at the host";
    EXPECT_FALSE(world.state.hosts.at(HostId("src")).quarantined);
    EXPECT_TRUE(world.is_out("once"));
    EXPECT_TRUE(world.is_out("prob"));
}

TEST(Hosts, ThatLoseTheirJournalCannotTellThatAStepDidNothing) {
    for (const auto& [outcome, already] :
         {std::pair{Outcome::kRefused, false}, {Outcome::kSucceeded, true}}) {
        EngineWorld world;
        world.apply_plan(
            "host src\nhost tgt\nwave w\ngroup g w\ntask a g src undo\ntask b g tgt after=a tries=1\n");
        world.up("src", "first");
        world.start("w");
        world.up("src", "second");
        ASSERT_TRUE(world.finish("a", outcome, already).ok()) << "sent again, it says so of the second try";
        world.take_commands();
        ASSERT_TRUE(world.back_out("g").ok());
        EXPECT_THAT(world.take_commands(), ElementsAre("a:undo")) << "the first try may have run";
        EXPECT_EQ(world.replayed_fingerprint(), fingerprint(world.state));
    }
}

TEST(Hosts, HoldsANonIdempotentStepOnAQuarantinedHostAndStartsOthers) {
    EngineWorld world;
    world.apply_plan(
        "host src\nwave w\ngroup g w\ngroup h w\ntask once g src class=one-shot\ntask idem h src\n");
    world.up("src", "first");
    world.down("src");
    world.up("src", "second");
    world.start("w");
    EXPECT_EQ(world.task("once"), TaskState::kHeld);
    EXPECT_THAT(world.why("once")[0],
                HasSubstr("the journal of host src, or the record of it here, was lost"));
    EXPECT_TRUE(world.is_out("idem"));
}

TEST(Hosts, NeverRepeatsTheFirstUndoOfAOneShotAfterALostJournal) {
    EngineWorld world;
    world.apply_plan(
        "host src\nwave w\ngroup g w\ntask once g src class=one-shot undo\ntask b g src after=once "
        "tries=1\n");
    world.up("src", "first");
    world.start("w");
    ASSERT_TRUE(world.succeed("once").ok());
    ASSERT_TRUE(world.fail("b").ok());
    ASSERT_TRUE(world.is_out("once"));
    world.effects.clear();
    world.up("src", "second");
    EXPECT_EQ(world.task("once"), TaskState::kUndoFailed);
    EXPECT_EQ(world.run().status, RunStatus::kHeld);
    EXPECT_THAT(world.take_commands(), IsEmpty());
}

TEST(Hosts, HoldsTheGroupWhenAHostStaysAwayWithAStep) {
    EngineWorld world;
    world.apply_plan(
        "host src\nhost tgt\nwave w\ngroup g w\ntask a g src undo\ntask b g tgt after=a phase=start undo\n");
    world.up("src");
    world.up("tgt");
    world.start("w");
    ASSERT_TRUE(world.succeed("a").ok());
    world.down("tgt");
    world.tick(std::chrono::minutes(9));
    EXPECT_EQ(world.group("g"), GroupState::kMoving);
    EXPECT_THAT(world.why("b"), Contains(HasSubstr("its result is waited for")));
    world.tick(std::chrono::minutes(1));
    EXPECT_EQ(world.group("g"), GroupState::kHeld);
    EXPECT_THAT(world.group_reason("g"), HasSubstr("bring the host back and retry, or back out"));
    world.effects.clear();
    ASSERT_TRUE(world.back_out("g").ok());
    EXPECT_THAT(world.take_commands(), ElementsAre("a:undo")) << "it was held for this: no second request";
}

TEST(Hosts, OneThatStaysAwayPastThePointOfNoReturnOffersNoBackOut) {
    EngineWorld world;
    world.apply_plan("host src\nhost tgt\nwave w\ngroup g w\ntask b g tgt phase=switch noreturn\n");
    world.up("tgt");
    world.start("w");
    world.down("tgt");
    world.tick(std::chrono::minutes(10));
    EXPECT_THAT(world.group_reason("g"),
                HasSubstr("bring the host back and retry; it is past its point of no return (b)"));
    EXPECT_FALSE(world.back_out("g").ok());
}

TEST(Why, SaysOfARunWhichGroupsAreHeldAndWhatEachStepThatCouldGoWaitsFor) {
    EngineWorld world;
    world.apply_plan(
        "host src\nhost tgt\nwave w\ngroup g w\ngroup h w\ntask a g src\ntask b g src after=a\ntask c h "
        "tgt\n");
    world.up("src");
    world.start("w");
    world.down("src");
    world.tick(std::chrono::minutes(10));
    const auto& run = world.state.runs.begin()->second;
    EXPECT_THAT(execution::why(world.state, world.connectivity, run, world.now),
                ElementsAre(HasSubstr("group g is held: host src is not connected"),
                            HasSubstr("a: sent to src"), HasSubstr("c: host tgt is not connected")));
}

TEST(Hosts, CountsAHostThatNeverCameBackFromTheRestartOn) {
    EngineWorld world;
    world.apply_plan("host src\nwave w\ngroup g w\ntask a g src\n");
    world.up("src");
    world.start("w");
    world.connectivity = {};
    world.now += std::chrono::hours(1);
    world.give_record(execution::EpochStarted{2, "test"});
    world.tick(std::chrono::minutes(9));
    EXPECT_EQ(world.group("g"), GroupState::kMoving);
    world.tick(std::chrono::minutes(1));
    EXPECT_EQ(world.group("g"), GroupState::kHeld);
}

TEST(Hosts, GoesOnWithTheGroupWhenTheLostHostReturns) {
    EngineWorld world;
    world.apply_plan("host src\nwave w\ngroup g w\ntask a g src\n");
    world.up("src");
    world.start("w");
    world.down("src");
    world.tick(std::chrono::hours(1));
    ASSERT_EQ(world.group("g"), GroupState::kHeld);
    world.up("src");
    ASSERT_TRUE(world.succeed("a").ok());
    ASSERT_TRUE(world.retry("a").ok() == false) << "it has succeeded: there is nothing to retry";
    EXPECT_EQ(world.group("g"), GroupState::kMoved);
    EXPECT_EQ(world.run().status, RunStatus::kSucceeded);
}

TEST(Hosts, RecordsThatAStepRuns) {
    EngineWorld world;
    world.apply_plan("host src\nwave w\ngroup g w\ntask a g src\n");
    world.up("src");
    world.start("w");
    const execution::StepStarted started{HostId("src"), world.key("a")};
    ASSERT_TRUE(world.give(started).ok());
    EXPECT_EQ(world.task("a"), TaskState::kRunning);
    const std::size_t records = world.journal.size();
    ASSERT_TRUE(world.give(started).ok());
    EXPECT_EQ(world.journal.size(), records) << "a repeated message records nothing";
    ASSERT_FALSE(world.give(execution::StepStarted{HostId("tgt"), world.key("a")}).ok());
}

TEST(Hosts, WhatAnAgentSaysOfItsTroubleIsInTheAnswerToWhy) {
    EngineWorld world;
    world.apply_plan("host src\nwave w\ngroup g w\ntask p g src\n");
    world.up("src");
    world.start("w");
    world.connectivity.troubled[HostId("src")] = "its journal cannot be written";
    EXPECT_THAT(world.why("p"), ::testing::Contains("the agent of src says: its journal cannot be written"));
}

}  // namespace
}  // namespace ararat::testing
