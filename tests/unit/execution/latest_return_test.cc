#include "execution/latest_return.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "execution/queries.h"
#include "tests/support/engine_world.h"

namespace ararat::testing {
namespace {

using execution::Outcome;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr execution::GroupIndex kOnly = 0;

// The window closes an hour after the test begins.
constexpr const char* kHosts = R"(
host src
host tgt
wave w window=-60..60
group g w
)";

EngineWorld begun(const std::string& tasks, bool ignore_window = false) {
    EngineWorld world;
    world.apply_plan(kHosts + tasks);
    world.up("src");
    world.up("tgt");
    world.start("w", ignore_window);
    return world;
}

// stop and move are done, check is out; name is the point of no return.
constexpr const char* kCutover = R"(
task stop g src phase=quiesce undo undo-takes=600000
task move g tgt phase=final-sync after=stop undo undo-takes=300000
task check g tgt phase=verify after=move
task name g src phase=switch after=check noreturn undo undo-takes=86400000
task soak g tgt phase=soak after=name
)";

EngineWorld in_cutover() {
    EngineWorld world = begun(kCutover);
    for (const char* task : {"stop", "move"}) EXPECT_TRUE(world.succeed(task).ok());
    return world;
}

Instant end_of_window() { return kTestStart + minutes(60); }

TEST(BackOutLength, IsTheLongestChainOfWhatWasSent) {
    EngineWorld world = begun(R"(
task a g src phase=quiesce undo undo-takes=1000
task b g src phase=quiesce undo undo-takes=20000
task c g tgt phase=final-sync after=a undo undo-takes=4000
task d g tgt phase=final-sync after=c undo undo-takes=8000
task e g tgt phase=verify after=b,d
)");
    EXPECT_EQ(back_out_length(world.state, world.run(), kOnly), seconds(20))
        << "a and b are out, beside each other";
    ASSERT_TRUE(world.succeed("a").ok());
    ASSERT_TRUE(world.succeed("c").ok());
    EXPECT_EQ(back_out_length(world.state, world.run(), kOnly), seconds(20)) << "1 + 4 + 8 is less";
    const auto e = execution::index_of(world.run(), TaskId("e"));
    EXPECT_EQ(back_out_length(world.state, world.run(), kOnly, e), seconds(20)) << "e has no undo";
}

TEST(BackOutLength, TakesTheTimeLimitWhereNothingIsKnown) {
    EngineWorld world = begun("task a g src phase=quiesce undo\ntask b g src phase=verify after=a\n");
    EXPECT_EQ(back_out_length(world.state, world.run(), kOnly), world.run().plan->tasks[0].undo->timeout);
}

TEST(BackOutLength, TakesTheLongestThatWasMeasuredInEarlierRuns) {
    EngineWorld world = begun(
        "task a g src phase=quiesce undo undo-takes=600000\ntask b g src phase=verify after=a tries=1\n",
        true);
    for (const int took_s : {40, 30}) {
        ASSERT_TRUE(world.succeed("a").ok());
        ASSERT_TRUE(world.fail("b").ok());
        ASSERT_TRUE(world.finish("a", Outcome::kSucceeded, false, {}, seconds(took_s)).ok());
        EXPECT_EQ(world.run().status, RunStatus::kBackedOut);
        world.start("w");
    }
    EXPECT_EQ(back_out_length(world.state, world.run(), kOnly), seconds(40));
    EXPECT_EQ(world.replayed_fingerprint(), fingerprint(world.state));
}

TEST(BackOutLength, IsNotMeasuredByTheUndoOfWhatFailed) {
    EngineWorld world = begun("task a g src phase=quiesce undo undo-takes=600000 tries=1\n", true);
    ASSERT_TRUE(world.fail("a").ok());
    ASSERT_TRUE(world.finish("a", Outcome::kSucceeded, false, {}, seconds(1)).ok());
    EXPECT_EQ(world.run().status, RunStatus::kBackedOut);
    world.start("w");
    EXPECT_EQ(back_out_length(world.state, world.run(), kOnly), minutes(10)) << "there was nothing to undo";
}

TEST(ExpectedLength, IsMeasuredOnlyByWhatWasDone) {
    EngineWorld world = begun("task a g src phase=precopy takes=7000\ntask b g src phase=precopy after=a\n");
    const Task& a = world.run().plan->tasks[0];
    EXPECT_EQ(expected_length(world.state, a), seconds(7));
    ASSERT_TRUE(world.finish("a", Outcome::kFailed, false, {}, seconds(90)).ok());
    EXPECT_EQ(expected_length(world.state, a), seconds(7)) << "it did not come to its end";
    world.tick(seconds(1));
    ASSERT_TRUE(world.finish("a", Outcome::kSucceeded, true, {}, seconds(1)).ok());
    EXPECT_EQ(expected_length(world.state, a), seconds(7)) << "it was so already";
}

