// The wall clock is set while runs are on their way. The tests move `now` as the clock does, and give the
// record that the engine's owner makes of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "execution/queries.h"
#include "tests/support/engine_world.h"

namespace ararat::testing {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr const char* kWindowed = R"(
host src
wave w window=30..90 latest=60
group g w
task p g src
task q g src after=p phase=quiesce undo
task s g src after=q phase=switch
task d g src after=s phase=soak
soak z g 600000 after=d
)";

void jump(EngineWorld& world, Duration by) {
    world.now += by;
    world.give_record(execution::ClockJumped{by});
    for (auto& [host, since] : world.connectivity.since) since += by;
    world.tick();
}

EngineWorld started(const std::string& plan, bool ignore_window = false) {
    EngineWorld world;
    world.apply_plan(plan);
    world.up("src");
    world.start("w", ignore_window);
    return world;
}

// quiesce is out.
EngineWorld in_cutover() {
    EngineWorld world = started(kWindowed);
    EXPECT_TRUE(world.succeed("p").ok());
    world.tick(minutes(40));
    EXPECT_THAT(world.take_commands(), ElementsAre("p", "q"));
    return world;
}

TEST(ClockJump, ASoakKeepsItsLength) {
    for (const Duration by : {Duration(hours(5)), -Duration(hours(5))}) {
        EngineWorld world =
            started("host src\nwave w\ngroup g w\ntask p g src phase=soak\nsoak z g 600000 after=p\n");
        ASSERT_TRUE(world.succeed("p").ok());
        world.tick(minutes(4));
        jump(world, by);
        EXPECT_EQ(world.task("z"), TaskState::kOpen);
        EXPECT_EQ(execution::next_due(world.state, world.now), world.now + minutes(6));
        world.tick(minutes(6) - Duration(1));
        EXPECT_EQ(world.task("z"), TaskState::kOpen);
        world.tick(Duration(1));
        EXPECT_EQ(world.task("z"), TaskState::kSucceeded);
        EXPECT_EQ(world.replayed_fingerprint(), execution::fingerprint(world.state));
    }
}

TEST(ClockJump, ARetryAndAnUndosNextTryKeepTheirDelay) {
    EngineWorld world =
        started("host src\nwave w\ngroup g w\ntask p g src phase=start undo tries=3\ntask q g src after=p\n");
    ASSERT_TRUE(world.fail("p").ok());
    const Duration wait = *execution::next_due(world.state, world.now) - world.now;
    world.take_commands();
    jump(world, hours(1));
    EXPECT_THAT(world.take_commands(), IsEmpty());
    world.tick(wait);
    EXPECT_THAT(world.take_commands(), ElementsAre("p"));
    ASSERT_TRUE(world.succeed("p").ok());
    ASSERT_TRUE(world.back_out().ok());
    ASSERT_TRUE(world.succeed("q").ok());
    ASSERT_TRUE(world.fail("p").ok());
    world.take_commands();
    jump(world, hours(1));
    EXPECT_THAT(world.take_commands(), IsEmpty());
    world.tick(wait);
    EXPECT_THAT(world.take_commands(), ElementsAre("p:undo"));
}

TEST(ClockJump, AHostIsNotLostForIt) {
    EngineWorld world = started("host src\nwave w\ngroup g w\ntask p g src\n");
    world.down("src");
    jump(world, hours(1));
    EXPECT_EQ(world.group("g"), GroupState::kMoving);
    world.tick(execution::kLostAfter);
    EXPECT_EQ(world.group("g"), GroupState::kHeld);
}

TEST(ClockJump, AHostThatThisProcessNeverSawIsNotLostForItEither) {
    EngineWorld world = started("host src\nwave w\ngroup g w\ntask p g src\n");
    world.connectivity = {};
    jump(world, hours(1));
    EXPECT_EQ(world.group("g"), GroupState::kMoving);
}

TEST(ClockJump, AGroupInItsCutoverIsHeldForAPersonAndGoesOnAfterARetry) {
    EngineWorld world = in_cutover();
    jump(world, minutes(20));
    EXPECT_EQ(world.group("g"), GroupState::kHeld);
    EXPECT_EQ(world.group_reason("g"),
              "the wall clock jumped forward by 20min at 2018-01-15T21:00:00Z: nobody can tell by it whether "
              "the change "
              "window is open; see that it is right, then retry, or back out");
    ASSERT_TRUE(world.succeed("q").ok()) << "what was out is taken";
    EXPECT_THAT(world.take_commands(), IsEmpty());
    ASSERT_TRUE(world.retry("s").ok());
    EXPECT_EQ(world.group("g"), GroupState::kMoving);
    EXPECT_THAT(world.take_commands(), ElementsAre("s"));
    EXPECT_FALSE(world.state.clock_jump);
    EXPECT_EQ(world.replayed_fingerprint(), execution::fingerprint(world.state));
}

TEST(ClockJump, PastThePointOfNoReturnNoBackOutIsOffered) {
    const std::string plan =
        "host src\nwave w window=-60..90\ngroup g w\ntask s g src phase=switch noreturn\n"
        "task t g src after=s phase=switch\n";
    EngineWorld world = started(plan);
    jump(world, minutes(20));
    EXPECT_THAT(world.group_reason("g"),
                EndsWith("; see that it is right, then retry; it is past its point of no return (s)"));
    EngineWorld next = started(plan);
    ASSERT_TRUE(next.finish("s", execution::Outcome::kRefused).ok());
    jump(next, minutes(20));
    ASSERT_TRUE(next.retry("s").ok());
    EXPECT_THAT(next.group_reason("g"), EndsWith("; see that it is right, then retry, or back out"))
        << "its host refused it: the way back is open";
}

