#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/engine_world.h"

namespace ararat::testing {
namespace {

using execution::ApplyPlan;
using execution::Outcome;
using execution::RunAction;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kOneTask = "host src\nwave w\ngroup g w\ntask a g src\n";

Result<void> apply_as(EngineWorld& world, const std::string& name, const CompiledPlan& plan,
                      const Hash& base) {
    return world.give(ApplyPlan{person(name), std::make_shared<const CompiledPlan>(plan), base});
}

TEST(ApplyPlanInput, RefusesAStaleBaseNamingBothRevisions) {
    EngineWorld world;
    world.apply_plan(kOneTask);
    const CompiledPlan other = parse_plan_text("host src\nwave w\ngroup g w\ntask b g src\n");
    const auto stale = apply_as(world, "bob", other, Hash("0123"));
    ASSERT_FALSE(stale.ok());
    EXPECT_EQ(stale.error().code, ErrorCode::kAborted);
    EXPECT_THAT(stale.error().message, HasSubstr("0123"));
    EXPECT_THAT(stale.error().message, HasSubstr(world.state.plan->hash.str()));
    const auto none = apply_as(world, "bob", other, Hash());
    ASSERT_FALSE(none.ok());
    EXPECT_THAT(none.error().message, HasSubstr("against revision none"));
    EXPECT_TRUE(apply_as(world, "bob", other, world.state.plan->hash).ok());
    EXPECT_EQ(world.state.plan->hash, other.hash);
}

TEST(ApplyPlanInput, RecordsNothingForThePlanThatIsThereAlready) {
    EngineWorld world;
    world.apply_plan(kOneTask);
    const std::size_t records = world.journal.size();
    ASSERT_TRUE(apply_as(world, "bob", *world.state.plan, world.state.plan->hash).ok());
    EXPECT_EQ(world.journal.size(), records);
}

TEST(ApplyPlanInput, RefusesToChangeAWaveUnderWayButNotOthers) {
    EngineWorld world;
    const std::string w1 = "host src\nwave w1\nwave w2\ngroup g1 w1\ngroup g2 w2\ntask a g1 src\n";
    world.apply_plan(w1 + "task b g2 src\n");
    world.up("src");
    world.start("w1");
    const Hash base = world.state.plan->hash;
    const auto refused = apply_as(world, "ann",
                                  parse_plan_text("host src\nwave w1\nwave w2\ngroup g1 w1\ngroup g2 "
                                                  "w2\ntask a g1 src undo\ntask b g2 src\n"),
                                  base);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::kFailedPrecondition);
    EXPECT_THAT(refused.error().message,
                HasSubstr("wave w1 is changed by this plan while its run w1.1 is under way"));
    EXPECT_FALSE(
        apply_as(world, "ann", parse_plan_text("host src\nwave w2\ngroup g2 w2\ntask b g2 src\n"), base)
            .ok());
    EXPECT_TRUE(apply_as(world, "ann", parse_plan_text(w1 + "task b g2 src undo\n"), base).ok());
}

TEST(ApplyPlanInput, RefusesAPlanWhoseWindowsAreOver) {
    EngineWorld world;
    const std::string old_plan =
        "host src\nwave w1 window=0..60 latest=30\nwave w2 window=0..900\ngroup g1 w1\ngroup g2 w2\n"
        "task a g1 src\ntask b g2 src\n";
    world.tick(std::chrono::minutes(31));
    const auto late = apply_as(world, "ann", parse_plan_text(old_plan), Hash());
    ASSERT_FALSE(late.ok());
    EXPECT_EQ(late.error().code, ErrorCode::kAborted);
    EXPECT_EQ(late.error().message,
              "it is 2018-01-15T20:31:00Z, too late to begin wave w1 (latest start 2018-01-15T20:30:00Z): "
              "plan again");
}

TEST(ApplyPlanInput, TakesWindowsOfThePastForWhatHasMovedOrIsUnderWay) {
    EngineWorld world;
    const std::string waves =
        "host src\nwave w1 window=0..60\nwave w2 window=0..60\nwave w3 window=0..900\ngroup g1 w1\n"
        "group g2 w2\ngroup g3 w3\ntask a g1 src\ntask b g2 src\n";
    world.apply_plan(waves + "task c g3 src\n");
    world.up("src");
    world.start("w1");
    ASSERT_TRUE(world.succeed("a").ok());
    world.start("w2");
    world.tick(std::chrono::minutes(90));
    const auto again =
        apply_as(world, "ann", parse_plan_text(waves + "task c g3 src undo\n"), world.state.plan->hash);
    EXPECT_TRUE(again.ok()) << again.error().message;
}

TEST(ApplyPlanInput, ForgetsRevisionsThatNoRunPinsAndThatAreNotCurrent) {
    EngineWorld world;
    world.apply_plan(kOneTask);
    const CompiledPlanPtr pinned = world.state.plan;
    world.up("src");
    world.start("w");
    ASSERT_TRUE(world.fail("a").ok());
    const auto revision = [](const char* task) {
        return parse_plan_text(std::string("host src\nwave w\ngroup g w\ntask a g src\ntask ") + task +
                               " g src\n");
    };
    world.tick(std::chrono::minutes(1));
    for (int i = 0; i < 2; ++i) {  // three tries, then the group is backed out
        ASSERT_TRUE(world.fail("a").ok());
        world.tick(std::chrono::minutes(1));
    }
    ASSERT_EQ(world.run().status, RunStatus::kBackedOut);
    for (const char* name : {"b", "c", "d"}) world.apply_plan(revision(name));
    EXPECT_EQ(world.state.plans.size(), 2U);
    EXPECT_TRUE(world.state.plans.contains(pinned->hash)) << "its run can still be looked at";
    EXPECT_TRUE(world.state.plans.contains(world.state.plan->hash));
    world.apply_plan(revision("b"));
    EXPECT_EQ(world.state.plan->hash, revision("b").hash) << "one that was forgotten may come again";
    EXPECT_EQ(world.replayed_fingerprint(), fingerprint(world.state));
}

TEST(ApplyPlanInput, RefusesAnotherProjectsPlan) {
    EngineWorld world;
    world.apply_plan(kOneTask);
    CompiledPlan other = parse_plan_text("host src\nwave w\ngroup g w\ntask b g src\n");
    other.project = ProjectId("elsewhere");
    seal(other);
    const auto refused = apply_as(world, "ann", other, world.state.plan->hash);
    ASSERT_FALSE(refused.ok());
    EXPECT_THAT(refused.error().message, HasSubstr("project elsewhere"));
}

TEST(StartWaveInput, IsRefusedWithTheReason) {
    EngineWorld world;
    EXPECT_EQ(world.give(execution::StartWave{person("ann"), WaveId("w"), false}).error().code,
              ErrorCode::kFailedPrecondition);
    world.apply_plan(kOneTask);
    world.up("src");
    EXPECT_EQ(world.give(execution::StartWave{person("ann"), WaveId("x"), false}).error().code,
              ErrorCode::kNotFound);
    world.start("w");
    EXPECT_THAT(world.give(execution::StartWave{person("ann"), WaveId("w"), false}).error().message,
                HasSubstr("its run w.1 is under way"));
    ASSERT_TRUE(world.succeed("a").ok());
    EXPECT_THAT(world.give(execution::StartWave{person("ann"), WaveId("w"), false}).error().message,
                HasSubstr("all of its groups have moved"));
}

constexpr const char* kGated = R"(
host src
gate go owner,board all
gate any owner,board
wave w
group g w
gatetask w/go w go
task a g src after=w/go guard=cutover phase=quiesce
task b g src after=a guard=cutover phase=quiesce
)";

