#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/core/agent_core.h"

namespace ararat::agent {
namespace {

constexpr Duration kNow{1'000'000};
const std::string kKey = "p|run|task|forward|1";

StepSpec spec(const std::string& key = kKey, std::uint64_t epoch = 1) {
    StepSpec made;
    made.key = key;
    made.epoch = epoch;
    StageSpec stage;
    stage.name = "perform";
    stage.operation.argv = {"/bin/true"};
    made.stages = {stage};
    return made;
}

AttemptReport finished(Outcome outcome = Outcome::kSucceeded) {
    AttemptReport report;
    report.state = AttemptState::kFinished;
    report.result = StepResult{};
    report.result->outcome = outcome;
    report.result->outputs = {{"rows", "3"}};
    return report;
}

AttemptReport in_state(AttemptState state) {
    AttemptReport report;
    report.state = state;
    report.detail = "because";
    return report;
}

// Fails on anything that is not exactly what is asked for.
template <typename Wanted>
const Wanted* only(const Decision& decision) {
    EXPECT_EQ(decision.actions.size(), 1U);
    return decision.actions.empty() ? nullptr : std::get_if<Wanted>(&decision.actions[0]);
}

// A core with its journal: what a new process would know.
class World {
public:
    World() {
        core.apply(JournalCreated{"journal"});
        journal.emplace_back(JournalCreated{"journal"});
    }

    Decision keep(Decision decision) {
        journal.insert(journal.end(), decision.records.begin(), decision.records.end());
        return decision;
    }
    AgentCore restarted() const {
        AgentCore fresh{CoreOptions{}};
        for (const JournalRecord& record : journal) fresh.apply(record);
        return fresh;
    }