TEST(LatestReturn, HoldsTheGroupWhenTheMomentHasCome) {
    EngineWorld world = in_cutover();
    const auto latest = latest_return(world.run(), kOnly);
    ASSERT_TRUE(latest.has_value());
    EXPECT_EQ(*latest, end_of_window() - minutes(15));
    EXPECT_EQ(next_due(world.state, world.now), latest) << "nobody has to say anything";
    world.tick(minutes(45) - seconds(1));
    EXPECT_EQ(world.group("g"), GroupState::kMoving);
    world.tick(seconds(1));
    EXPECT_EQ(world.group("g"), GroupState::kHeld);
    EXPECT_THAT(world.group_reason("g"), HasSubstr("takes 15min"));
    EXPECT_THAT(world.group_reason("g"), HasSubstr("by 2018-01-15T20:45:00Z"));
    EXPECT_THAT(world.group_reason("g"), HasSubstr("closes 2018-01-15T21:00:00Z"));
    world.take_commands();
    ASSERT_TRUE(world.succeed("check").ok());
    EXPECT_THAT(world.take_commands(), IsEmpty());
}

TEST(LatestReturn, IsHeldAgainAfterARetryUntilSomebodyDecides) {
    EngineWorld world = in_cutover();
    world.tick(minutes(45));
    ASSERT_TRUE(world.succeed("check").ok());
    ASSERT_TRUE(world.retry("name").ok());
    EXPECT_EQ(world.group("g"), GroupState::kHeld);
    world.take_commands();
    ASSERT_TRUE(world.go("g", "the board wants it tonight").ok());
    EXPECT_THAT(world.take_commands(), ElementsAre("name"));
    EXPECT_EQ(world.run().late_returns.at(MoveGroupId("g")).by, "ann");
    EXPECT_EQ(world.run().late_returns.at(MoveGroupId("g")).reason, "the board wants it tonight");
    EXPECT_EQ(world.replayed_fingerprint(), fingerprint(world.state));
}

TEST(LatestReturn, ABackOutIsTheNoGo) {
    EngineWorld world = in_cutover();
    world.tick(minutes(45));
    ASSERT_TRUE(world.succeed("check").ok());
    world.take_commands();
    ASSERT_TRUE(world.back_out("g").ok());
    EXPECT_THAT(world.take_commands(), ElementsAre("move:undo"));
    EXPECT_FALSE(world.go("g").ok()) << "decided";
}

TEST(LatestReturn, ComesBeforeAStepThatWouldEndAfterIt) {
    // 30 minutes to move, and 20 to undo it and 10 to undo the stop: that is exactly too late.
    EngineWorld world = begun(R"(
task stop g src phase=quiesce undo undo-takes=600000
task move g tgt phase=final-sync after=stop undo undo-takes=1200000 takes=1800000
)");
    world.take_commands();
    ASSERT_TRUE(world.succeed("stop").ok());
    EXPECT_THAT(world.take_commands(), IsEmpty());
    EXPECT_THAT(world.group_reason("g"), HasSubstr("comes before move would end"));
    EXPECT_THAT(world.why("move"), Contains(HasSubstr("give a go, or back out")));
}

TEST(LatestReturn, LetsAStepGoThatEndsAMomentEarlier) {
    EngineWorld world = begun(R"(
task stop g src phase=quiesce undo undo-takes=600000
task move g tgt phase=final-sync after=stop undo undo-takes=1200000 takes=1799999
)");
    world.take_commands();
    ASSERT_TRUE(world.succeed("stop").ok());
    EXPECT_THAT(world.take_commands(), ElementsAre("move"));
}

TEST(LatestReturn, IsNoQuestionPastThePointOfNoReturnNorWithoutAWindow) {
    EngineWorld passed = in_cutover();
    ASSERT_TRUE(passed.succeed("check").ok());
    ASSERT_TRUE(passed.is_out("name"));
    passed.tick(minutes(50));
    EXPECT_EQ(passed.group("g"), GroupState::kMoving);

    EngineWorld rehearsal = begun(kCutover, true);
    ASSERT_TRUE(rehearsal.succeed("stop").ok());
    rehearsal.tick(minutes(50));
    EXPECT_EQ(rehearsal.group("g"), GroupState::kMoving);
}

TEST(LatestReturn, IsNoQuestionBeforeTheCutoverNorAfterIt) {
    EngineWorld world = begun(R"(
task copy g tgt phase=precopy undo undo-takes=3000000
task stop g src phase=quiesce after=copy
task soak g tgt phase=soak after=stop
)");
    world.tick(minutes(15));
    EXPECT_EQ(world.group("g"), GroupState::kMoving) << "copying touches no service";
    EngineWorld done = begun(
        "task stop g src phase=quiesce undo undo-takes=600000\ntask rest g tgt phase=soak after=stop\n");
    ASSERT_TRUE(done.succeed("stop").ok());
    done.tick(minutes(55));
    EXPECT_EQ(done.group("g"), GroupState::kMoving);
}

std::string with_answer(const std::string& answer) {
    return "task stop g src phase=quiesce undo undo-takes=600000 late=" + answer +
           "\ntask move g tgt phase=final-sync after=stop late=" + answer + "\n";
}