TEST(Gates, OpenWhenEveryRoleHasApproved) {
    EngineWorld world;
    world.apply_plan(kGated);
    world.up("src");
    world.start("w");
    EXPECT_EQ(world.task("w/go"), TaskState::kOpen);
    EXPECT_THAT(world.why("a"), ElementsAre("waits for gate go: waits for approval by owner, board"));
    ASSERT_TRUE(world.decide_gate("w", "go", "olga", {"owner"}).ok());
    EXPECT_THAT(world.why("w/go"), ElementsAre("gate go waits for approval by board"));
    EXPECT_THAT(world.take_commands(), IsEmpty());
    ASSERT_TRUE(world.decide_gate("w", "go", "bert", {"board"}).ok());
    EXPECT_EQ(world.task("w/go"), TaskState::kSucceeded);
    EXPECT_THAT(world.take_commands(), ElementsAre("a"));
}

TEST(Gates, OfAllRolesWantAPersonForEach) {
    EngineWorld world;
    world.apply_plan(kGated);
    world.up("src");
    world.start("w");
    ASSERT_TRUE(world.decide_gate("w", "go", "olga", {"owner", "board"}).ok());
    EXPECT_EQ(world.task("w/go"), TaskState::kOpen) << "olga is one person";
    EXPECT_THAT(world.why("w/go"),
                ElementsAre("gate go waits for approval by board (by someone other than olga)"));
    ASSERT_TRUE(world.decide_gate("w", "go", "olga", {"owner", "board"}).ok());
    EXPECT_EQ(world.task("w/go"), TaskState::kOpen) << "saying it twice makes her no other";
    ASSERT_TRUE(world.decide_gate("w", "go", "bert", {"owner", "board"}).ok());
    EXPECT_EQ(world.task("w/go"), TaskState::kSucceeded);
}

