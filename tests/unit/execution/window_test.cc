#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/engine_world.h"

namespace ararat::testing {
namespace {

using std::chrono::minutes;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kWindowed = R"(
host src
wave w window=30..90 latest=60
group g w
task p g src
task q g src after=p phase=quiesce undo
task s g src after=q phase=switch
task d g src after=s phase=soak
)";

EngineWorld prepared(bool ignore_window = false) {
    EngineWorld world;
    world.apply_plan(kWindowed);
    world.up("src");
    world.start("w", ignore_window);
    EXPECT_TRUE(world.succeed("p").ok()) << "prepare needs no window";
    world.take_commands();
    return world;
}

TEST(Window, KeepsTheCutoverUntilItOpens) {
    EngineWorld world = prepared();
    EXPECT_THAT(world.why("q"), ElementsAre("outside its change window (opens 2018-01-15T20:30:00Z)"));
    EXPECT_EQ(execution::next_due(world.state, world.now), kTestStart + minutes(30));
    world.tick(minutes(30) - Duration(1));
    EXPECT_THAT(world.take_commands(), IsEmpty());
    world.tick(Duration(1));
    EXPECT_THAT(world.take_commands(), ElementsAre("q"));
}

TEST(Window, HoldsAGroupThatIsTooLateToBegin) {
    EngineWorld world = prepared();
    world.tick(minutes(60));
    EXPECT_THAT(world.take_commands(), ElementsAre("q")) << "the latest start itself is still in time";
    EngineWorld late = prepared();
    late.tick(minutes(60) + Duration(1));
    EXPECT_THAT(late.take_commands(), IsEmpty());
    EXPECT_EQ(late.group("g"), GroupState::kHeld);
    EXPECT_THAT(late.group_reason("g"), HasSubstr("too late to begin its cutover in this window"));
    EXPECT_EQ(late.run().status, RunStatus::kHeld);
}

TEST(Window, LetsACutoverThatHasBegunGoOnAfterTheLatestStart) {
    EngineWorld world = prepared();
    world.tick(minutes(59));
    world.tick(minutes(11));
    ASSERT_TRUE(world.succeed("q").ok());
    EXPECT_THAT(world.take_commands(), ElementsAre("q", "s"));
}

TEST(Window, SendsNothingOfTheCutoverFromItsEndOnAndHolds) {
    EngineWorld world = prepared();
    world.tick(minutes(59));
    world.tick(minutes(31));
    world.take_commands();
    ASSERT_TRUE(world.succeed("q").ok());
    EXPECT_THAT(world.take_commands(), IsEmpty());
    EXPECT_EQ(world.group("g"), GroupState::kHeld);
    EXPECT_THAT(world.group_reason("g"), HasSubstr("its change window is over"));
    ASSERT_TRUE(world.back_out("g").ok()) << "taking service back needs no window";
    EXPECT_THAT(world.take_commands(), ElementsAre("q:undo"));
}

TEST(Window, ThatClosesPastThePointOfNoReturnLetsTheGroupEndWithAGo) {
    EngineWorld world;
    world.apply_plan(
        "host src\nwave w window=0..60\ngroup g w\ntask q g src phase=quiesce undo\n"
        "task s g src after=q phase=switch noreturn tries=1\ntask t g src after=s phase=switch\n");
    world.up("src");
    world.start("w");
    ASSERT_TRUE(world.succeed("q").ok());
    EXPECT_FALSE(world.go().ok()) << "nobody waits for it yet";
    world.tick(minutes(60));
    ASSERT_TRUE(world.fail("s").ok());
    world.take_commands();
    EXPECT_FALSE(world.back_out("g").ok());
    ASSERT_TRUE(world.retry("s").ok());
    EXPECT_THAT(world.take_commands(), IsEmpty()) << "a retry is no word about the window";
    EXPECT_THAT(world.group_reason("g"), HasSubstr("past its point of no return: give a go"));
    ASSERT_TRUE(world.go("g").ok());
    EXPECT_THAT(world.take_commands(), ElementsAre("s"));
    ASSERT_TRUE(world.succeed("s").ok());
    ASSERT_TRUE(world.succeed("t").ok());
    EXPECT_EQ(world.run().status, RunStatus::kSucceeded);
    EXPECT_EQ(world.replayed_fingerprint(), fingerprint(world.state));
}

TEST(Window, FailsClosedWhenTheClockJumpsBack) {
    EngineWorld jumped = prepared();
    jumped.tick(minutes(30));
    jumped.take_commands();
    jumped.now = kTestStart;
    ASSERT_TRUE(jumped.succeed("q").ok());
    EXPECT_THAT(jumped.take_commands(), IsEmpty());
    EXPECT_EQ(jumped.task("s"), TaskState::kWaiting);
}

TEST(Window, DoesNotBindWhatComesAfterTheSwitch) {
    EngineWorld world = prepared();
    world.tick(minutes(60));
    ASSERT_TRUE(world.succeed("q").ok());
    world.now += minutes(29);
    ASSERT_TRUE(world.succeed("s").ok());
    world.tick(minutes(60));
    ASSERT_TRUE(world.succeed("d").ok());
    EXPECT_EQ(world.run().status, RunStatus::kSucceeded);
}

TEST(Window, IsIgnoredOnlyWhereThatWasAskedForAndRecorded) {
    EngineWorld world = prepared(true);
    EXPECT_TRUE(world.run().ignore_window);
    EXPECT_EQ(world.run().reason, "a rehearsal");
    EXPECT_EQ(world.task("q"), TaskState::kDispatched);
}

TEST(Window, IsNotIgnoredWithoutAReason) {
    EngineWorld world;
    world.apply_plan(kWindowed);
    const auto refused = world.give(execution::StartWave{person("ann"), WaveId("w"), true});
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(refused.error().message, HasSubstr("needs a reason"));
}

TEST(Window, ThatIsOverLetsNoRunStartUnlessItIsIgnored) {
    EngineWorld world;
    world.apply_plan(kWindowed);
    world.tick(minutes(60));
    EXPECT_TRUE(EngineWorld(world).give(execution::StartWave{person("ann"), WaveId("w"), false}).ok())
        << "the latest start itself is still in time";
    world.tick(Duration(1000));
    const auto refused = world.give(execution::StartWave{person("ann"), WaveId("w"), false});
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::kFailedPrecondition);
    EXPECT_EQ(refused.error().message,
              "wave w cannot start: its change window was from 2018-01-15T20:30:00Z to 2018-01-15T21:30:00Z "
              "(latest start 2018-01-15T21:00:00Z), and it is 2018-01-15T21:00:01Z: plan again");
    world.start("w", true);
    EXPECT_TRUE(world.run().ignore_window);
}

}  // namespace
}  // namespace ararat::testing
