#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/engine_world.h"

namespace ararat::testing {
namespace {

using execution::Outcome;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr const char* kHosts = R"(
host src
host tgt
channel wal src tgt
wave w
group g w
)";

// a, b, c done one after the other; d is out.
EngineWorld half_moved(const std::string& a = "undo", const std::string& b = "undo",
                       const std::string& c = "undo", const std::string& d = "undo tries=1") {
    EngineWorld world;
    world.apply_plan(std::string(kHosts) + "task a g src phase=prepare " + a +
                     "\ntask b g tgt after=a phase=start " + b + "\ntask c g src after=b phase=quiesce " + c +
                     "\ntask d g tgt after=c phase=switch " + d + "\ntask e g tgt after=d phase=soak\n");
    world.up("src");
    world.up("tgt");
    world.start("w");
    for (const char* task : {"a", "b", "c"}) EXPECT_TRUE(world.succeed(task).ok());
    world.take_commands();
    return world;
}

TEST(BackOut, UndoesInReverseOrderAndOnlyWhenTheFollowersAreUndone) {
    EngineWorld world = half_moved();
    ASSERT_TRUE(world.fail("d").ok());
    for (const char* task : {"d", "c", "b", "a"}) {
        EXPECT_THAT(world.take_commands(), ElementsAre(std::string(task) + ":undo"));
        ASSERT_TRUE(world.succeed(task).ok());
        EXPECT_EQ(world.task(task), TaskState::kUndone);
    }
    EXPECT_EQ(world.task("e"), TaskState::kCancelled);
    EXPECT_EQ(world.group("g"), GroupState::kBackedOut);
    EXPECT_EQ(world.run().status, RunStatus::kBackedOut);
    EXPECT_FALSE(world.state.moved.contains(MoveGroupId("g")));
    EXPECT_EQ(world.replayed_fingerprint(), fingerprint(world.state));
}

TEST(BackOut, LeavesAloneWhatWasSoAlreadyAndWhatHasNoUndo) {
    EngineWorld world;
    world.apply_plan(std::string(kHosts) + R"(
task a g src undo
task b g src after=a undo check
task c g src after=b
task d g src after=c undo tries=1
)");
    world.up("src");
    world.start("w");
    ASSERT_TRUE(world.succeed("a").ok());
    ASSERT_TRUE(world.finish("b", Outcome::kSucceeded, true).ok());
    ASSERT_TRUE(world.succeed("c").ok());
    world.take_commands();
    ASSERT_TRUE(world.fail("d").ok());
    EXPECT_THAT(world.take_commands(), ElementsAre("d:undo"));
    ASSERT_TRUE(world.succeed("d").ok());
    EXPECT_THAT(world.take_commands(), ElementsAre("a:undo"));
    EXPECT_EQ(world.task("b"), TaskState::kSucceeded) << "nothing of it is ours";
    EXPECT_EQ(world.task("c"), TaskState::kUndone);
    EXPECT_THAT(world.why("c")[0], HasSubstr("nothing to undo"));
    ASSERT_TRUE(world.succeed("a").ok());
    EXPECT_EQ(world.group("g"), GroupState::kBackedOut);
}

TEST(BackOut, UndoesWhatAnEarlierAttemptDidEvenWhenTheLastFoundItDone) {
    EngineWorld world = half_moved("undo", "undo", "undo", "undo check tries=2");
    ASSERT_TRUE(world.fail("d").ok());
    world.tick(std::chrono::minutes(1));
    ASSERT_TRUE(world.finish("d", Outcome::kSucceeded, true).ok());
    world.take_commands();
    ASSERT_TRUE(world.back_out().ok());
    EXPECT_THAT(world.take_commands(), ElementsAre()) << "e is out and is stopped first";
    ASSERT_TRUE(world.finish("e", Outcome::kCancelled).ok());
    EXPECT_THAT(world.take_commands(), ElementsAre("d:undo"));
}

TEST(BackOut, StopsWhatRunsAndWaitsForItsResultBeforeUndoing) {
    EngineWorld world = half_moved();
    ASSERT_TRUE(world.back_out("g").ok());
    EXPECT_THAT(world.take_effects(), ElementsAre("cancel tgt w.1 d forward#1"));
    world.tick(std::chrono::minutes(5));
    EXPECT_THAT(world.take_effects(), IsEmpty());
    ASSERT_TRUE(world.finish("d", Outcome::kCancelled).ok());
    EXPECT_THAT(world.take_commands(), ElementsAre("d:undo"));
}

TEST(BackOut, DoesNotUndoAStepThatTheHostNeverStarted) {
    EngineWorld world = half_moved();
    ASSERT_TRUE(world.back_out("g").ok());
    ASSERT_TRUE(world.finish("d", Outcome::kRefused).ok());
    EXPECT_EQ(world.task("d"), TaskState::kCancelled);
    EXPECT_THAT(world.take_commands(), ElementsAre("c:undo"));
}

TEST(BackOut, IsRefusedPastThePointOfNoReturn) {
    EngineWorld world = half_moved("undo", "undo", "undo", "undo noreturn tries=1");
    const auto asked = world.back_out("g");
    ASSERT_FALSE(asked.ok());
    EXPECT_EQ(asked.error().code, ErrorCode::kFailedPrecondition);
    EXPECT_THAT(asked.error().message, HasSubstr("past its point of no return (d)"));
}

TEST(BackOut, GivesWayToAHoldPastThePointOfNoReturn) {
    EngineWorld world = half_moved("undo", "undo", "undo", "undo noreturn tries=1");
    ASSERT_TRUE(world.fail("d").ok());
    EXPECT_EQ(world.task("d"), TaskState::kHeld);
    EXPECT_EQ(world.group("g"), GroupState::kHeld);
    EXPECT_EQ(world.run().status, RunStatus::kHeld);
    EXPECT_THAT(world.why("d")[0], HasSubstr("put the cause right and retry d"));
    EXPECT_THAT(world.take_commands(), IsEmpty());
    ASSERT_TRUE(world.retry("d").ok());
    EXPECT_EQ(world.run().status, RunStatus::kRunning);
    EXPECT_THAT(world.take_commands(), ElementsAre("d"));
    ASSERT_TRUE(world.succeed("d").ok());
    ASSERT_TRUE(world.succeed("e").ok());
    EXPECT_EQ(world.run().status, RunStatus::kSucceeded);
}

TEST(BackOut, IsPossibleWhenThePointOfNoReturnWasRefusedByTheHost) {
    EngineWorld world = half_moved("undo", "undo", "undo", "undo noreturn tries=1");
    ASSERT_TRUE(world.finish("d", Outcome::kRefused).ok());
    EXPECT_EQ(world.group("g"), GroupState::kHeld);
    ASSERT_TRUE(world.back_out("g").ok());
    EXPECT_THAT(world.take_commands(), ElementsAre("c:undo"));
}

TEST(BackOut, RetriesAnUndoThenHoldsAndGoesOnAfterAPersonsRetry) {
    EngineWorld world = half_moved("undo", "undo tries=2");
    ASSERT_TRUE(world.fail("d").ok());
    ASSERT_TRUE(world.succeed("d").ok());
    ASSERT_TRUE(world.succeed("c").ok());
    ASSERT_TRUE(world.fail("b").ok());
    EXPECT_EQ(world.task("b"), TaskState::kUndoing);
    world.tick(std::chrono::seconds(1));
    ASSERT_TRUE(world.fail("b").ok());
    EXPECT_EQ(world.task("b"), TaskState::kUndoFailed);
    EXPECT_EQ(world.run().status, RunStatus::kHeld);
    EXPECT_THAT(world.group_reason("g"), HasSubstr("undo of b failed"));
    world.take_commands();
    const auto wrong = world.retry("a");
    ASSERT_FALSE(wrong.ok());
    EXPECT_THAT(wrong.error().message, HasSubstr("held at another step"));
    ASSERT_TRUE(world.retry("b").ok());
    EXPECT_THAT(world.take_commands(), ElementsAre("b:undo"));
    ASSERT_TRUE(world.succeed("b").ok());
    ASSERT_TRUE(world.succeed("a").ok());
    EXPECT_EQ(world.run().status, RunStatus::kBackedOut);
    EXPECT_EQ(world.replayed_fingerprint(), fingerprint(world.state));
}

TEST(BackOut, HoldsAgainForAnotherUndoThatHadFailed) {
    EngineWorld world;
    world.apply_plan(std::string(kHosts) +
                     "task a g src undo tries=1\ntask b g tgt undo tries=1\n"
                     "task c g tgt after=a,b phase=start tries=1\n");
    world.up("src");
    world.up("tgt");
    world.start("w");
    for (const char* task : {"a", "b"}) ASSERT_TRUE(world.succeed(task).ok());
    ASSERT_TRUE(world.fail("c").ok());
    for (const char* task : {"a", "b"}) ASSERT_TRUE(world.fail(task).ok());
    ASSERT_TRUE(world.retry("b").ok());
    ASSERT_TRUE(world.succeed("b").ok());
    EXPECT_EQ(world.group("g"), GroupState::kHeld) << "nobody has said that a may stay as it is";
    EXPECT_THAT(world.group_reason("g"), HasSubstr("a is still not undone"));
    ASSERT_TRUE(world.retry("a").ok());
    ASSERT_TRUE(world.succeed("a").ok());
    EXPECT_EQ(world.group("g"), GroupState::kBackedOut);
    EXPECT_EQ(world.replayed_fingerprint(), fingerprint(world.state));
}

TEST(BackOut, RevokesTheGroupsTicketsAtTheEnd) {
    EngineWorld world = half_moved("undo opens=wal");
    ASSERT_TRUE(world.fail("d").ok());
    for (const char* task : {"d", "c", "b"}) ASSERT_TRUE(world.succeed(task).ok());
    EXPECT_THAT(world.take_effects(), ::testing::Not(Contains("close wal #1"))) << "an undo may need it";
    ASSERT_TRUE(world.succeed("a").ok());
    EXPECT_THAT(world.take_effects(), Contains("close wal #1"));
}

TEST(BackOut, LetsOtherGroupsGoOnButTurnsBackThoseThatWaitForIt) {
    EngineWorld world;
    world.apply_plan(R"(
host src
wave w
group g1 w
group g2 w
group g3 w
task a g1 src undo tries=1
task b g2 src
task b2 g2 src after=b
task c g3 src phase=start undo
task c2 g3 src after=a,c
)");
    world.up("src");
    world.start("w");
    ASSERT_TRUE(world.succeed("c").ok());
    world.take_commands();
    ASSERT_TRUE(world.fail("a").ok());
    EXPECT_THAT(world.take_commands(), ::testing::UnorderedElementsAre("a:undo", "c:undo"));
    EXPECT_THAT(world.group_reason("g3"), HasSubstr("waits for a group that is backed out"));
    ASSERT_TRUE(world.succeed("a").ok());
    ASSERT_TRUE(world.succeed("c").ok());
    ASSERT_TRUE(world.succeed("b").ok());
    ASSERT_TRUE(world.succeed("b2").ok());
    EXPECT_EQ(world.group("g2"), GroupState::kMoved);
    EXPECT_EQ(world.group("g3"), GroupState::kBackedOut);
    EXPECT_EQ(world.run().status, RunStatus::kBackedOut);
    world.start("w");
    EXPECT_EQ(world.run().groups.size(), 2U) << "what has moved is not moved again";
}

// A database and the application on it move in groups of their own: stopping and starting are ordered
// between them.
EngineWorld two_groups_moved(const std::string& app_stop = "undo") {
    EngineWorld world;
    world.apply_plan(
        R"(
host src
host tgt
wave w
group app w
group db w
task db/stop db src phase=quiesce undo
task db/promote db tgt phase=start after=db/stop
task app/stop app src phase=quiesce after=db/promote )" +
        app_stop + "\ntask app/start app tgt phase=start after=app/stop undo\n" +
        "task app/check app tgt phase=verify after=app/start\nsoak db/soak db 600000 after=db/promote\n");
    world.up("src");
    world.up("tgt");
    world.start("w");
    for (const char* task : {"db/stop", "db/promote", "app/stop", "app/start"}) {
        EXPECT_TRUE(world.succeed(task).ok()) << task;
    }
    world.take_commands();
    return world;
}

