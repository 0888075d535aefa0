// The owner thread's clocks, without its thread: wall time is set, time since boot goes on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/engine.h"
#include "store/sqlite_store.h"
#include "test_world.h"

namespace ararat::server {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Instant kBegin = from_unix_ms(1'516'046'400'000);

class TwoClocks final : public platform::Clock {
public:
    Instant now() override { return kBegin + passed + set_off; }
    Duration boottime() override { return passed - booted; }
    std::string boot_id() override { return id; }

    Duration passed = hours(10);
    Duration set_off{0};
    Duration booted{0};
    std::string id = "first";
};

struct World {
    platform::TemporaryDirectory directory = std::move(platform::TemporaryDirectory::make()).value();
    TwoClocks clock;
    store::Store store =
        std::move(store::open_sqlite(directory.path() + "/journal.db", ProjectId("exit"))).value();
    std::unique_ptr<Engine> engine = start();

    std::unique_ptr<Engine> start() {
        EngineOptions options;
        options.project = ProjectId("exit");
        options.version = "test";
        options.journal = store.journal.get();
        options.clock = &clock;
        auto started = Engine::idle(std::move(options));
        EXPECT_TRUE(started.ok()) << started.error().text();
        return std::move(started).value();
    }
    void restart() {
        engine.reset();
        engine = start();
    }
    // What the journal has of jumps.
    std::vector<Duration> jumps() {
        std::vector<Duration> found;
        const auto entries = store.journal->read(1, 1'000);
        for (const auto& entry : entries.value()) {
            const auto* jumped = std::get_if<execution::ClockJumped>(&entry.record.body);
            if (jumped != nullptr) found.push_back(jumped->by);
        }
        return found;
    }
    Instant since(const char* host) const { return engine->view().connectivity.since.at(HostId(host)); }
};

TEST(EngineClock, AJumpIsRecordedOnceAndBeforeWhatIsDecidedByTheNewTime) {
    World world;
    world.engine->turn({Submission{execution::HostUp{HostId("pri"), "journal", "test", {}}, {}}});
    const Instant came = world.since("pri");
    world.clock.passed += minutes(1);
    world.clock.set_off = hours(3);
    world.engine->turn({});
    world.engine->turn({});
    EXPECT_THAT(world.jumps(), ElementsAre(hours(3)));
    EXPECT_EQ(world.engine->view().now - world.since("pri"), minutes(1));
    EXPECT_EQ(world.since("pri"), came + hours(3));
    ASSERT_TRUE(world.engine->view().state.clock_jump);
    world.clock.set_off = hours(-1);
    world.engine->turn({});
    EXPECT_THAT(world.jumps(), ElementsAre(hours(3), hours(-4)));
}

TEST(EngineClock, SmallStepsAreFollowedAndCountTogether) {
    World world;
    for (const auto set_off : {seconds(4), seconds(-4), seconds(3)}) {
        world.clock.set_off = set_off;
        world.engine->turn({});
        EXPECT_EQ(world.engine->view().now, world.clock.now());
    }
    EXPECT_THAT(world.jumps(), IsEmpty());
    world.clock.set_off = seconds(6);
    world.engine->turn({});
    EXPECT_THAT(world.jumps(), ElementsAre(seconds(6)));
}

TEST(EngineClock, AJumpWhileNothingRanIsSeenInTheSameBoot) {
    World world;
    world.clock.passed += hours(2);
    world.restart();
    EXPECT_THAT(world.jumps(), IsEmpty());
    world.clock.passed += hours(2);
    world.clock.set_off = hours(1);
    world.restart();
    EXPECT_THAT(world.jumps(), ElementsAre(hours(1)));
    EXPECT_EQ(world.engine->view().state.epoch_at, world.clock.now()) << "the epoch begins by the new time";
    world.engine->turn({});
    world.restart();
    EXPECT_EQ(world.jumps().size(), 1U);
    EXPECT_TRUE(world.engine->view().state.clock_jump) << "until a person has looked at it";
}

TEST(EngineClock, AfterAnotherBootOnlyATimeBeforeTheLastRecordIsAJump) {
    World world;
    world.clock.id = "second";
    world.clock.booted = world.clock.passed;
    world.clock.set_off = hours(5);
    world.restart();
    world.engine->turn({});
    EXPECT_THAT(world.jumps(), IsEmpty()) << "the machine may have been off for so long";
    world.clock.id = "third";
    world.clock.set_off = hours(3);
    world.restart();
    world.engine->turn({});
    EXPECT_THAT(world.jumps(), ElementsAre(hours(-2)));
}

}  // namespace
}  // namespace ararat::server
