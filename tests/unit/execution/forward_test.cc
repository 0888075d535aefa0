#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/engine_world.h"

namespace ararat::testing {
namespace {

using execution::Outcome;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kChain = R"(
host src
host tgt
wave w
group g w
task a g src
task b g tgt after=a
task c g src after=b
)";

TEST(Forward, SendsATaskOnlyWhenEveryPredecessorHasSucceeded) {
    EngineWorld world;
    world.apply_plan(R"(
host src
wave w
group g w
task a g src
task b g src
task c g src after=a,b
)");
    world.up("src");
    world.start("w");
    EXPECT_THAT(world.take_commands(), ElementsAre("a", "b"));
    ASSERT_TRUE(world.succeed("b").ok());
    EXPECT_THAT(world.take_commands(), IsEmpty());
    EXPECT_THAT(world.why("c"), ElementsAre("waits for a, which is dispatched"));
    ASSERT_TRUE(world.succeed("a").ok());
    EXPECT_THAT(world.take_commands(), ElementsAre("c"));
}

TEST(Forward, EndsTheRunWhenTheLastGroupHasMoved) {
    EngineWorld world;
    world.apply_plan(kChain);
    world.up("src");
    world.up("tgt");
    world.start("w");
    for (const char* task : {"a", "b", "c"}) ASSERT_TRUE(world.succeed(task).ok());
    EXPECT_EQ(world.group("g"), GroupState::kMoved);
    EXPECT_EQ(world.run().status, RunStatus::kSucceeded);
    EXPECT_TRUE(world.state.moved.contains(MoveGroupId("g")));
    EXPECT_TRUE(world.state.active_runs.empty());
    EXPECT_EQ(world.replayed_fingerprint(), fingerprint(world.state));
}

TEST(Forward, WaitsForAHostThatIsNotConnected) {
    EngineWorld world;
    world.apply_plan(kChain);
    world.up("src");
    world.start("w");
    ASSERT_TRUE(world.succeed("a").ok());
    world.take_commands();
    EXPECT_EQ(world.task("b"), TaskState::kWaiting);
    EXPECT_THAT(world.why("b"), ElementsAre("host tgt is not connected"));
    world.up("tgt");
    EXPECT_THAT(world.take_commands(), ElementsAre("b", "b"))
        << "by its intent, and by the reconciliation with the new connection: the host starts it once";
}

TEST(Forward, GivesOneHostAtMostEightStepsAtOnce) {
    EngineWorld world;
    std::string plan = "host src\nwave w\ngroup g w\n";
    for (int i = 10; i < 20; ++i) plan += "task t" + std::to_string(i) + " g src\n";
    world.apply_plan(plan);
    world.up("src");
    world.start("w");
    EXPECT_EQ(world.take_commands().size(), 8U);
    EXPECT_THAT(world.why("t19"), ElementsAre("host src runs 8 steps already, its limit"));
    ASSERT_TRUE(world.succeed("t12").ok());
    EXPECT_THAT(world.take_commands(), ElementsAre("t18"));
}

TEST(Forward, PutsRecordedOutputsIntoLaterOperationsAsSingleValues) {
    EngineWorld world;
    world.apply_plan(R"(
host src
wave w
group g w
task a g src
task b g src after=a arg=x${step.a.lsn}y
)");
    world.up("src");
    world.start("w");
    world.take_commands();
    ASSERT_TRUE(world.finish("a", Outcome::kSucceeded, false, {{"lsn", "0/16 ${step.a.lsn} $(rm)"}}).ok());
    ASSERT_EQ(world.effects.size(), 2U);
    const auto* command = std::get_if<execution::Command>(&world.effects[0]);
    ASSERT_NE(command, nullptr);
    ASSERT_EQ(command->stages.size(), 1U);
    EXPECT_THAT(command->stages[0].operation.argv,
                ElementsAre("/test/perform", "b", "x0/16 ${step.a.lsn} $(rm)y"));
}

TEST(Forward, HoldsATaskWhoseOutputWasNeverRecorded) {
    EngineWorld world;
    world.apply_plan(R"(
host src
wave w
group g w
task a g src
task b g src after=a arg=${step.a.lsn}
)");
    world.up("src");
    world.start("w");
    ASSERT_TRUE(world.succeed("a").ok());
    EXPECT_EQ(world.task("b"), TaskState::kHeld);
    EXPECT_THAT(world.why("b"), ElementsAre("held: output a.lsn is not recorded"));
    EXPECT_EQ(world.run().status, RunStatus::kHeld);
}

TEST(Forward, OpensATicketBeforeTheCommandAndClosesItAfterTheClosingStep) {
    EngineWorld world;
    world.apply_plan(R"(
host src
host tgt
channel wal src tgt
wave w
group g w
task seed g tgt opens=wal
task more g tgt after=seed opens=wal
task done g tgt after=more closes=wal
)");
    world.up("src");
    world.up("tgt");
    world.take_effects();
    world.start("w");
    EXPECT_THAT(world.take_effects(), ElementsAre("open wal #1", "command tgt w.1 seed forward#1 [perform]"));
    ASSERT_TRUE(world.succeed("seed").ok());
    EXPECT_THAT(world.take_effects(), ElementsAre("command tgt w.1 more forward#1 [perform]",
                                                  "acknowledge tgt w.1 seed forward#1"));
    ASSERT_TRUE(world.succeed("more").ok());
    world.take_effects();
    ASSERT_TRUE(world.succeed("done").ok());
    EXPECT_THAT(world.take_effects(), ElementsAre("close wal #1", "acknowledge tgt w.1 done forward#1"));
}

TEST(Forward, SendsTheStagesInTheirOrder) {
    EngineWorld world;
    world.apply_plan("host src\nwave w\ngroup g w\ntask a g src verify check undo probe\n");
    world.up("src");
    world.take_effects();
    world.start("w");
    EXPECT_THAT(world.take_effects(), ElementsAre("command src w.1 a forward#1 [check perform verify]"));
}

TEST(Forward, SoaksForItsTimeAndWaitsForAPerson) {
    EngineWorld world;
    world.apply_plan(R"(
host src
wave w
group g w
soak s g 5000
manual m g after=s
)");
    world.start("w");
    EXPECT_EQ(world.task("s"), TaskState::kOpen);
    EXPECT_EQ(execution::next_due(world.state, world.now), kTestStart + Duration(5000));
    world.tick(Duration(4999));
    EXPECT_EQ(world.task("s"), TaskState::kOpen);
    world.tick(Duration(1));
    EXPECT_EQ(world.task("s"), TaskState::kSucceeded);
    EXPECT_EQ(world.task("m"), TaskState::kOpen);
    EXPECT_THAT(world.why("m"), ElementsAre("waits for a person: do it by hand"));
    ASSERT_TRUE(
        world.give(execution::CompleteManual{person("bob"), world.run().id, TaskId("m"), "done"}).ok());
    EXPECT_EQ(world.run().status, RunStatus::kSucceeded);
}

TEST(Forward, StartsALaterWaveOnlyWhenTheEarlierHasMoved) {
    EngineWorld world;
    world.apply_plan(R"(
host src
wave w1
wave w2 after=w1
group g1 w1
group g2 w2
task a g1 src
task b g2 src
)");
    world.up("src");
    const auto early = world.give(execution::StartWave{person("ann"), WaveId("w2"), false});
    ASSERT_FALSE(early.ok());
    EXPECT_EQ(early.error().code, ErrorCode::kFailedPrecondition);
    EXPECT_THAT(early.error().message, HasSubstr("follows wave w1, whose group g1 has not moved"));
    world.start("w1");
    ASSERT_TRUE(world.succeed("a").ok());
    world.start("w2");
    EXPECT_EQ(world.task("b"), TaskState::kDispatched);
}

TEST(Forward, StartsAWaveByItselfAtItsWindowOnce) {
    EngineWorld world;
    world.apply_plan(R"(
host src
wave w window=10..60 auto
group g w
task a g src phase=quiesce
)");
    world.up("src");
    EXPECT_TRUE(world.state.runs.empty());
    EXPECT_EQ(execution::next_due(world.state, world.now), kTestStart + std::chrono::minutes(10));
    world.tick(std::chrono::minutes(10));
    ASSERT_EQ(world.state.runs.size(), 1U);
    ASSERT_TRUE(world.control(execution::RunAction::kCancel).ok());
    ASSERT_TRUE(world.succeed("a").ok());
    world.tick(Duration(1));
    EXPECT_EQ(world.state.runs.size(), 1U);
}

}  // namespace
}  // namespace ararat::testing
