// The owner thread by itself: over a real journal in a file, with effects kept instead of sent.
#include "server/engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <atomic>
#include <condition_variable>
#include <mutex>

#include "store/sqlite_store.h"
#include "stubborn_journal.h"
#include "test_world.h"

namespace ararat::server {
namespace {

using ::testing::HasSubstr;

class ShiftedClock final : public platform::Clock {
public:
    Instant now() override { return system_.now() + Duration{shift_ms.load()}; }
    Duration boottime() override { return system_.boottime(); }

    std::atomic<std::int64_t> shift_ms{0};

private:
    platform::SystemClock system_;
};

struct World {
    platform::TemporaryDirectory directory = std::move(platform::TemporaryDirectory::make()).value();
    ShiftedClock clock;
    store::Store store =
        std::move(store::open_sqlite(directory.path() + "/journal.db", ProjectId("exit"))).value();
    StubbornJournal journal{*store.journal};
    store::Journal* journal_used = &journal;
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<execution::Effect> effects;
    std::unique_ptr<Engine> engine = start();

    std::unique_ptr<Engine> start() {
        EngineOptions options;
        options.project = ProjectId("exit");
        options.version = "test";
        options.journal = journal_used;
        options.clock = &clock;
        options.dispatch = [this](const std::vector<execution::Effect>& let_out) {
            const std::lock_guard lock(mutex);
            effects.insert(effects.end(), let_out.begin(), let_out.end());
            changed.notify_all();
        };
        auto started = Engine::start(std::move(options));
        EXPECT_TRUE(started.ok()) << started.error().text();
        return std::move(started).value();
    }
    void restart() {
        engine.reset();
        engine = start();
    }
    Result<Committed> apply_and_start() {
        const auto plan = std::make_shared<const CompiledPlan>(small_plan(false));
        ARARAT_RETURN_IF_ERROR(engine->submit(execution::ApplyPlan{eve, plan, Hash()}));
        return engine->submit(execution::StartWave{eve, WaveId("wave-1")});
    }
    std::vector<execution::AttemptKey> commands() {
        const std::lock_guard lock(mutex);
        std::vector<execution::AttemptKey> keys;
        for (const auto& effect : effects) {
            if (const auto* command = std::get_if<execution::Command>(&effect)) keys.push_back(command->key);
        }
        return keys;
    }
    void wait_for_commands(std::size_t count) {
        for (int i = 0; i < 600 && commands().size() < count; ++i) {
            std::unique_lock lock(mutex);
            changed.wait_for(lock, std::chrono::milliseconds(100));
        }
        ASSERT_GE(commands().size(), count);
    }
    std::string fingerprint() {
        return engine->read([](const EngineView& view) { return execution::fingerprint(view.state); })
            .value();
    }
    std::string why_read_only() {
        return engine->read([](const EngineView& view) { return view.read_only_reason; }).value();
    }