TEST(Gates, SeatPeopleWithSeveralRolesWhereTheyAreWanted) {
    const std::string plan =
        "host src\ngate go a,b,c all\nwave w\ngroup g w\ngatetask w/go w go\n"
        "task t g src after=w/go\n";
    EngineWorld world;
    world.apply_plan(plan);
    world.up("src");
    world.start("w");
    // Whoever comes first takes a role that a later one needs: it does not matter.
    ASSERT_TRUE(world.decide_gate("w", "go", "all-three", {"a", "b", "c"}).ok());
    ASSERT_TRUE(world.decide_gate("w", "go", "two", {"a", "b"}).ok());
    EXPECT_EQ(world.task("w/go"), TaskState::kOpen);
    ASSERT_TRUE(world.decide_gate("w", "go", "one", {"a"}).ok());
    EXPECT_EQ(world.task("w/go"), TaskState::kSucceeded);
}

TEST(Gates, OfAllRolesWithOneRoleWantOnePerson) {
    EngineWorld world;
    world.apply_plan(
        "host src\ngate go owner all\nwave w\ngroup g w\ngatetask w/go w go\ntask t g src after=w/go\n");
    world.start("w");
    ASSERT_TRUE(world.decide_gate("w", "go", "olga", {"owner", "other"}).ok());
    EXPECT_EQ(world.task("w/go"), TaskState::kSucceeded);
}

TEST(Gates, AreBlockedByOneRejection) {
    EngineWorld world;
    world.apply_plan(kGated);
    world.up("src");
    world.start("w");
    ASSERT_TRUE(world.decide_gate("w", "go", "olga", {"owner"}).ok());
    ASSERT_TRUE(world.decide_gate("w", "go", "bert", {"board"}, false).ok());
    EXPECT_EQ(world.task("w/go"), TaskState::kOpen);
    EXPECT_THAT(world.why("w/go"), ElementsAre("gate go rejected by bert (board)"));
    ASSERT_TRUE(world.decide_gate("w", "go", "bert", {"board"}).ok());
    EXPECT_EQ(world.task("w/go"), TaskState::kSucceeded) << "the same role's later word counts";
}

TEST(Gates, AreNotDecidedByTheAuthor) {
    EngineWorld world;
    world.apply_plan(kGated);
    const auto own = world.decide_gate("w", "go", "ann", {"owner", "board"});
    ASSERT_FALSE(own.ok());
    EXPECT_EQ(own.error().code, ErrorCode::kPermissionDenied);
    // Somebody else applying a plan with the same wave does not make its first author a judge of it.
    CompiledPlan again =
        parse_plan_text(std::string(kGated) + "wave w2\ngroup g2 w2\ntask c g2 src\n", "carl");
    ASSERT_TRUE(apply_as(world, "carl", again, world.state.plan->hash).ok());
    EXPECT_FALSE(world.decide_gate("w", "go", "ann", {"owner"}).ok());
    EXPECT_FALSE(world.decide_gate("w", "go", "carl", {"owner"}).ok());
    EXPECT_TRUE(world.decide_gate("w", "go", "olga", {"owner"}).ok());
}

