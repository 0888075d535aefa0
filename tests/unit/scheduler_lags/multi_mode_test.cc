#include "planning/scheduler/multi_mode_solver.h"

#include <gtest/gtest.h>

#include "planning/scheduler/multi_mode_choice.h"
#include "planning/scheduler/timetable_check.h"
#include "unit/scheduler_lags/random_project.h"

namespace ararat::planning::scheduler {
namespace {

MultiModeOutcome solved(const Project& project, std::int64_t schedules, std::uint64_t seed = 1) {
    MultiModeOptions options;
    options.seed = seed;
    options.schedules_max = schedules;
    return solve_multi_mode(project, options);
}

TEST(MultiMode, DropsModesThatAreNeverWorthChoosing) {
    const Activity activity{{Mode{3, {1}, {1}}, Mode{3, {2}, {1}}, Mode{1, {9}, {1}}, Mode{2, {1}, {6}},
                             Mode{2, {2}, {2}}, Mode{3, {1}, {1}}}};
    const Project project{{activity}, {}, {4}, {5}};
    EXPECT_EQ(usable_modes(project), (ModeChoice{{0, 4}}));
}

TEST(MultiMode, StocksThatCannotSufficeAreProved) {
    const Activity activity{{Mode{1, {}, {2}}, Mode{2, {}, {3}}}};
    const Project project{{activity, activity}, {}, {}, {3}};
    EXPECT_EQ(solved(project, 100).verdict, MultiModeVerdict::infeasible);
}

TEST(MultiMode, ArcsInACycleAreNotForIt) {
    const Activity activity{{Mode{1, {}, {}}}};
    const Project project{{activity, activity}, {{0, 1, 0, true}, {1, 0, -9, false}}, {}, {}};
    EXPECT_EQ(solved(project, 100).verdict, MultiModeVerdict::not_ordered);
}

TEST(MultiMode, AProjectWithoutActivitiesTakesNoTime) {
    const MultiModeOutcome outcome = solved(Project{}, 100);
    EXPECT_EQ(outcome.verdict, MultiModeVerdict::feasible);
    EXPECT_EQ(outcome.best.makespan, 0);
}

// Every project is small enough to try every timetable. A genetic algorithm promises no optimum, so a tenth
// may be missed; what it proves and the verdict may not be wrong.
TEST(MultiMode, FindsNearlyAlwaysWhatTryingEverythingFinds) {
    int missed = 0;
    int infeasible = 0;
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        ProjectShape shape;
        shape.activities = 3 + seed % 2;
        shape.modes = 3;
        shape.stocks = 2;
        const Project project = random_project(shape, seed);
        const std::optional<Time> shortest = shortest_by_trying(project, generous_horizon(project));
        const MultiModeOutcome outcome = solved(project, 600, seed);
        if (!shortest) {
            ++infeasible;
            EXPECT_NE(outcome.verdict, MultiModeVerdict::feasible) << "seed " << seed;
            continue;
        }
        ASSERT_EQ(outcome.verdict, MultiModeVerdict::feasible) << "seed " << seed;
        EXPECT_LE(outcome.lower_bound, *shortest) << "seed " << seed;
        EXPECT_GE(outcome.best.makespan, *shortest) << "seed " << seed;
        EXPECT_EQ(check_timetable(project, outcome.best), std::vector<std::string>{}) << "seed " << seed;
        if (outcome.best.makespan != *shortest) ++missed;
    }
    EXPECT_LE(missed, 30);
    EXPECT_GT(infeasible, 10);
    EXPECT_LT(infeasible, 200);
}

TEST(MultiMode, EveryTimetableKeepsEveryConstraint) {
    int feasible = 0;
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        ProjectShape shape;
        shape.activities = 5 + seed % 40;
        shape.modes = 4;
        shape.stocks = seed % 3;
        shape.duration_max = 9;
        const Project project = random_project(shape, seed);
        const MultiModeOutcome outcome = solved(project, 400, seed);
        if (outcome.verdict != MultiModeVerdict::feasible) continue;
        ++feasible;
        EXPECT_EQ(check_timetable(project, outcome.best), std::vector<std::string>{}) << "seed " << seed;
        EXPECT_LE(outcome.lower_bound, outcome.best.makespan) << "seed " << seed;
    }
    EXPECT_GT(feasible, 250);
}

TEST(MultiMode, TheSameSeedGivesTheSameTimetable) {
    ProjectShape shape;
    shape.activities = 25;
    shape.modes = 3;
    shape.stocks = 2;
    shape.duration_max = 9;
    const Project project = random_project(shape, 3);
    const MultiModeOutcome one = solved(project, 2000, 5);
    const MultiModeOutcome other = solved(project, 2000, 5);
    EXPECT_EQ(one.best.start, other.best.start);
    EXPECT_EQ(one.best.mode, other.best.mode);
    EXPECT_EQ(one.schedules, other.schedules);
}

}  // namespace
}  // namespace ararat::planning::scheduler