    AgentCore core{CoreOptions{}};
    std::vector<JournalRecord> journal;
};

TEST(AgentCore, WritesStartedBeforeItStarts) {
    World world;
    const Decision decision = world.core.on_start(spec(), {42, {}}, kNow);
    ASSERT_EQ(decision.records.size(), 2U);
    EXPECT_EQ(std::get<EpochSeen>(decision.records[0]).epoch, 1U);
    EXPECT_EQ(std::get<Started>(decision.records[1]), (Started{kKey, 1, 42}));
    ASSERT_EQ(decision.actions.size(), 2U);
    EXPECT_EQ(std::get<StartSupervisor>(decision.actions[0]).spec, spec());
    EXPECT_EQ(std::get<SendStarted>(decision.actions[1]).key, kKey);
    EXPECT_EQ(world.core.sequence(), 42U);
}

TEST(AgentCore, AnswersADuplicateOfARunningStepWithoutStartingIt) {
    World world;
    world.keep(world.core.on_start(spec(), {1, {}}, kNow));
    const Decision again = world.core.on_start(spec(), {1, {}}, kNow);
    EXPECT_TRUE(again.records.empty());
    EXPECT_NE(only<SendStarted>(again), nullptr);
}

TEST(AgentCore, AnswersADuplicateOfAFinishedStepFromItsJournal) {
    World world;
    world.keep(world.core.on_start(spec(), {1, {}}, kNow));
    world.keep(world.core.on_report(kKey, finished(), kNow));
    AgentCore fresh = world.restarted();
    const Decision again = fresh.on_start(spec(), {1, {}}, kNow);
    EXPECT_TRUE(again.records.empty());
    const auto* sent = only<SendFinished>(again);
    ASSERT_NE(sent, nullptr);
    EXPECT_EQ(sent->result, *finished().result);
}

TEST(AgentCore, AnswersADuplicateOfAnAcknowledgedStepAndDoesNothing) {
    World world;
    world.keep(world.core.on_start(spec(), {1, {}}, kNow));
    world.keep(world.core.on_report(kKey, finished(), kNow));
    world.keep(world.core.on_acknowledge(kKey, 1));
    EXPECT_NE(only<SendFinished>(world.restarted().on_start(spec(), {1, {}}, kNow)), nullptr);
}

TEST(AgentCore, RefusesAnOlderEpochAlsoAfterARestart) {
    World world;
    world.keep(world.core.on_start(spec("k5", 5), {1, {}}, kNow));
    AgentCore fresh = world.restarted();
    const Decision decision = fresh.on_start(spec(kKey, 4), {1, {}}, kNow);
    EXPECT_TRUE(decision.records.empty());
    const auto* sent = only<SendFinished>(decision);
    ASSERT_NE(sent, nullptr);
    EXPECT_EQ(sent->result.outcome, Outcome::kRefused);
    EXPECT_NE(sent->result.detail.find(kStaleEpochWords), std::string::npos);
    EXPECT_TRUE(fresh.on_cancel("k5", 4, kNow).actions.empty());
    EXPECT_TRUE(fresh.on_acknowledge("k5", 4).actions.empty());
    EXPECT_FALSE(fresh.accepts(4));
    EXPECT_TRUE(fresh.accepts(5));
}

TEST(AgentCore, CancellingAnUnknownStepLeavesATombstone) {
    World world;
    const Decision cancelled = world.keep(world.core.on_cancel(kKey, 1, kNow));
    ASSERT_EQ(cancelled.actions.size(), 2U);
    EXPECT_EQ(std::get<CancelSupervisor>(cancelled.actions[0]).key, kKey)
        << "a start of an earlier process may be on its way";
    EXPECT_EQ(std::get<SendFinished>(cancelled.actions[1]).key, kKey);
    AgentCore fresh = world.restarted();
    const Decision late = fresh.on_start(spec(), {1, {}}, kNow);
    EXPECT_TRUE(late.records.empty());
    const auto* sent = only<SendFinished>(late);
    ASSERT_NE(sent, nullptr);
    EXPECT_EQ(sent->result.outcome, Outcome::kCancelled);
}

TEST(AgentCore, CancelsARunningStepAtItsSupervisor) {
    World world;
    world.keep(world.core.on_start(spec(), {1, {}}, kNow));
    const Decision decision = world.core.on_cancel(kKey, 1, kNow);
    EXPECT_TRUE(decision.records.empty());
    EXPECT_NE(only<CancelSupervisor>(decision), nullptr);
}

TEST(AgentCore, ALostSupervisorIsUnknownNeverFailed) {
    World world;
    world.keep(world.core.on_start(spec(), {1, {}}, kNow));
    const Decision decision = world.core.on_report(kKey, in_state(AttemptState::kLost), kNow);
    const auto* sent = only<SendFinished>(decision);
    ASSERT_NE(sent, nullptr);
    EXPECT_EQ(sent->result.outcome, Outcome::kUnknown);
    EXPECT_EQ(std::get<Finished>(decision.records.at(0)).result.outcome, Outcome::kUnknown);
}

TEST(AgentCore, AsksAfterARestartWhatBecameOfARunningStep) {
    World world;
    world.keep(world.core.on_start(spec(), {1, {}}, kNow));
    AgentCore fresh = world.restarted();
    EXPECT_NE(only<CheckSupervisor>(fresh.recover()), nullptr);
    EXPECT_THAT(fresh.unacknowledged(), testing::ElementsAre(kKey));
    EXPECT_TRUE(fresh.on_report(kKey, in_state(AttemptState::kRunning), kNow).actions.empty());
}

TEST(AgentCore, WithdrawsAStepWhoseSupervisorWasNeverStarted) {
    World world;
    world.keep(world.core.on_start(spec(), {1, {}}, kNow));
    world.core = world.restarted();
    const Decision decision = world.keep(world.core.on_report(kKey, in_state(AttemptState::kAbsent), kNow));
    EXPECT_TRUE(decision.actions.empty());
    EXPECT_TRUE(world.restarted().unacknowledged().empty());
    // The orchestrator does not find it among what the host knows, and sends it again.
    EXPECT_TRUE(
        std::holds_alternative<StartSupervisor>(world.core.on_start(spec(), {1, {}}, kNow).actions.at(0)));
}

TEST(AgentCore, SendsAResultAgainUntilItIsAcknowledged) {
    World world;
    (void)world.core.on_welcome(1, {0, {}}, kNow);
    (void)world.core.on_start(spec(), {1, {}}, kNow);
    (void)world.core.on_report(kKey, finished(), kNow);
    EXPECT_TRUE(world.core.on_tick(kNow + kResendAfter - Duration{1}).actions.empty());
    EXPECT_NE(only<SendFinished>(world.core.on_tick(kNow + kResendAfter)), nullptr);
    (void)world.core.on_acknowledge(kKey, 1);
    EXPECT_TRUE(world.core.on_tick(kNow + kResendAfter * 5).actions.empty());
}

TEST(AgentCore, KeepsQuietWhileDisconnected) {
    World world;
    (void)world.core.on_start(spec(), {1, {}}, kNow);
    (void)world.core.on_report(kKey, finished(), kNow);
    EXPECT_TRUE(world.core.on_tick(kNow + kResendAfter * 2).actions.empty());
}

TEST(AgentCore, SaysWhatItHasAsSoonAsItIsWelcome) {
    World world;
    (void)world.core.on_start(spec("a"), {1, {}}, kNow);
    (void)world.core.on_start(spec("b"), {2, {}}, kNow);
    (void)world.core.on_report("a", finished(), kNow);
    const Decision decision = world.core.on_welcome(1, {7, {}}, kNow);
    ASSERT_EQ(decision.actions.size(), 2U);
    EXPECT_EQ(std::get<SendFinished>(decision.actions[0]).key, "a");
    EXPECT_EQ(std::get<SendStarted>(decision.actions[1]).key, "b");
    EXPECT_EQ(world.core.sequence(), 7U);
}

TEST(AgentCore, AcknowledgesOnceAndForgets) {
    World world;
    (void)world.core.on_start(spec(), {1, {}}, kNow);
    EXPECT_TRUE(world.core.on_acknowledge(kKey, 1).actions.empty()) << "it has not finished";
    (void)world.core.on_report(kKey, finished(), kNow);
    EXPECT_NE(only<ForgetSupervisor>(world.core.on_acknowledge(kKey, 1)), nullptr);
    EXPECT_TRUE(world.core.on_acknowledge(kKey, 1).actions.empty());
    EXPECT_TRUE(world.core.unacknowledged().empty());
}

TEST(AgentCore, TheFirstResultStands) {
    World world;
    (void)world.core.on_start(spec(), {1, {}}, kNow);
    (void)world.core.on_report(kKey, finished(), kNow);
    EXPECT_TRUE(world.core.on_report(kKey, in_state(AttemptState::kLost), kNow).records.empty());
}

TEST(AgentCore, RefusesMoreThanItMayRun) {
    AgentCore core(CoreOptions{Policy(), 1});
    (void)core.on_start(spec("a"), {1, {}}, kNow);
    const Decision decision = core.on_start(spec("b"), {2, {}}, kNow);
    const auto* sent = only<SendFinished>(decision);
    ASSERT_NE(sent, nullptr);
    EXPECT_EQ(sent->result.outcome, Outcome::kRefused);
    EXPECT_EQ(core.running().size(), 1U);
}

TEST(AgentCore, ObeysTheHostsAllowList) {
    AgentCore core(CoreOptions{Policy::parse("verb facts\n").value(), 10});
    const Decision decision = core.on_start(spec(), {1, {}}, kNow);
    const auto* sent = only<SendFinished>(decision);
    ASSERT_NE(sent, nullptr);
    EXPECT_EQ(sent->result.outcome, Outcome::kRefused);
    EXPECT_NE(sent->result.detail.find("verb run"), std::string::npos);
}

TEST(AgentCore, PrunesTombstonesOnlyOfOlderEpochs) {
    World world;
    for (const std::string key : {"a", "b"}) {
        world.keep(world.core.on_start(spec(key), {1, {}}, kNow));
        world.keep(world.core.on_report(key, finished(), kNow));
    }
    world.keep(world.core.on_acknowledge("a", 1));
    world.keep(world.core.on_welcome(2, {0, {}}, kNow));
    EXPECT_THAT(world.core.unacknowledged(), testing::ElementsAre("b"))
        << "b's result is not with anybody yet";
    // A late duplicate of "a" carries its own epoch, and is refused for it.
    const Decision late = world.core.on_start(spec("a", 1), {1, {}}, kNow);
    EXPECT_EQ(only<SendFinished>(late)->result.outcome, Outcome::kRefused);
}

TEST(AgentCore, KeepsTheHashOfTheHighestRecordItWasToldOf) {
    World world;
    const Decision welcome = world.keep(world.core.on_welcome(1, {7, "h7"}, kNow));
    ASSERT_EQ(welcome.records.size(), 2U);
    EXPECT_EQ(std::get<ChainSeen>(welcome.records[1]), (ChainSeen{7, "h7"}));
    const Decision started = world.keep(world.core.on_start(spec(), {9, "h9"}, kNow));
    ASSERT_EQ(started.records.size(), 2U) << "in the same commit as the step's own record";
    EXPECT_EQ(std::get<ChainSeen>(started.records[0]), (ChainSeen{9, "h9"}));
    EXPECT_TRUE(world.keep(world.core.on_welcome(1, {9, "h9"}, kNow)).records.empty());
    EXPECT_TRUE(world.keep(world.core.on_welcome(1, {8, "other"}, kNow)).records.empty()) << "never back";
    AgentCore fresh = world.restarted();
    EXPECT_EQ(fresh.sequence(), 9U);
    EXPECT_EQ(fresh.chain_hash(), "h9");
    AgentCore copy{CoreOptions{}};
    for (const JournalRecord& record : fresh.snapshot()) copy.apply(record);
    EXPECT_EQ(copy.chain_hash(), "h9");
}

// Its orchestrator has judged the hello: what was seen before belongs to a history that was given up.
TEST(AgentCore, TakesTheHistoryOfAHigherEpochAlsoWhereItIsShorter) {
    World world;
    world.keep(world.core.on_welcome(1, {9, "h9"}, kNow));
    const Decision welcome = world.keep(world.core.on_welcome(2, {5, "other"}, kNow));
    ASSERT_EQ(welcome.records.size(), 2U);
    EXPECT_EQ(std::get<ChainSeen>(welcome.records[0]), (ChainSeen{5, "other"}))
        << "before the epoch: a torn tail must not leave the new epoch with the old history";
    AgentCore fresh = world.restarted();
    EXPECT_EQ(fresh.epoch(), 2U);
    EXPECT_EQ(fresh.sequence(), 5U);
    EXPECT_EQ(fresh.chain_hash(), "other");
    world.keep(world.core.on_welcome(3, {4, {}}, kNow));
    EXPECT_EQ(world.core.sequence(), 4U);
    EXPECT_EQ(world.core.chain_hash(), "") << "an orchestrator that tells no hashes";
}

TEST(AgentCore, DoesNotTakeAnOldHashForThatOfAHigherNumber) {
    AgentCore core{CoreOptions{}};
    core.apply(JournalCreated{"journal"});
    core.apply(ChainSeen{9, "h9"});
    core.apply(Started{kKey, 1, 12});  // an orchestrator that tells no hashes
    EXPECT_EQ(core.sequence(), 12U);
    EXPECT_EQ(core.chain_hash(), "");
}

TEST(AgentCore, ASnapshotIsTheSameState) {
    World world;
    world.keep(world.core.on_start(spec("running", 3), {1, {}}, kNow));
    world.keep(world.core.on_start(spec("finished", 3), {2, {}}, kNow));
    world.keep(world.core.on_report("finished", finished(Outcome::kFailed), kNow));
    world.keep(world.core.on_start(spec("acknowledged", 3), {3, {}}, kNow));
    world.keep(world.core.on_report("acknowledged", finished(), kNow));
    world.keep(world.core.on_acknowledge("acknowledged", 3));
    world.keep(world.core.on_cancel("tombstone", 3, kNow));
    AgentCore copy{CoreOptions{}};
    for (const JournalRecord& record : world.core.snapshot()) copy.apply(record);
    EXPECT_EQ(copy.journal_id(), "journal");
    EXPECT_EQ(copy.epoch(), 3U);
    EXPECT_EQ(copy.sequence(), 3U);
    EXPECT_EQ(copy.running(), world.core.running());
    EXPECT_EQ(copy.unacknowledged(), world.core.unacknowledged());
    EXPECT_EQ(copy.snapshot(), world.core.snapshot());
}

TEST(AgentCore, WritesNoChainHashThatCouldNotBeReadBack) {
    AgentCore core{CoreOptions{}};
    const Decision decision = core.on_welcome(7, {9, std::string("a\0b", 3)}, Duration{0});
    for (const JournalRecord& record : decision.records)
        EXPECT_TRUE(decode_record(encode_record(record)).ok());
    EXPECT_EQ(core.sequence(), 9U);
    EXPECT_EQ(core.chain_hash(), "");
}

}  // namespace
}  // namespace ararat::agent