TEST(Gates, AreDecidedOnlyByTheirRoles) {
    EngineWorld world;
    world.apply_plan(kGated);
    const auto stranger = world.decide_gate("w", "go", "eve", {"viewer"});
    ASSERT_FALSE(stranger.ok());
    EXPECT_EQ(stranger.error().code, ErrorCode::kPermissionDenied);
    EXPECT_EQ(world.decide_gate("w", "nothing", "olga", {"owner"}).error().code, ErrorCode::kNotFound);
}

TEST(Gates, RefuseADecisionAboutAnotherRevision) {
    EngineWorld world;
    world.apply_plan(kGated);
    const auto stale = world.give(execution::DecideGate{person("olga", {"owner"}), WaveId("w"), GateId("go"),
                                                        true, "", Hash("feed"), "", ""});
    ASSERT_FALSE(stale.ok());
    EXPECT_EQ(stale.error().code, ErrorCode::kAborted);
}

TEST(Gates, ForgetApprovalsOfAWaveThatChangedAndKeepThoseOfOthers) {
    EngineWorld world;
    const std::string rest = "wave w2\ngroup g2 w2\n";
    world.apply_plan(std::string(kGated) + rest + "task c g2 src\n");
    ASSERT_TRUE(world.decide_gate("w", "any", "olga", {"owner"}).ok());
    ASSERT_TRUE(world.decide_gate("w2", "any", "olga", {"owner"}).ok());
    const CompiledPlan changed = parse_plan_text(std::string(kGated) + rest + "task c g2 src undo\n");
    ASSERT_TRUE(apply_as(world, "ann", changed, world.state.plan->hash).ok());
    EXPECT_TRUE(execution::gate_status(world.state, changed, WaveId("w"), GateId("any")).granted);
    EXPECT_FALSE(execution::gate_status(world.state, changed, WaveId("w2"), GateId("any")).granted);
}

TEST(Gates, StopAGuardedStepWhenAnApprovalIsWithdrawn) {
    EngineWorld world;
    world.apply_plan(kGated);
    world.up("src");
    world.start("w");
    ASSERT_TRUE(world.decide_gate("w", "go", "olga", {"owner"}).ok());
    ASSERT_TRUE(world.decide_gate("w", "go", "bert", {"board"}).ok());
    ASSERT_TRUE(world.decide_gate("w", "go", "bert", {"board"}, false).ok());
    world.take_commands();
    ASSERT_TRUE(world.succeed("a").ok());
    EXPECT_THAT(world.take_commands(), IsEmpty());
    EXPECT_THAT(world.why("b"), ElementsAre("an approval it came through does not stand any more"));
}

TEST(Facts, AreRecordedAndChangeNothingElse) {
    EngineWorld world;
    world.apply_plan(kOneTask);
    world.take_records();
    const auto note = [&](execution::AuditFact fact) {
        EXPECT_TRUE(world.give(execution::NoteFact{std::move(fact)}).ok());
    };
    execution::State before = world.state;
    note(execution::EnrolTokenMade{"src", "agent", {}, {}, "ann"});
    note(execution::Enrolled{"ararat://p/agent/src", "ab", "ipv4:198.18.1.1:9"});
    note(execution::EnrolmentRefused{"src", "used before", "ipv4:198.18.1.1:9", 0});
    note(execution::HostKeyPinned{HostId("src"), "SHA256:x", "ann"});
    EXPECT_THAT(
        world.take_records(),
        ElementsAre("token for agent src by ann", "enrolled ararat://p/agent/src",
                    "enrolment of src refused \"used before\"", "host src pinned to SHA256:x by ann"));
    EXPECT_THAT(world.take_effects(), IsEmpty());
    before.sequence = world.state.sequence;
    EXPECT_EQ(execution::fingerprint(before), execution::fingerprint(world.state));
}