TEST(BackOut, OfAWaveGoesInReverseOrderAcrossItsGroups) {
    EngineWorld world = two_groups_moved();
    ASSERT_TRUE(world.back_out().ok());
    EXPECT_THAT(world.why("db/stop"), Contains("to be undone after db/promote, which is succeeded"));
    EXPECT_THAT(world.why("db/promote"),
                Contains("to be undone after app/stop of group app, which is succeeded"));
    ASSERT_TRUE(world.finish("app/check", Outcome::kCancelled).ok());
    for (const char* task : {"app/start", "app/stop", "db/stop"}) {
        EXPECT_THAT(world.take_commands(), ElementsAre(std::string(task) + ":undo"));
        ASSERT_TRUE(world.succeed(task).ok());
    }
    EXPECT_EQ(world.run().status, RunStatus::kBackedOut);
    EXPECT_EQ(world.replayed_fingerprint(), fingerprint(world.state));
}

TEST(BackOut, DoesNotWaitForAGroupWhoseOwnBackOutIsHeld) {
    EngineWorld world = two_groups_moved("undo tries=1");
    ASSERT_TRUE(world.back_out().ok());
    ASSERT_TRUE(world.finish("app/check", Outcome::kCancelled).ok());
    ASSERT_TRUE(world.succeed("app/start").ok());
    world.take_commands();
    ASSERT_TRUE(world.fail("app/stop").ok());
    EXPECT_EQ(world.group("app"), GroupState::kHeld);
    EXPECT_THAT(world.take_commands(), ElementsAre("db/stop:undo")) << "its database gets its service back";
    ASSERT_TRUE(world.succeed("db/stop").ok());
    EXPECT_EQ(world.group("db"), GroupState::kBackedOut);
}

