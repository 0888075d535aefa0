// A group past its point of no return whose needed group turns back: it can neither go back nor wait for what
// will not come. A person sees it through.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/engine_world.h"

namespace ararat::testing {
namespace {

using execution::BackOut;
using execution::Outcome;
using execution::RunAction;
using std::chrono::minutes;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr const char* kNeeded =
    "host src\nhost tgt\nwave w\ngroup app w\ngroup web w\n"
    "task web/s web src phase=switch undo\ntask web/check web src phase=soak after=web/s tries=1\n"
    "task app/s app tgt phase=switch noreturn after=web/s tries=1\n"
    "task app/z app tgt phase=soak after=app/s,web/s\n";

constexpr const char* kLacks =
    "it waits for steps of group web, which turned back; past its point of no return (app/s) it cannot: give "
    "a "
    "go to end it without them";

// The needed group has switched and is being checked; the application's point of no return is out.
EngineWorld past_no_return(const std::string& plan = kNeeded) {
    EngineWorld world;
    world.apply_plan(plan);
    world.up("src");
    world.up("tgt");
    world.start("w");
    EXPECT_TRUE(world.succeed("web/s").ok());
    EXPECT_TRUE(world.is_out("app/s"));
    world.take_commands();
    return world;
}

Result<void> back_out_all_the_same(EngineWorld& world, const std::string& group) {
    return world.give(BackOut{person("ann"), world.run().id, MoveGroupId(group), "it serves nobody", true});
}

// The needed group's back-out is under way, the application is held.
EngineWorld left_alone() {
    EngineWorld world = past_no_return();
    EXPECT_TRUE(world.succeed("app/s").ok());
    EXPECT_TRUE(world.finish("app/z", Outcome::kRefused).ok());
    EXPECT_TRUE(world.retry("app/z").ok());
    EXPECT_TRUE(world.fail("web/check").ok());
    EXPECT_TRUE(world.fail("app/z").ok());
    world.tick(minutes(10));
    world.take_commands();
    return world;
}

void expect_it_ends(EngineWorld& world) {
    if (world.is_out("web/s")) {
        EXPECT_TRUE(world.succeed("web/s").ok());
    }
    ASSERT_TRUE(world.is_out("app/z"));
    ASSERT_TRUE(world.succeed("app/z").ok());
    EXPECT_EQ(world.group("app"), GroupState::kMoved);
    EXPECT_EQ(world.group("web"), GroupState::kBackedOut);
    EXPECT_EQ(world.run().status, RunStatus::kBackedOut);
    EXPECT_TRUE(world.state.moved.contains(MoveGroupId("app")));
    EXPECT_EQ(world.replayed_fingerprint(), fingerprint(world.state));
}

TEST(TurnedBack, WhatItHadFailsAGroupPastItsPointOfNoReturnEndsWithAGo) {
    EngineWorld world = left_alone();
    EXPECT_EQ(world.group("app"), GroupState::kHeld);
    EXPECT_EQ(world.group_reason("app"), kLacks);
    EXPECT_FALSE(world.is_out("app/z"));
    ASSERT_TRUE(world.retry("app/z").ok());
    EXPECT_EQ(world.group_reason("app"), kLacks) << "a retry is no word about the group that turned back";
    EXPECT_THAT(world.take_commands(), IsEmpty());
    const auto skipped = world.skip("app/z");
    ASSERT_FALSE(skipped.ok());
    EXPECT_THAT(skipped.error().message, HasSubstr("give a go to end it without them"));
    EXPECT_FALSE(world.back_out("app").ok());
    world.take_records();
    ASSERT_TRUE(world.go("app").ok());
    EXPECT_THAT(world.take_records(), Contains("group app go without web by ann \"it will do\""));
    EXPECT_THAT(world.take_commands(), ElementsAre("app/z"));
    EXPECT_EQ(world.replayed_fingerprint(), fingerprint(world.state));
    expect_it_ends(world);
}

TEST(TurnedBack, AGoThatNobodyWaitsForIsRefused) {
    EngineWorld world = past_no_return();
    EXPECT_FALSE(world.go("app").ok());
    ASSERT_TRUE(back_out_all_the_same(world, "web").ok());
    EXPECT_FALSE(world.go("app").ok()) << "its point of no return may still be refused by its host";
    ASSERT_TRUE(world.finish("app/s", Outcome::kRefused).ok());
    EXPECT_FALSE(world.go("app").ok()) << "it can be backed out";
    ASSERT_TRUE(world.back_out("app").ok());
    EXPECT_EQ(world.group("app"), GroupState::kBackedOut);
}

TEST(TurnedBack, AGoForEveryGroupThatWaitsIsEnough) {
    EngineWorld world = left_alone();
    ASSERT_TRUE(world.go().ok());
    expect_it_ends(world);
}

TEST(TurnedBack, ItsStepMayBeSkippedAfterTheGo) {
    EngineWorld world = left_alone();
    ASSERT_TRUE(world.go("app").ok());
    ASSERT_TRUE(world.finish("app/z", Outcome::kRefused).ok());
    ASSERT_TRUE(world.skip("app/z").ok());
    EXPECT_EQ(world.group("app"), GroupState::kMoved);
}

TEST(TurnedBack, AGroupThatIsHeldForAnotherReasonIsToldToo) {
    EngineWorld world = past_no_return();
    ASSERT_TRUE(world.fail("app/s").ok());
    const std::string before = world.group_reason("app");
    EXPECT_THAT(before, HasSubstr("put the cause right and retry app/s"));
    ASSERT_TRUE(world.fail("web/check").ok());
    EXPECT_EQ(world.group_reason("app"), before + "; and " + kLacks);
    ASSERT_TRUE(world.go("app").ok());
    EXPECT_THAT(world.group_reason("app"), HasSubstr("app/s is held")) << "that is its own matter";
    ASSERT_TRUE(world.retry("app/s").ok());
    ASSERT_TRUE(world.succeed("app/s").ok());
    expect_it_ends(world);
}

TEST(TurnedBack, OfTwoNeededGroupsEachIsAskedFor) {
    EngineWorld world = past_no_return(
        "host src\nhost tgt\nwave w\ngroup app w\ngroup db w\ngroup web w\n"
        "task web/s web src phase=switch undo\ntask web/check web src phase=soak after=web/s tries=1\n"
        "task db/s db src phase=switch undo\ntask db/check db src phase=soak after=db/s tries=1\n"
        "task app/s app tgt phase=switch noreturn after=web/s tries=1\n"
        "task app/z app tgt phase=soak after=app/s,db/s,web/s\n");
    ASSERT_TRUE(world.fail("web/check").ok());
    ASSERT_TRUE(world.succeed("app/s").ok());
    EXPECT_EQ(world.group_reason("app"), kLacks);
    ASSERT_TRUE(world.succeed("db/s").ok());
    ASSERT_TRUE(world.fail("db/check").ok());
    EXPECT_THAT(world.group_reason("app"),
                HasSubstr("and it waits for steps of group db, which turned back"));
    ASSERT_TRUE(world.go("app").ok());
    EXPECT_THAT(world.take_records(), Contains(HasSubstr("group app go without db, web")));
    EXPECT_TRUE(world.is_out("app/z"));
    EXPECT_EQ(world.replayed_fingerprint(), fingerprint(world.state));
}

TEST(TurnedBack, AGoSaysNothingAboutAGroupThatTurnsBackLater) {
    EngineWorld world = past_no_return(
        "host src\nhost tgt\nwave w\ngroup app w\ngroup db w\ngroup web w\n"
        "task web/s web src phase=switch undo\ntask web/check web src phase=soak after=web/s tries=1\n"
        "task db/s db src phase=switch undo\ntask db/check db src phase=soak after=db/s tries=1\n"
        "task app/s app tgt phase=switch noreturn after=web/s tries=1\n"
        "task app/y app tgt phase=soak after=app/s,web/s\ntask app/z app tgt phase=soak after=app/y,db/s\n");
    ASSERT_TRUE(world.succeed("db/s").ok());
    ASSERT_TRUE(world.fail("web/check").ok());
    ASSERT_TRUE(world.succeed("app/s").ok());
    ASSERT_TRUE(world.go("app").ok());
    ASSERT_TRUE(world.is_out("app/y"));
    ASSERT_TRUE(world.fail("db/check").ok());
    ASSERT_TRUE(world.succeed("app/y").ok());
    EXPECT_FALSE(world.is_out("app/z"));
    EXPECT_THAT(world.group_reason("app"), HasSubstr("it waits for steps of group db, which turned back"));
    ASSERT_TRUE(world.go("app").ok());
    EXPECT_TRUE(world.is_out("app/z"));
    EXPECT_EQ(world.replayed_fingerprint(), fingerprint(world.state));
}

TEST(TurnedBack, OfACancelledRunAGroupPastItsPointOfNoReturnEndsWithAGoToo) {
    EngineWorld world = past_no_return();
    ASSERT_TRUE(world.control(RunAction::kCancel).ok());
    ASSERT_TRUE(world.finish("web/check", Outcome::kCancelled).ok());
    ASSERT_TRUE(world.succeed("app/s").ok());
    EXPECT_EQ(world.group("app"), GroupState::kHeld);
    EXPECT_THAT(world.group_reason("app"), HasSubstr(kLacks));
    ASSERT_TRUE(world.succeed("web/s").ok());
    EXPECT_EQ(world.run().status, RunStatus::kHeld);
    ASSERT_TRUE(world.go("app").ok());
    EXPECT_FALSE(world.run().cancelling) << "as after a retry";
    expect_it_ends(world);
}

TEST(TurnedBack, ABackOutThatWouldLeaveAGroupAloneIsAskedForTwice) {
    EngineWorld world = past_no_return();
    for (const char* group : {"web", ""}) {
        const auto asked = world.back_out(group);
        ASSERT_FALSE(asked.ok());
        EXPECT_EQ(asked.error().code, ErrorCode::kFailedPrecondition);
        EXPECT_THAT(asked.error().message,
                    HasSubstr("group app waits for group web, and is past its point of no return (app/s): it "
                              "would be held"));
        EXPECT_THAT(asked.error().message, HasSubstr("--although-needed"));
        EXPECT_EQ(world.group("web"), GroupState::kMoving);
    }
    ASSERT_TRUE(back_out_all_the_same(world, "web").ok());
    EXPECT_EQ(world.group("web"), GroupState::kBackingOut);
}

TEST(TurnedBack, ABackOutThatLeavesNobodyAloneIsNotAskedForTwice) {
    EngineWorld world = past_no_return();
    ASSERT_TRUE(world.finish("app/s", Outcome::kRefused).ok()) << "it can be backed out itself";
    EXPECT_TRUE(EngineWorld(world).back_out("web").ok());
    ASSERT_TRUE(world.retry("app/s").ok());
    ASSERT_TRUE(world.succeed("app/s").ok());
    ASSERT_TRUE(world.succeed("app/z").ok());
    EXPECT_EQ(world.group("app"), GroupState::kMoved) << "it has what it waited for";
    EXPECT_TRUE(world.back_out("web").ok());
}

// ---- a group that can still be backed out ----

// The application's copy is out; what it waits for is done, and its database's group is held.
EngineWorld beside_a_copy(const std::string& app_steps) {
    EngineWorld world;
    world.apply_plan(
        "host src\nhost tgt\nwave w\ngroup app w\ngroup db w\ntask db/check db tgt phase=verify\n"
        "task db/switch db tgt phase=switch after=db/check class=one-shot\ntask app/copy app src\n" +
        app_steps);
    world.up("src");
    world.up("tgt");
    world.start("w");
    EXPECT_TRUE(world.succeed("db/check").ok());
    EXPECT_TRUE(world.finish("db/switch", Outcome::kUnknown).ok());
    EXPECT_EQ(world.group("db"), GroupState::kHeld);
    return world;
}

TEST(TurnedBack, AStepThatFailedIsNotTriedAgainWithoutWhatItWaitedFor) {
    EngineWorld world = beside_a_copy(
        "task app/stop app src phase=quiesce undo after=db/check tries=2 class=probeable probe\n");
    ASSERT_TRUE(world.fail("app/stop").ok());
    EXPECT_EQ(world.task("app/stop"), TaskState::kRetryWait);
    ASSERT_TRUE(world.back_out("db").ok());
    world.take_commands();
    world.tick(minutes(10));
    EXPECT_THAT(world.take_commands(), Not(Contains("app/stop"))) << "its database goes back";
    EXPECT_THAT(
        world.why("app/stop"),
        Contains("group app turns back as soon as what runs of it has ended: it waits for steps of group "
                 "db, which turned back"));
    ASSERT_TRUE(world.succeed("app/copy").ok());
    EXPECT_EQ(world.group("app"), GroupState::kBackingOut);
}

TEST(TurnedBack, AGroupTurnsBackWithTheOneThatItNeedsAlsoWhileAStepOfThatRuns) {
    EngineWorld world;
    world.apply_plan(
        "host src\nhost tgt\nwave w\ngroup app w\ngroup db w\ntask db/switch db tgt phase=switch\n"
        "task app/copy app src\ntask app/next app src after=app/copy\n"
        "task app/stop app src phase=quiesce after=app/next,db/switch\n");
    world.up("src");
    world.up("tgt");
    world.start("w");
    ASSERT_TRUE(world.back_out("db").ok());
    ASSERT_TRUE(world.is_out("db/switch"));
    ASSERT_TRUE(world.succeed("app/copy").ok());
    EXPECT_EQ(world.group("app"), GroupState::kCancelled) << "whatever comes of it, it lets no other go";
    EXPECT_FALSE(world.is_out("app/next"));
    ASSERT_TRUE(world.finish("db/switch", Outcome::kCancelled).ok());
    EXPECT_EQ(world.run().status, RunStatus::kBackedOut);
    EXPECT_EQ(world.replayed_fingerprint(), fingerprint(world.state));
}

TEST(TurnedBack, AGroupThatIsToTurnBackStartsNothingMore) {
    EngineWorld world = beside_a_copy(
        "task app/first app src\ntask app/second app src after=app/first\nsoak app/third app 1000 "
        "after=app/first\ntask app/stop app src phase=quiesce after=app/copy,db/check\n");
    ASSERT_TRUE(world.back_out("db").ok());
    world.take_commands();
    ASSERT_TRUE(world.succeed("app/first").ok());
    EXPECT_THAT(world.take_commands(), Not(Contains("app/second")));
    EXPECT_EQ(world.task("app/third"), TaskState::kWaiting);
    ASSERT_TRUE(world.succeed("app/copy").ok());
    EXPECT_EQ(world.group("app"), GroupState::kCancelled);
}

}  // namespace
}  // namespace ararat::testing
