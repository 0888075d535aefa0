#include "cli/wave_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ararat::cli {
namespace {

using ::testing::ElementsAre;

// 2026-12-01 is a Tuesday; its evening window is 19:00-23:00 in London.
CompiledPlan evening_plan(const std::string& timezone) {
    CompiledPlan plan;
    plan.timezone = timezone;
    Wave wave;
    wave.id = WaveId("wave-1");
    wave.window_start = from_unix_ms(1'796'151'600'000);
    wave.window_end = wave.window_start + std::chrono::hours(4);
    wave.latest_start = wave.window_end - std::chrono::minutes(45);
    wave.groups = {MoveGroupId("directory"), MoveGroupId("housing")};
    wave.reasons = {"in the window", "first"};
    plan.waves.push_back(wave);
    Task task;
    task.wave = wave.id;
    plan.tasks = {task, task};
    return plan;
}

TEST(WaveTable, ShowsWindowsInTheProgrammesZone) {
    const Table table = wave_table({}, evening_plan("Europe/London"));
    EXPECT_THAT(table.rows, ElementsAre(ElementsAre("wave-1", "Tue 2026-12-01 19:00-23:00 GMT",
                                                    "Tue 2026-12-01 22:15 GMT", "directory housing", "2",
                                                    "in the window; first")));
    const Table tokyo = wave_table({}, evening_plan("Asia/Tokyo"));
    EXPECT_EQ(tokyo.rows.at(0).at(1), "Wed 2026-12-02 04:00-08:00 JST");
}

TEST(WaveTable, NamesTheEndsDayWhenItIsAnother) {
    CompiledPlan plan = evening_plan("Europe/London");
    plan.waves[0].window_end += std::chrono::hours(3);
    EXPECT_EQ(wave_table({}, plan).rows.at(0).at(1), "Tue 2026-12-01 19:00 to Wed 2026-12-02 02:00 GMT");
}

TEST(WaveTable, SaysOfAWaveWithoutACalendarThatItMayGoAtAnyTime) {
    CompiledPlan plan = evening_plan("Europe/London");
    plan.waves[0].window_start = kAnyTimeStart;
    plan.waves[0].window_end = plan.waves[0].latest_start = kAnyTimeEnd;
    const Table table = wave_table({}, plan);
    EXPECT_EQ(table.rows.at(0).at(1), "any time");
    EXPECT_EQ(table.rows.at(0).at(2), "any time");
}

TEST(WaveTable, KeepsToTheTimeFormatThatIsAskedFor) {
    Context context;
    context.time_format = "iso";
    EXPECT_EQ(wave_table(context, evening_plan("Europe/London")).rows.at(0).at(1),
              "2026-12-01T19:00:00Z/2026-12-01T23:00:00Z");
    context.time_format = "raw";
    EXPECT_EQ(wave_table(context, evening_plan("Europe/London")).rows.at(0).at(2), "1796163300000");
}

}  // namespace
}  // namespace ararat::cli