TEST(LatestReturn, ThePlanMayBackOutByItself) {
    EngineWorld world = begun(with_answer("back-out"));
    ASSERT_TRUE(world.succeed("stop").ok());
    world.tick(minutes(50));
    EXPECT_EQ(world.group("g"), GroupState::kBackingOut);
    EXPECT_THAT(world.group_reason("g"), HasSubstr("the plan says to back out then"));
    EXPECT_EQ(world.replayed_fingerprint(), fingerprint(world.state));
}

TEST(LatestReturn, ThePlanBacksOutAlsoWhenTheMomentWasSleptThrough) {
    EngineWorld world = begun(with_answer("back-out"));
    ASSERT_TRUE(world.succeed("stop").ok());
    world.tick(minutes(300));
    EXPECT_EQ(world.group("g"), GroupState::kBackingOut);
}

TEST(LatestReturn, IsNoticedOfAGroupThatIsHeldForSomethingElse) {
    EngineWorld world = begun(R"(
task stop g src phase=quiesce undo undo-takes=600000
task move g tgt phase=final-sync after=stop class=one-shot
)");
    ASSERT_TRUE(world.succeed("stop").ok());
    ASSERT_TRUE(world.finish("move", Outcome::kUnknown).ok());
    ASSERT_EQ(world.group("g"), GroupState::kHeld);
    const std::string before = world.group_reason("g");
    const auto latest = latest_return(world.run(), kOnly);
    EXPECT_EQ(latest, end_of_window() - minutes(10));
    EXPECT_EQ(next_due(world.state, world.now), latest);
    world.tick(minutes(50));
    EXPECT_EQ(world.group("g"), GroupState::kHeld);
    EXPECT_THAT(world.group_reason("g"), ::testing::StartsWith(before + "; and the latest moment"));
    EXPECT_TRUE(waits_for_decision(world.run(), kOnly));
    ASSERT_TRUE(world.retry("move").ok());
    EXPECT_FALSE(world.is_out("move")) << "a retry is no go";
    ASSERT_TRUE(world.go("g", "the board wants it tonight").ok());
    EXPECT_TRUE(world.is_out("move"));
    EXPECT_EQ(world.replayed_fingerprint(), fingerprint(world.state));
}

TEST(LatestReturn, ThePlanBacksOutAGroupThatIsHeldForSomethingElse) {
    EngineWorld world = begun(R"(
task stop g src phase=quiesce undo undo-takes=600000 late=back-out
task move g tgt phase=final-sync after=stop class=one-shot late=back-out
)");
    ASSERT_TRUE(world.succeed("stop").ok());
    ASSERT_TRUE(world.finish("move", Outcome::kUnknown).ok());
    ASSERT_EQ(world.group("g"), GroupState::kHeld);
    world.tick(minutes(50));
    EXPECT_EQ(world.group("g"), GroupState::kBackingOut);
}

TEST(LatestReturn, IsNoQuestionOfABackOutThatIsHeld) {
    EngineWorld world = in_cutover();
    world.tick(minutes(45));
    ASSERT_TRUE(world.succeed("check").ok());
    ASSERT_TRUE(world.back_out("g").ok());
    while (world.group("g") == GroupState::kBackingOut && world.fail("move").ok()) world.tick(minutes(1));
    ASSERT_EQ(world.group("g"), GroupState::kHeld);
    EXPECT_FALSE(waits_for_decision(world.run(), kOnly));
    EXPECT_EQ(latest_return(world.run(), kOnly), std::nullopt);
}

TEST(LatestReturn, ThePlanMayGoOnAndTheJournalSaysSo) {
    EngineWorld world = begun(with_answer("go-on"));
    ASSERT_TRUE(world.succeed("stop").ok());
    world.take_records();
    world.tick(minutes(50));
    EXPECT_EQ(world.group("g"), GroupState::kMoving);
    EXPECT_THAT(world.take_records(),
                ElementsAre("group g latest return at +3000000ms, takes 600000ms: go-on"));
    EXPECT_TRUE(world.run().late_returns.at(MoveGroupId("g")).go);
}

TEST(LatestReturn, ApplicationsThatDisagreeAreHeld) {
    EngineWorld world = begun(R"(
task stop g src phase=quiesce undo undo-takes=600000 late=go-on
task move g tgt phase=final-sync after=stop late=back-out
)");
    ASSERT_TRUE(world.succeed("stop").ok());
    world.tick(minutes(50));
    EXPECT_EQ(world.group("g"), GroupState::kHeld);
}

TEST(GiveGoInput, WantsAReasonAndSomethingToDecide) {
    EngineWorld world = in_cutover();
    EXPECT_THAT(world.go("g").error().message, HasSubstr("does not wait for a go/no-go"));
    EXPECT_THAT(world.go("").error().message, HasSubstr("no group of run w.1 waits"));
    EXPECT_EQ(world.go("other").error().code, ErrorCode::kNotFound);
    world.tick(minutes(45));
    EXPECT_EQ(world.go("g", "").error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(world.group("g"), GroupState::kHeld);
}

}  // namespace
}  // namespace ararat::testing