TEST(ClockJump, DoesNotBackOutAGroupWhoseTimeIsUpByTheNewClock) {
    EngineWorld world = started(R"(
host src
wave w window=-60..60
group g w
task q g src phase=quiesce undo undo-takes=600000 late=back-out
task s g src after=q phase=switch late=back-out
)");
    jump(world, minutes(55));
    EXPECT_EQ(world.group("g"), GroupState::kHeld);
    EXPECT_THAT(world.group_reason("g"), HasSubstr("the wall clock jumped"));
}

TEST(ClockJump, DoesNotOpenAWindow) {
    EngineWorld world = started(kWindowed);
    jump(world, minutes(40));
    EXPECT_EQ(world.group("g"), GroupState::kMoving) << "what needs no window goes on";
    EXPECT_THAT(world.why("q"), Contains(HasSubstr("the wall clock jumped forward by 40min")));
    ASSERT_TRUE(world.succeed("p").ok());
    EXPECT_THAT(world.take_commands(), ElementsAre("p"));
    EXPECT_EQ(world.group("g"), GroupState::kHeld);
    EXPECT_THAT(world.group_reason("g"), HasSubstr("q cannot start: the wall clock jumped forward by 40min"));
    ASSERT_TRUE(world.retry("q").ok());
    EXPECT_THAT(world.take_commands(), ElementsAre("q"));
}

TEST(ClockJump, IsNotAcceptedByARetryForAnotherReason) {
    EngineWorld world = in_cutover();
    ASSERT_TRUE(world.finish("q", execution::Outcome::kRefused).ok());
    ASSERT_EQ(world.group("g"), GroupState::kHeld);
    jump(world, minutes(1));
    ASSERT_TRUE(world.retry("q").ok());
    EXPECT_EQ(world.group("g"), GroupState::kHeld) << "whoever retried it had not been told of the jump";
    EXPECT_THAT(world.group_reason("g"), HasSubstr("the wall clock jumped"));
    jump(world, minutes(1));
    ASSERT_TRUE(world.retry("q").ok());
    EXPECT_EQ(world.group("g"), GroupState::kHeld) << "nor of the second one";
    ASSERT_TRUE(world.retry("q").ok());
    EXPECT_THAT(world.take_commands(), ElementsAre("q"));
}

TEST(ClockJump, IsNotAcceptedByAGo) {
    EngineWorld world = started(R"(
host src
wave w window=-60..60
group g w
task q g src phase=quiesce undo undo-takes=600000
task s g src after=q phase=switch
)");
    world.tick(minutes(55));
    ASSERT_EQ(world.group("g"), GroupState::kHeld);
    jump(world, -Duration(minutes(30)));
    ASSERT_TRUE(world.go("g").ok());
    EXPECT_EQ(world.group("g"), GroupState::kHeld);
    EXPECT_THAT(world.group_reason("g"), HasSubstr("the wall clock jumped back by 30min"));
}

TEST(ClockJump, IsNothingToARunThatIgnoresItsWindowOrHasNone) {
    EngineWorld world = started(kWindowed, true);
    ASSERT_TRUE(world.succeed("p").ok());
    jump(world, hours(24));
    ASSERT_TRUE(world.succeed("q").ok());
    EXPECT_THAT(world.take_commands(), ElementsAre("p", "q", "s"));
    CompiledPlan plan = parse_plan_text(
        "host src\nwave w\ngroup g w\ntask q g src phase=quiesce\ntask s g src after=q phase=switch\n");
    plan.waves.front().window_end = kAnyTimeEnd;
    EngineWorld any;
    any.apply_plan(plan);
    any.up("src");
    any.start("w");
    jump(any, hours(24));
    ASSERT_TRUE(any.succeed("q").ok());
    EXPECT_THAT(any.take_commands(), ElementsAre("q", "s"));
}

TEST(ClockJump, NoWaveStartsByItselfUntilItIsAccepted) {
    EngineWorld world;
    world.apply_plan(
        "host src\nwave w window=10..90 auto\ngroup g w\ntask p g src\ntask q g src after=p phase=quiesce\n");
    world.up("src");
    jump(world, minutes(20));
    EXPECT_THAT(world.state.runs, IsEmpty());
    world.start("w");
    ASSERT_TRUE(world.succeed("p").ok());
    EXPECT_EQ(world.group("g"), GroupState::kHeld) << "a start says nothing about the clock";
    ASSERT_TRUE(world.retry("q").ok());
    EXPECT_THAT(world.take_commands(), ElementsAre("p", "q"));
}

TEST(ClockJump, ABackOutGoesOn) {
    EngineWorld world = in_cutover();
    ASSERT_TRUE(world.succeed("q").ok());
    ASSERT_TRUE(world.back_out().ok());
    jump(world, hours(3));
    ASSERT_TRUE(world.succeed("s").ok());
    EXPECT_EQ(world.group("g"), GroupState::kBackingOut);
    EXPECT_THAT(world.take_commands(), Contains("s"));
}

}  // namespace
}  // namespace ararat::testing