TEST(ControlRunInput, PausesForwardStepsAndResumes) {
    EngineWorld world;
    world.apply_plan("host src\nwave w\ngroup g w\ntask a g src\ntask b g src after=a\n");
    world.up("src");
    world.start("w");
    ASSERT_TRUE(world.control(RunAction::kPause, "bob").ok());
    EXPECT_FALSE(world.control(RunAction::kPause).ok());
    world.take_commands();
    ASSERT_TRUE(world.succeed("a").ok());
    EXPECT_EQ(world.task("a"), TaskState::kSucceeded) << "what runs ends";
    EXPECT_THAT(world.take_commands(), IsEmpty());
    EXPECT_THAT(world.why("b"), ElementsAre("run w.1 is paused: a reason"));
    ASSERT_TRUE(world.control(RunAction::kResume).ok());
    EXPECT_THAT(world.take_commands(), ElementsAre("b"));
    EXPECT_FALSE(world.control(RunAction::kResume).ok());
}

TEST(ControlRunInput, CancelsAGroupThatTouchedNoServiceWhereItIs) {
    EngineWorld world;
    world.apply_plan(
        "host src\nwave w\ngroup g w\ntask a g src undo\ntask b g src after=a phase=precopy undo\n"
        "task c g src after=b phase=quiesce\n");
    world.up("src");
    world.start("w");
    ASSERT_TRUE(world.succeed("a").ok());
    world.take_commands();
    ASSERT_TRUE(world.control(RunAction::kCancel).ok());
    EXPECT_FALSE(world.control(RunAction::kCancel).ok());
    EXPECT_EQ(world.run().status, RunStatus::kRunning) << "what runs ends first";
    ASSERT_TRUE(world.succeed("b").ok());
    EXPECT_THAT(world.take_commands(), IsEmpty());
    EXPECT_EQ(world.task("c"), TaskState::kCancelled);
    EXPECT_EQ(world.group("g"), GroupState::kCancelled);
    EXPECT_EQ(world.run().status, RunStatus::kCancelled);
    world.start("w");
    EXPECT_EQ(world.run().id.str(), "w.2");
}

TEST(ControlRunInput, CancelBacksOutAGroupThatTouchedAService) {
    EngineWorld world;
    world.apply_plan(
        "host src\nwave w\ngroup g w\ntask a g src phase=quiesce undo\ntask b g src after=a\n"
        "task c g src after=b\n");
    world.up("src");
    world.start("w");
    ASSERT_TRUE(world.succeed("a").ok());
    ASSERT_TRUE(world.control(RunAction::kCancel).ok());
    world.take_commands();
    ASSERT_TRUE(world.succeed("b").ok());
    EXPECT_THAT(world.take_commands(), ElementsAre("a:undo"));
    ASSERT_TRUE(world.succeed("a").ok());
    EXPECT_EQ(world.group("g"), GroupState::kBackedOut);
    EXPECT_EQ(world.run().status, RunStatus::kCancelled);
}

TEST(ControlRunInput, CancelHoldsAGroupPastItsPointOfNoReturn) {
    EngineWorld world;
    world.apply_plan(
        "host src\nwave w\ngroup g w\ntask a g src phase=switch noreturn\ntask b g src after=a\n");
    world.up("src");
    world.start("w");
    ASSERT_TRUE(world.control(RunAction::kCancel).ok());
    ASSERT_TRUE(world.succeed("a").ok());
    EXPECT_EQ(world.group("g"), GroupState::kHeld);
    EXPECT_EQ(world.run().status, RunStatus::kHeld);
    ASSERT_TRUE(world.retry("b").ok());
    ASSERT_TRUE(world.succeed("b").ok());
    EXPECT_EQ(world.run().status, RunStatus::kSucceeded);
}

TEST(RetryTaskInput, PutsAHeldTaskBackWithWhoAndWhyAndFreshTries) {
    EngineWorld world;
    world.apply_plan("host src\nwave w\ngroup g w\ntask a g src phase=switch noreturn tries=2\n");
    world.up("src");
    world.start("w");
    ASSERT_TRUE(world.fail("a").ok());
    world.tick(std::chrono::seconds(1));
    ASSERT_TRUE(world.fail("a").ok());
    ASSERT_EQ(world.task("a"), TaskState::kHeld);
    world.take_records();
    ASSERT_TRUE(world.retry("a", "bob").ok());
    EXPECT_THAT(world.take_records(),
                ElementsAre("task a waiting by bob \"again\"", "group g moving by bob \"again\"",
                            "run w.1 running by bob \"again\"", "attempt w.1 a forward#3 on src",
                            "task a dispatched"));
    ASSERT_TRUE(world.fail("a").ok());
    EXPECT_EQ(world.task("a"), TaskState::kRetryWait) << "two tries again";
}