TEST(BackOut, OfACancelledRunWaitsForAGroupWhoseStepStillRuns) {
    EngineWorld world = two_groups_moved();
    ASSERT_TRUE(world.control(execution::RunAction::kCancel).ok());
    EXPECT_EQ(world.group("db"), GroupState::kBackingOut);
    EXPECT_THAT(world.take_commands(), IsEmpty()) << "app/check runs; its group turns back when it has ended";
    ASSERT_TRUE(world.succeed("app/check").ok());
    EXPECT_EQ(world.group("app"), GroupState::kMoved) << "it was at its end already";
    EXPECT_THAT(world.take_commands(), ElementsAre("db/stop:undo"));
}

TEST(BackOut, OfOneGroupDoesNotWaitForOneThatGoesOn) {
    EngineWorld world = two_groups_moved();
    ASSERT_TRUE(world.back_out("db").ok());
    EXPECT_THAT(world.take_commands(), ElementsAre("db/stop:undo"));
}

// An application waits for a check of its database, which is done; the database's group is held by its next
// step, the application's own copy is out.
EngineWorld held_after_its_check(bool skipped) {
    EngineWorld world;
    world.apply_plan(R"(
host src
host tgt
wave w
group app w
group db w
task db/stop db src phase=quiesce undo
task db/check db tgt phase=verify after=db/stop class=one-shot
task db/switch db tgt phase=switch after=db/check class=one-shot
task app/copy app src
task app/stop app src phase=quiesce after=app/copy,db/check
)");
    world.up("src");
    world.up("tgt");
    world.start("w");
    EXPECT_TRUE(world.succeed("db/stop").ok());
    EXPECT_TRUE(world.finish("db/check", skipped ? Outcome::kRefused : Outcome::kSucceeded, !skipped).ok());
    if (skipped) {
        EXPECT_TRUE(world.skip("db/check").ok());
    }
    EXPECT_TRUE(world.finish("db/switch", Outcome::kUnknown).ok());
    EXPECT_EQ(world.group("db"), GroupState::kHeld);
    world.take_commands();
    return world;
}