    execution::Principal eve{"eve", {RoleId("engineer")}};
};

execution::HostUp up(const char* host) {
    return {HostId(host), std::string("journal of ") + host, "test", {}};
}

TEST(Engine, LetsACommandOutOnlyForAHostThatIsThereAndOnlyWithItsRecordInTheJournal) {
    World world;
    ASSERT_TRUE(world.apply_and_start().ok());
    EXPECT_TRUE(world.commands().empty());
    world.engine->post(up("pri"));
    world.wait_for_commands(1);
    bool intent_is_durable = false;
    const auto entries = world.store.journal->read(1, 1'000);
    for (const auto& entry : entries.value()) {
        const auto* intent = std::get_if<execution::AttemptStarted>(&entry.record.body);
        intent_is_durable = intent_is_durable || (intent && intent->key == world.commands().front());
    }
    EXPECT_TRUE(intent_is_durable);
    EXPECT_EQ(world.engine->sequence(), world.store.journal->head()->sequence);
}

TEST(Engine, GivesTheSameStateAfterARestartAndSendsTheSameKeyAgain) {
    World world;
    ASSERT_TRUE(world.apply_and_start().ok());
    world.engine->post(up("pri"));
    world.wait_for_commands(1);
    const auto epoch = world.engine->epoch();
    const auto first_key = world.commands().front();
    world.engine.reset();
    auto before = store::restore(*world.store.journal, ProjectId("exit"))->state;
    world.engine = world.start();
    EXPECT_EQ(world.engine->epoch(), epoch + 1);
    const auto opened = world.store.journal->read(before.sequence + 1, 10);
    ASSERT_EQ(opened->size(), 1U) << "the new epoch and nothing else";
    execution::apply(before, opened->front().record);
    EXPECT_EQ(world.fingerprint(), execution::fingerprint(before));
    world.effects.clear();
    world.engine->post(up("pri"));
    world.wait_for_commands(1);
    EXPECT_EQ(world.commands(), std::vector{first_key});
}

TEST(Engine, AcknowledgesAResultAlsoWhenItComesTwiceAndCountsItOnce) {
    World world;
    ASSERT_TRUE(world.apply_and_start().ok());
    world.engine->post(up("pri"));
    world.wait_for_commands(1);
    execution::StepFinished finished;
    finished.host = HostId("pri");
    finished.key = world.commands().front();
    finished.outcome = execution::Outcome::kSucceeded;
    world.engine->post(finished);
    world.wait_for_commands(2);
    const auto sequence = world.engine->sequence();
    world.engine->post(finished);
    ASSERT_TRUE(world.engine->read([](const EngineView&) { return 0; }).ok());  // after the second
    EXPECT_EQ(world.engine->sequence(), sequence);
    const std::lock_guard lock(world.mutex);
    EXPECT_EQ(std::count_if(world.effects.begin(), world.effects.end(),
                            [](const auto& effect) {
                                return std::holds_alternative<execution::AcknowledgeResult>(effect);
                            }),
              2);
}

TEST(Engine, AfterARefusedCommitNothingHappenedAndItIsReadOnlySayingWhy) {
    World world;
    ASSERT_TRUE(world.apply_and_start().ok());
    const std::string before = world.fingerprint();
    EXPECT_TRUE(world.engine->check_writable().ok());
    world.journal.refuse = true;
    const auto refused = world.engine->submit(
        execution::ControlRun{world.eve, RunId("wave-1.1"), execution::RunAction::kPause, "x"});
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
    EXPECT_EQ(world.fingerprint(), before);
    EXPECT_FALSE(world.engine->check_writable().ok());
    world.journal.refuse = false;
    world.engine->post(up("pri"));
    const auto view = world.engine->read(
        [](const EngineView& engine) { return std::pair(engine.read_only, engine.read_only_reason); });
    EXPECT_TRUE(view->first);
    EXPECT_THAT(view->second, HasSubstr("no space left on the device"));
    EXPECT_TRUE(world.commands().empty()) << "read-only sends nothing out";
    EXPECT_EQ(world.engine->submit(execution::StartWave{world.eve, WaveId("wave-1")}).error().code,
              ErrorCode::kFailedPrecondition);
}

TEST(Engine, ServesADamagedJournalUpToTheLastRecordThatHoldsAndChangesNothing) {
    World world;
    ASSERT_TRUE(world.apply_and_start().ok());
    const auto written = world.engine->sequence();
    const auto epoch = world.engine->epoch();
    world.engine.reset();
    world.store = {};
    const std::string path = world.directory.path() + "/journal.db";
    sqlite3* handle = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &handle), SQLITE_OK);
    const std::string sql = "UPDATE journal SET bytes = x'00' WHERE sequence = " + std::to_string(written);
    ASSERT_EQ(sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(handle);
    world.store = store::open_sqlite(path, ProjectId("exit")).value();
    StubbornJournal journal(*world.store.journal);
    world.journal_used = &journal;
    world.engine = world.start();
    EXPECT_EQ(world.engine->sequence(), written - 1);
    EXPECT_EQ(world.engine->epoch(), epoch) << "no epoch of its own: it commands nobody";
    EXPECT_THAT(world.why_read_only(), HasSubstr("row " + std::to_string(written) + " has hash "));
    EXPECT_THAT(world.engine->check_writable().error().text(),
                HasSubstr("read-only: the journal is damaged"));
    const auto refused = world.engine->submit(execution::StartWave{world.eve, WaveId("wave-1")});
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::kFailedPrecondition);
    EXPECT_THAT(refused.error().text(), HasSubstr("the journal is damaged"));
    world.engine->post(up("pri"));
    EXPECT_TRUE(
        world.engine->read([](const EngineView& view) { return view.state.plan != nullptr; }).value());
    EXPECT_TRUE(world.commands().empty());
    EXPECT_EQ(world.store.journal->head()->sequence, written)
        << "the damaged row is kept, nothing is behind it";
    EXPECT_FALSE(world.store.journal->verify()->ok);
}

TEST(Engine, StartsReadOnlyWhereNothingCanBeWritten) {
    World world;
    ASSERT_TRUE(world.apply_and_start().ok());
    const auto written = world.engine->sequence();
    world.journal.refuse = true;
    world.restart();
    EXPECT_THAT(world.why_read_only(), HasSubstr("no space left on the device"));
    EXPECT_EQ(world.engine->sequence(), written);
}

TEST(Inbox, TakesTheOrderToStopWritingAlsoWhereItIsFull) {
    Inbox inbox;
    while (inbox.put_from_host(execution::Tick{})) {
    }
    EXPECT_TRUE(inbox.put(StopWriting{"another history"}));
}

TEST(Engine, StopsWritingWhenAHostHasSeenAnotherHistory) {
    World world;
    ASSERT_TRUE(world.apply_and_start().ok());
    EXPECT_TRUE(world.engine->check_writable().ok());
    world.engine->distrust("agent of pri has seen another record 9");
    EXPECT_THAT(world.why_read_only(), HasSubstr("agent of pri has seen another record 9"));
    world.engine->distrust("a later reason");
    world.engine->post(up("pri"));
    EXPECT_THAT(world.why_read_only(), HasSubstr("another record 9"))
        << "the first reason is the one to look at";
    EXPECT_TRUE(world.commands().empty()) << "nothing is sent out any more";
    EXPECT_FALSE(world.engine->check_writable().ok());
}

TEST(Engine, TakesNothingOfABatchInWhichItLearnsOfAnotherHistory) {
    World world;
    const auto plan = std::make_shared<const CompiledPlan>(small_plan(false));
    ASSERT_TRUE(world.engine->submit(execution::ApplyPlan{world.eve, plan, Hash()}).ok());
    const auto written = world.engine->sequence();
    // From its own thread, so that both come in one batch.
    const auto asked = world.engine->read([&](const EngineView&) {
        world.engine->post(up("pri"));
        world.engine->post(execution::StartWave{world.eve, WaveId("wave-1")});
        world.engine->distrust("agent of pri has seen another record 9");
        return 0;
    });
    ASSERT_TRUE(asked.ok());
    EXPECT_THAT(world.why_read_only(), HasSubstr("another record 9"));
    EXPECT_EQ(world.engine->sequence(), written);
    EXPECT_TRUE(world.commands().empty());
}

TEST(Engine, EndsWhatWasGivenUpBeforeItSendsAHostAnythingNew) {
    World world;
    ASSERT_TRUE(world.apply_and_start().ok());
    execution::AttemptKey lost;
    lost.project = ProjectId("exit");
    lost.run = RunId("wave-1.7");
    lost.task = TaskId("given-up");
    auto host = up("pri");
    host.known = {lost};
    world.engine->post(host);
    world.wait_for_commands(1);
    const std::lock_guard lock(world.mutex);
    ASSERT_FALSE(world.effects.empty());
    const auto* cancelled = std::get_if<execution::CancelCommand>(&world.effects.front());
    ASSERT_NE(cancelled, nullptr) << "a command went out first";
    EXPECT_EQ(cancelled->key, lost);
}

TEST(Engine, AnswersARefusalWithoutARecord) {
    World world;
    const auto sequence = world.engine->sequence();
    EXPECT_EQ(world.engine->submit(execution::StartWave{world.eve, WaveId("wave-9")}).error().code,
              ErrorCode::kFailedPrecondition);
    EXPECT_EQ(world.engine->sequence(), sequence);
}

// Who is lost for long is waited for no more; an agent that is refused comes again every half minute.
TEST(Engine, AHostIsAwaySinceItWentHoweverOftenItIsRefused) {
    World world;
    const auto since = [&] {
        return world.engine
            ->read([](const EngineView& view) { return view.connectivity.since.at(HostId("pri")); })
            .value();
    };
    world.engine->post(up("pri"));
    world.engine->post(execution::HostDown{HostId("pri"), "the connection ended"});
    const Instant went = since();
    world.clock.shift_ms = 4'000;  // less than a jump
    world.engine->post(execution::HostDown{HostId("pri"), "its agent was refused"});
    EXPECT_EQ(since(), went);
    const auto reason =
        world.engine->read([](const EngineView& view) { return view.connectivity.down.at(HostId("pri")); });
    EXPECT_EQ(reason.value(), "its agent was refused") << "the newest reason is what people need";
    world.engine->post(up("pri"));
    world.engine->post(execution::HostDown{HostId("pri"), "the connection ended"});
    EXPECT_GE(since(), went + Duration{4'000});
}

TEST(Engine, AnswersAfterItsStopThatItStops) {
    World world;
    world.engine->stop();
    EXPECT_EQ(world.engine->submit(execution::Tick{}).error().code, ErrorCode::kUnavailable);
    EXPECT_FALSE(world.engine->read([](const EngineView&) { return 1; }).ok());
}

}  // namespace
}  // namespace ararat::server