TEST(RetryTaskInput, IsRefusedWhereThereIsNothingToRetry) {
    EngineWorld world;
    world.apply_plan("host src\nwave w\ngroup g w\ntask a g src tries=1\n");
    world.up("src");
    world.start("w");
    EXPECT_EQ(world.give(execution::RetryTask{person("ann"), RunId("w.9"), TaskId("a"), ""}).error().code,
              ErrorCode::kNotFound);
    EXPECT_EQ(world.retry("z").error().code, ErrorCode::kNotFound);
    EXPECT_THAT(world.retry("a").error().message, HasSubstr("it is dispatched: there is nothing to retry"));
    ASSERT_TRUE(world.fail("a").ok());
    ASSERT_EQ(world.run().status, RunStatus::kBackedOut);
    EXPECT_THAT(world.retry("a").error().message,
                HasSubstr("has ended (backed-out); start a new run of wave w"));
}

TEST(RetryTaskInput, LeavesTheGroupHeldAgainWhenAnotherTaskStillIs) {
    EngineWorld world;
    world.apply_plan(
        "host src\nwave w\ngroup g w\ntask a g src class=one-shot\ntask b g src class=one-shot\n");
    world.up("src");
    world.start("w");
    ASSERT_TRUE(world.finish("a", Outcome::kUnknown).ok());
    ASSERT_TRUE(world.finish("b", Outcome::kUnknown).ok());
    ASSERT_TRUE(world.retry("a").ok());
    ASSERT_TRUE(world.succeed("a").ok());
    EXPECT_EQ(world.group("g"), GroupState::kHeld);
    EXPECT_THAT(world.group_reason("g"), HasSubstr("b is held"));
    ASSERT_TRUE(world.retry("b").ok());
    ASSERT_TRUE(world.succeed("b").ok());
    EXPECT_EQ(world.run().status, RunStatus::kSucceeded);
}

TEST(SkipTaskInput, LetsWhatFollowsGoOnAndRecordsWhoAndWhy) {
    EngineWorld world;
    world.apply_plan(
        "host src\nchannel c src src\nwave w\ngroup g w\ntask a g src opens=c\n"
        "task b g src after=a class=one-shot closes=c\ntask d g src after=b\n");
    world.up("src");
    world.start("w");
    ASSERT_TRUE(world.succeed("a").ok());
    ASSERT_TRUE(world.finish("b", Outcome::kUnknown).ok());
    world.take_records();
    ASSERT_TRUE(world.skip("b", "bob").ok());
    EXPECT_THAT(world.take_records(),
                ElementsAre("task b skipped by bob \"not needed\"", "ticket c #1 revoked \"closed by b\"",
                            "group g moving by bob \"not needed\"", "run w.1 running by bob \"not needed\"",
                            "attempt w.1 d forward#1 on src", "task d dispatched"));
    ASSERT_TRUE(world.succeed("d").ok());
    EXPECT_EQ(world.run().status, RunStatus::kSucceeded);
    EXPECT_EQ(world.replayed_fingerprint(), fingerprint(world.state));
}

TEST(SkipTaskInput, TakesAWaitingStepOnlyWhenItsTurnHasCome) {
    EngineWorld world;
    world.apply_plan(
        "host src\nwave w\ngroup g w\ntask a g src\ntask b g src after=a\ntask c g src after=b\n");
    world.up("src");
    world.start("w");
    ASSERT_TRUE(world.control(RunAction::kPause).ok());
    EXPECT_THAT(world.skip("b").error().message, HasSubstr("steps before it are not done"))
        << "c would go out before a is done";
    ASSERT_TRUE(world.succeed("a").ok());
    ASSERT_TRUE(world.skip("b").ok());
    EXPECT_EQ(world.run().status, RunStatus::kPaused) << "skipping does not resume";
    world.take_commands();
    ASSERT_TRUE(world.control(RunAction::kResume).ok());
    EXPECT_THAT(world.take_commands(), ElementsAre("c"));
}