void expect_the_application_turns_back(EngineWorld& world) {
    EXPECT_THAT(world.take_commands(), Not(Contains("app/stop"))) << "its database does not move";
    EXPECT_EQ(world.group("app"), GroupState::kCancelled);
    EXPECT_THAT(world.group_reason("app"), HasSubstr("waits for a group that is backed out"));
    EXPECT_EQ(world.replayed_fingerprint(), fingerprint(world.state));
}

class WaitsForACheck : public ::testing::TestWithParam<bool> {};

TEST_P(WaitsForACheck, OfAGroupThatIsBackingOut) {
    EngineWorld world = held_after_its_check(GetParam());
    ASSERT_TRUE(world.back_out("db").ok());
    EXPECT_EQ(world.group("db"), GroupState::kBackingOut);
    EXPECT_THAT(world.why("app/stop"), Contains("waits for db/check of group db, which is backing-out"));
    ASSERT_TRUE(world.succeed("app/copy").ok());
    expect_the_application_turns_back(world);
}

TEST_P(WaitsForACheck, OfAGroupThatIsBackedOut) {
    EngineWorld world = held_after_its_check(GetParam());
    ASSERT_TRUE(world.back_out("db").ok());
    for (const char* task : {"db/switch", "db/stop"}) {
        if (!world.is_out(task)) continue;
        ASSERT_TRUE(world.succeed(task).ok());
    }
    EXPECT_EQ(world.group("db"), GroupState::kBackedOut);
    ASSERT_TRUE(world.succeed("app/copy").ok());
    expect_the_application_turns_back(world);
}

