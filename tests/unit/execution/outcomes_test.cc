// What becomes of a task by its class and its attempt's outcome: the table above judge.cc, cell by cell.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/engine_world.h"

namespace ararat::testing {
namespace {

using execution::Outcome;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// One task "a" of the class, already sent out.
EngineWorld world_with(const std::string& options) {
    EngineWorld world;
    world.apply_plan("host src\nwave w\ngroup g w\ntask a g src " + options + "\n");
    world.up("src");
    world.start("w");
    world.take_commands();
    return world;
}

TEST(Outcomes, RetriesAfterABackoffThatDoubles) {
    EngineWorld world = world_with("tries=3");
    ASSERT_TRUE(world.fail("a").ok());
    EXPECT_EQ(world.task("a"), TaskState::kRetryWait);
    EXPECT_EQ(execution::next_due(world.state, world.now), kTestStart + Duration(1000));
    world.tick(Duration(999));
    EXPECT_THAT(world.take_commands(), IsEmpty());
    EXPECT_THAT(world.why("a"),
                ElementsAre("attempt 1 did not succeed: it broke", "next try at 2018-01-15T20:00:01Z"));
    world.tick(Duration(1));
    EXPECT_THAT(world.take_commands(), ElementsAre("a"));
    EXPECT_EQ(world.key("a").attempt, 2U);
    ASSERT_TRUE(world.fail("a").ok());
    EXPECT_EQ(execution::next_due(world.state, world.now), kTestStart + Duration(3000));
}

TEST(Outcomes, BacksTheGroupOutWhenTheTriesAreUsedUp) {
    EngineWorld world = world_with("tries=2 undo");
    ASSERT_TRUE(world.fail("a").ok());
    world.tick(Duration(1000));
    ASSERT_TRUE(world.fail("a").ok());
    EXPECT_EQ(world.group("g"), GroupState::kBackingOut);
    EXPECT_THAT(world.group_reason("g"), HasSubstr("a failed: it broke (after 2 attempts)"));
    EXPECT_EQ(world.task("a"), TaskState::kUndoing);
    ASSERT_TRUE(world.succeed("a").ok());
    EXPECT_EQ(world.run().status, RunStatus::kBackedOut);
}

TEST(Outcomes, NeverRepeatsAOneShotThatFailed) {
    EngineWorld world = world_with("class=one-shot tries=3");
    ASSERT_TRUE(world.fail("a").ok());
    world.tick(std::chrono::hours(1));
    EXPECT_THAT(world.take_commands(), IsEmpty());
    EXPECT_EQ(world.run().status, RunStatus::kBackedOut);
}

TEST(Outcomes, DoesAnIdempotentStepOfUnknownOutcomeAgainAtOnce) {
    EngineWorld world = world_with("tries=2");
    ASSERT_TRUE(world.finish("a", Outcome::kUnknown).ok());
    EXPECT_THAT(world.take_commands(), ElementsAre("a"));
    EXPECT_EQ(world.key("a").attempt, 2U);
    ASSERT_TRUE(world.finish("a", Outcome::kUnknown).ok());
    EXPECT_EQ(world.run().status, RunStatus::kBackedOut) << "an unknown outcome counts as a try";
}

TEST(Outcomes, HoldsAOneShotOfUnknownOutcome) {
    EngineWorld world = world_with("class=one-shot");
    ASSERT_TRUE(world.finish("a", Outcome::kUnknown).ok());
    EXPECT_EQ(world.task("a"), TaskState::kHeld);
    EXPECT_EQ(world.group("g"), GroupState::kHeld);
    EXPECT_EQ(world.run().status, RunStatus::kHeld);
    EXPECT_THAT(world.why("a")[0], HasSubstr("must not be repeated on its own: look at src"));
    EXPECT_THAT(world.take_commands(), IsEmpty());
}

TEST(Outcomes, ProbesAProbeableStepOfUnknownOutcome) {
    EngineWorld world = world_with("class=probeable probe");
    ASSERT_TRUE(world.finish("a", Outcome::kUnknown).ok());
    EXPECT_THAT(world.take_commands(), ElementsAre("a:probe"));
    EXPECT_EQ(world.task("a"), TaskState::kProbing);
    ASSERT_TRUE(world.succeed("a").ok());
    EXPECT_EQ(world.run().status, RunStatus::kSucceeded);
}

TEST(Outcomes, UsesTheCheckAsProbeWhereThereIsNoOther) {
    EngineWorld world = world_with("class=probeable check");
    world.effects.clear();
    ASSERT_TRUE(world.finish("a", Outcome::kUnknown).ok());
    EXPECT_THAT(world.take_effects(), ::testing::Contains("command src w.1 a probe#1 [probe]"));
}

TEST(Outcomes, OnlyVerifiesAfterTheProbeFoundTheEffect) {
    EngineWorld world = world_with("class=probeable probe verify");
    ASSERT_TRUE(world.finish("a", Outcome::kUnknown).ok());
    world.effects.clear();
    ASSERT_TRUE(world.succeed("a").ok());
    EXPECT_THAT(world.take_effects(), ::testing::Contains("command src w.1 a forward#2 [verify]"));
    ASSERT_TRUE(world.fail("a").ok());
    world.tick(std::chrono::minutes(1));
    EXPECT_THAT(world.take_effects(), ::testing::Contains("command src w.1 a forward#3 [perform verify]"));
}

TEST(Outcomes, TriesAgainWhenTheProbeFoundNoEffect) {
    EngineWorld world = world_with("class=probeable probe");
    ASSERT_TRUE(world.finish("a", Outcome::kUnknown).ok());
    ASSERT_TRUE(world.fail("a").ok());
    EXPECT_EQ(world.task("a"), TaskState::kRetryWait);
    world.take_commands();
    world.tick(std::chrono::minutes(1));
    EXPECT_THAT(world.take_commands(), ElementsAre("a"));
}

TEST(Outcomes, HoldsWhenTheProbeDoesNotTell) {
    EngineWorld world = world_with("class=probeable probe");
    ASSERT_TRUE(world.finish("a", Outcome::kUnknown).ok());
    ASSERT_TRUE(world.finish("a", Outcome::kUnknown).ok());
    EXPECT_EQ(world.task("a"), TaskState::kHeld);
    EXPECT_THAT(world.why("a")[0], HasSubstr("the probe did not tell"));
}

TEST(Outcomes, HoldsWhatTheHostRefuses) {
    EngineWorld world = world_with("");
    ASSERT_TRUE(world.finish("a", Outcome::kRefused).ok());
    EXPECT_EQ(world.task("a"), TaskState::kHeld);
    EXPECT_EQ(world.run().status, RunStatus::kHeld);
    EXPECT_FALSE(world.run().tasks.at(TaskId("a")).performed) << "a refused step left nothing behind";
}

TEST(Outcomes, LearnsNothingFromAHostThatObeysANewerOrchestrator) {
    EngineWorld world = world_with("");
    const std::size_t records = world.journal.size();
    ASSERT_TRUE(
        world
            .give(execution::StepFinished{
                HostId("src"), world.key("a"), Outcome::kRefused, false, 0, "stale epoch 1, obeys 2", {}, 0})
            .ok());
    EXPECT_EQ(world.journal.size(), records);
    EXPECT_EQ(world.task("a"), TaskState::kDispatched);
    EXPECT_THAT(world.take_effects(), IsEmpty()) << "and does not acknowledge it";
}

TEST(Outcomes, RecordsAResultOnceAndAcknowledgesEachDelivery) {
    EngineWorld world = world_with("");
    const execution::StepFinished result{
        HostId("src"), world.key("a"), Outcome::kSucceeded, false, 0, "", {}, 1};
    ASSERT_TRUE(world.give(result).ok());
    const std::size_t records = world.journal.size();
    world.effects.clear();
    ASSERT_TRUE(world.give(result).ok());
    EXPECT_EQ(world.journal.size(), records);
    EXPECT_THAT(world.take_effects(), ElementsAre("acknowledge src w.1 a forward#1"));
}

TEST(Outcomes, IgnoresALateResultOfAnOlderAttempt) {
    EngineWorld world = world_with("tries=3");
    const execution::AttemptKey old = world.key("a");
    ASSERT_TRUE(world.finish("a", Outcome::kUnknown).ok());
    const std::size_t records = world.journal.size();
    ASSERT_TRUE(
        world.give(execution::StepFinished{HostId("src"), old, Outcome::kSucceeded, false, 0, "", {}, 1})
            .ok());
    EXPECT_EQ(world.journal.size(), records);
    EXPECT_EQ(world.task("a"), TaskState::kDispatched);
}

TEST(Outcomes, PastThePointOfNoReturnNoBackOutIsOffered) {
    EngineWorld world = world_with("class=one-shot noreturn");
    ASSERT_TRUE(world.finish("a", Outcome::kUnknown).ok());
    EXPECT_EQ(world.task("a"), TaskState::kHeld);
    EXPECT_THAT(world.group_reason("g"),
                EndsWith("look at src, then retry; it is past its point of no return (a)"));
    EngineWorld probed = world_with("class=probeable probe noreturn");
    ASSERT_TRUE(probed.finish("a", Outcome::kUnknown).ok());
    ASSERT_TRUE(probed.finish("a", Outcome::kUnknown).ok());
    EXPECT_THAT(probed.group_reason("g"),
                EndsWith("look at src, then retry; it is past its point of no return (a)"));
}

TEST(Outcomes, DeniesAHostThatReportsForAnother) {
    EngineWorld world;
    world.apply_plan("host src\nhost tgt\nwave w\ngroup g w\ntask a g src\n");
    world.up("src");
    world.up("tgt");
    world.start("w");
    world.effects.clear();
    const auto told = world.give(
        execution::StepFinished{HostId("tgt"), world.key("a"), Outcome::kSucceeded, false, 0, "", {}, 1});
    ASSERT_FALSE(told.ok());
    EXPECT_EQ(told.error().code, ErrorCode::kPermissionDenied);
    EXPECT_EQ(world.task("a"), TaskState::kDispatched);
    EXPECT_THAT(world.take_effects(), IsEmpty());
}

TEST(Outcomes, KeepsOnlyTextOfWhatAHostSays) {
    EngineWorld world = world_with("");
    ASSERT_TRUE(world
                    .give(execution::StepFinished{HostId("src"),
                                                  world.key("a"),
                                                  Outcome::kSucceeded,
                                                  false,
                                                  0,
                                                  "caf\xe9 \x1b[2J",
                                                  {{"n", "\xff"}},
                                                  1})
                    .ok());
    EXPECT_EQ(world.run().tasks.at(TaskId("a")).reason, "caf\xef\xbf\xbd \xef\xbf\xbd[2J");
    EXPECT_EQ(world.run().tasks.at(TaskId("a")).outputs.at("n"), "\xef\xbf\xbd");
}

TEST(Outcomes, KeepsABoundedPartOfWhatAHostSays) {
    EngineWorld world = world_with("");
    std::map<std::string, std::string> outputs;
    for (int i = 0; i < 200; ++i) outputs[std::to_string(i)] = std::string(100'000, 'x');
    ASSERT_TRUE(world.finish("a", Outcome::kSucceeded, false, outputs).ok());
    const auto& kept = world.run().tasks.at(TaskId("a")).outputs;
    EXPECT_EQ(kept.size(), 64U);
    EXPECT_EQ(kept.begin()->second.size(), 4096U);
}

// What another step would be given in its place: another path, another position, another command.
void expect_it_is_given_to_no_step(const std::string& value, const std::string& words) {
    EngineWorld world;
    world.apply_plan("host src\nwave w\ngroup g w\ntask a g src\ntask b g src after=a arg=${step.a.path}\n");
    world.up("src");
    world.start("w");
    world.take_commands();
    ASSERT_TRUE(world.finish("a", Outcome::kSucceeded, false, {{"path", value}, {"other", "fit"}}).ok());
    EXPECT_EQ(world.task("a"), TaskState::kSucceeded) << "it is done, and need not be done again";
    EXPECT_THAT(world.take_commands(), IsEmpty());
    EXPECT_EQ(world.task("b"), TaskState::kHeld);
    EXPECT_EQ(world.run().tasks.at(TaskId("b")).reason, "output path of a " + words);
    ASSERT_TRUE(world.retry("b").ok());
    EXPECT_EQ(world.task("b"), TaskState::kHeld);
    EXPECT_EQ(world.replayed_fingerprint(), fingerprint(world.state));
    ASSERT_TRUE(world.skip("b").ok());
    EXPECT_EQ(world.group("g"), GroupState::kMoved);
}

TEST(Outcomes, AnOutputThatIsCutIsGivenToNoStep) {
    expect_it_is_given_to_no_step(std::string(4097, 'x'),
                                  "is 4097 bytes long, of which 4096 are kept: it cannot be used");
}

TEST(Outcomes, AnOutputThatIsNoTextIsGivenToNoStep) {
    expect_it_is_given_to_no_step("/srv/caf\xe9",
                                  "is not kept as it was (byte 0xE9, which is not UTF-8): it cannot be used");
}

TEST(Outcomes, AnOutputOfTheGreatestLengthIsUsedWhole) {
    EngineWorld world;
    world.apply_plan("host src\nwave w\ngroup g w\ntask a g src\ntask b g src after=a arg=${step.a.path}\n");
    world.up("src");
    world.start("w");
    ASSERT_TRUE(world.finish("a", Outcome::kSucceeded, false, {{"path", std::string(4096, 'x')}}).ok());
    ASSERT_TRUE(world.is_out("b"));
}

TEST(Outcomes, AnUndoIsNotGivenAnOutputThatIsNotKept) {
    EngineWorld world;
    CompiledPlan plan = parse_plan_text(
        "host src\nwave w\ngroup g w\ntask a g src undo\ntask b g src phase=start after=a tries=1\n");
    Operation undo = *plan.tasks[0].undo;
    undo.argv.emplace_back("${step.a.path}");
    plan.tasks[0].undo = undo;
    seal(plan);
    world.apply_plan(plan);
    world.up("src");
    world.start("w");
    ASSERT_TRUE(world.finish("a", Outcome::kSucceeded, false, {{"path", std::string(5000, 'x')}}).ok());
    ASSERT_TRUE(world.fail("b").ok());
    EXPECT_EQ(world.task("a"), TaskState::kUndoFailed);
    EXPECT_EQ(world.group("g"), GroupState::kHeld);
    EXPECT_THAT(world.group_reason("g"),
                HasSubstr("undo of a cannot start: output path of a is 5000 bytes long"));
}

TEST(Outcomes, ALaterAttemptsOutputIsUsed) {
    EngineWorld world = world_with("verify tries=2");
    ASSERT_TRUE(world.finish("a", Outcome::kFailed, false, {{"n", std::string(5000, 'x')}}).ok());
    world.tick(std::chrono::minutes(1));
    ASSERT_TRUE(world.finish("a", Outcome::kSucceeded, false, {{"n", "1"}}).ok());
    EXPECT_THAT(world.run().tasks.at(TaskId("a")).outputs_not_kept, IsEmpty());
    EXPECT_EQ(world.run().tasks.at(TaskId("a")).outputs.at("n"), "1");
}

}  // namespace
}  // namespace ararat::testing