TEST(SkipTaskInput, NeverTakesWhatPeopleDecideAboutOrSafetyHangsOn) {
    EngineWorld world;
    world.apply_plan(
        "host src\ngate go owner\nwave w\ngroup g w\ngatetask w/go w go\ntask q g src phase=quiesce "
        "after=w/go\n"
        "task s g src phase=switch noreturn\nsoak z g 1000 after=s\nmanual m g\n");
    world.start("w");
    EXPECT_THAT(world.skip("w/go").error().message, HasSubstr("it is a gate"));
    EXPECT_THAT(world.skip("q").error().message, HasSubstr("it quiets the source"));
    EXPECT_THAT(world.skip("s").error().message, HasSubstr("it is the point of no return"));
    EXPECT_THAT(world.skip("z").error().message, HasSubstr("it is a soak"));
    EXPECT_THAT(world.skip("m").error().message, HasSubstr("say that it is done"));
    EXPECT_EQ(world.skip("nothing").error().code, ErrorCode::kNotFound);
    const auto unreasoned = world.give(execution::SkipTask{person("ann"), RunId("w.1"), TaskId("s"), ""});
    EXPECT_EQ(unreasoned.error().code, ErrorCode::kInvalidArgument);
}

TEST(SkipTaskInput, IsNoWayOutOfABackOut) {
    EngineWorld world;
    world.apply_plan(
        "host src\nwave w\ngroup g w\ntask a g src undo tries=1\ntask b g src after=a tries=1\n");
    world.up("src");
    world.start("w");
    ASSERT_TRUE(world.succeed("a").ok());
    ASSERT_TRUE(world.fail("b").ok());
    EXPECT_THAT(world.skip("b").error().message, HasSubstr("group g is backing-out"));
    ASSERT_TRUE(world.fail("a").ok());
    EXPECT_THAT(world.skip("a").error().message, HasSubstr("the back-out of group g is held"));
}

TEST(StepInput, LetsOneStepThroughAlsoWhenAnotherGroupIsHeldOnTheWay) {
    EngineWorld world;
    // The quiesce of g is too late for its window and holds its group; that is no step.
    world.apply_plan(
        "host src\nwave w window=-60..2 latest=1\ngroup g w\ngroup h w\ntask a g src phase=quiesce\n"
        "task b h src\ntask c h src\n");
    world.start("w");
    ASSERT_TRUE(world.control(RunAction::kPause).ok());
    world.tick(std::chrono::minutes(5));
    world.up("src");
    EXPECT_THAT(world.take_commands(), IsEmpty());
    ASSERT_TRUE(world.control(RunAction::kStep, "bob").ok());
    EXPECT_THAT(world.take_commands(), ElementsAre("b"));
    EXPECT_EQ(world.group("g"), GroupState::kHeld);
    EXPECT_EQ(world.run().status, RunStatus::kPaused);
    EXPECT_FALSE(world.run().one_step);
    EXPECT_EQ(world.run().reason, "a reason");
    ASSERT_TRUE(world.control(RunAction::kStep, "bob").ok());
    EXPECT_THAT(world.take_commands(), ElementsAre("c"));
    EXPECT_EQ(world.replayed_fingerprint(), fingerprint(world.state));
}

TEST(CompleteManualInput, NeedsAnOpenManualTask) {
    EngineWorld world;
    world.apply_plan("host src\nwave w\ngroup g w\ntask a g src\nmanual m g after=a\n");
    world.up("src");
    world.start("w");
    const auto complete = [&](const char* task) {
        return world.give(execution::CompleteManual{person("bob"), RunId("w.1"), TaskId(task), "note"});
    };
    EXPECT_THAT(complete("a").error().message, HasSubstr("is not a manual task"));
    EXPECT_THAT(complete("m").error().message, HasSubstr("is waiting, not open"));
    EXPECT_EQ(complete("z").error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace ararat::testing
