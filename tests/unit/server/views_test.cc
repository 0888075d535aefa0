// What people are shown of a wave.
#include "server/views.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/engine_world.h"

namespace ararat::server {
namespace {

using ararat::testing::EngineWorld;
using std::chrono::minutes;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

EngineWorld planned(const std::string& wave) {
    EngineWorld world;
    world.apply_plan("host src\nwave w window=10..90" + wave + "\ngroup g w\ntask p g src\n");
    world.up("src");
    return world;
}

v1::WaveView view_of(const EngineWorld& world) {
    return wave_view(world.state, *world.state.plan, world.state.plan->waves.front(), world.now);
}

void jump(EngineWorld& world) {
    world.now += minutes(20);
    world.give_record(execution::ClockJumped{minutes(20)});
    world.tick();
}

TEST(WaveView, SaysWhyTheClockKeepsAWaveFromStartingByItselfAndWhatToDo) {
    EngineWorld world = planned(" auto");
    jump(world);
    ASSERT_THAT(world.state.runs, IsEmpty());
    EXPECT_EQ(view_of(world).state(), "planned");
    EXPECT_THAT(
        view_of(world).waits_for(),
        ElementsAre("it does not start by itself: the wall clock jumped forward by 20min at "
                    "2018-01-15T20:20:00Z: nobody can tell by it whether the change window is open; see "
                    "that it is right, then start it (ararat wave run w)"));
    world.give_record(execution::ClockTrusted{"ann", "it is right"});
    EXPECT_EQ(view_of(world).state(), "ready");
}

TEST(WaveView, OfAWaveThatPeopleStartSaysNothingOfTheClock) {
    EngineWorld world = planned("");
    jump(world);
    EXPECT_EQ(view_of(world).state(), "ready");
    EXPECT_THAT(view_of(world).waits_for(), IsEmpty());
}

TEST(WaveView, OfAWaveThatHasRunSaysNothingOfTheClock) {
    EngineWorld world = planned(" auto");
    world.start("w");
    jump(world);
    EXPECT_EQ(view_of(world).state(), "running");
    EXPECT_THAT(view_of(world).waits_for(), IsEmpty());
}

TEST(WaveView, SaysWhyALostHistoryKeepsAWaveFromStartingByItself) {
    EngineWorld world = planned(" auto");
    world.now += minutes(15);
    world.give_record(execution::EpochStarted{9, "test", true});
    world.tick();
    ASSERT_THAT(world.state.runs, IsEmpty());
    EXPECT_THAT(
        view_of(world).waits_for(),
        ElementsAre("it does not start by itself: its window had opened before the loss of history was "
                    "accepted (at 2018-01-15T20:15:00Z); look what the hosts hold, then start it (ararat "
                    "wave run w)"));
}

}  // namespace
}  // namespace ararat::server