// A step that was skipped, and one that found all done, have nothing to undo and stay as they are.
INSTANTIATE_TEST_SUITE_P(BackOut, WaitsForACheck, ::testing::Bool(),
                         [](const auto& skipped) { return skipped.param ? "Skipped" : "FoundItDone"; });

TEST(BackOut, WaitsForALostTargetUntilAPersonAsksAgain) {
    EngineWorld world = half_moved();
    world.down("tgt");
    ASSERT_TRUE(world.back_out("g").ok());
    EXPECT_THAT(world.take_commands(), IsEmpty());
    EXPECT_THAT(world.why("d"),
                Contains(HasSubstr("host tgt is not connected since 2018-01-15T20:00:00Z: gone")));
    ASSERT_TRUE(world.back_out("g").ok());
    EXPECT_EQ(world.task("d"), TaskState::kUndoFailed);
    EXPECT_EQ(world.task("b"), TaskState::kUndoFailed);
    EXPECT_THAT(world.take_commands(), ElementsAre("c:undo")) << "the source gets its service back";
    ASSERT_TRUE(world.succeed("c").ok());
    ASSERT_TRUE(world.succeed("a").ok());
    EXPECT_EQ(world.group("g"), GroupState::kBackedOut);
    EXPECT_THAT(world.group_reason("g"), HasSubstr("not undone, because their host is lost: b, d"));
    world.take_effects();
    world.connectivity.up[HostId("tgt")] = "test";
    const execution::AttemptKey left{world.state.project, world.run().id, TaskId("d"),
                                     execution::Purpose::kForward, 1};
    ASSERT_TRUE(world.give(execution::HostUp{HostId("tgt"), "journal-tgt", "test", {left}}).ok());
    EXPECT_THAT(world.take_effects(),
                ElementsAre("cancel tgt w.1 d forward#1", "acknowledge tgt w.1 d forward#1"));
}

TEST(BackOut, NeverLeavesASourceBehind) {
    EngineWorld world = half_moved();
    ASSERT_TRUE(world.fail("d").ok());
    ASSERT_TRUE(world.succeed("d").ok());
    world.down("src");
    ASSERT_FALSE(world.back_out("g").ok());
    EXPECT_EQ(world.task("c"), TaskState::kUndoing);
    world.effects.clear();
    world.up("src");
    EXPECT_THAT(world.take_commands(), Contains("c:undo"));
}

TEST(BackOut, GoesOnWhileTheRunIsPaused) {
    EngineWorld world = half_moved();
    ASSERT_TRUE(world.control(execution::RunAction::kPause).ok());
    ASSERT_TRUE(world.fail("d").ok());
    for (const char* task : {"d", "c", "b", "a"}) ASSERT_TRUE(world.succeed(task).ok()) << task;
    EXPECT_EQ(world.run().status, RunStatus::kBackedOut);
}

TEST(BackOut, HoldsWhenAOneShotsOutcomeIsUnknownOnTheWayBack) {
    EngineWorld world = half_moved("undo", "undo", "undo", "class=one-shot");
    ASSERT_TRUE(world.back_out("g").ok());
    ASSERT_TRUE(world.finish("d", Outcome::kUnknown).ok());
    EXPECT_EQ(world.task("d"), TaskState::kHeld);
    EXPECT_EQ(world.run().status, RunStatus::kHeld);
    ASSERT_TRUE(world.retry("d").ok());
    EXPECT_EQ(world.task("d"), TaskState::kUndone) << "a person looked at it";
    EXPECT_EQ(world.task("c"), TaskState::kUndoing);
}

}  // namespace
}  // namespace ararat::testing
