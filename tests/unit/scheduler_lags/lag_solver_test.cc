#include "planning/scheduler/lag_solver.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "planning/scheduler/timetable_check.h"
#include "unit/scheduler_lags/random_project.h"

namespace ararat::planning::scheduler {
namespace {

LagOutcome solved(const Project& project, const LagOptions& options = {}) {
    return solve_with_lags(project, std::vector<std::int32_t>(project.activities.size(), 0), options);
}

Activity lasting(Time duration, std::int32_t demand) { return Activity{{Mode{duration, {demand}, {}}}}; }

TEST(LagSolver, AProjectWithoutActivitiesTakesNoTime) {
    const LagOutcome outcome = solved(Project{});
    EXPECT_EQ(outcome.verdict, LagVerdict::feasible);
    EXPECT_EQ(outcome.best.makespan, 0);
}

TEST(LagSolver, LagsThatCannotHoldTogetherAreNamed) {
    const Project project{{lasting(4, 0), lasting(1, 0), lasting(1, 0)},
                          {{1, 2, 1, true}, {0, 1, 0, true}, {1, 0, -3, false}},
                          {1},
                          {}};
    const LagOutcome outcome = solved(project);
    EXPECT_EQ(outcome.verdict, LagVerdict::infeasible);
    std::vector<std::int32_t> cycle = outcome.positive_cycle;
    std::ranges::sort(cycle);
    EXPECT_EQ(cycle, (std::vector<std::int32_t>{1, 2}));
}

// Each must start within 2 of the other, each lasts 3, and there is one of what both want.
TEST(LagSolver, ResourcesThatDoNotSufficeAreToldApartFromLags) {
    const Project project{{lasting(3, 1), lasting(3, 1)}, {{0, 1, -2, false}, {1, 0, -2, false}}, {1}, {}};
    const LagOutcome outcome = solved(project);
    EXPECT_EQ(outcome.verdict, LagVerdict::infeasible);
    EXPECT_TRUE(outcome.positive_cycle.empty());
}

TEST(LagSolver, MoreThanThereIsCannotBeScheduled) {
    EXPECT_EQ(solved(Project{{lasting(3, 2)}, {}, {1}, {}}).verdict, LagVerdict::infeasible);
    EXPECT_EQ(solved(Project{{lasting(0, 2)}, {}, {1}, {}}).verdict, LagVerdict::feasible);
    const Project stocked{{Activity{{Mode{1, {}, {3}}}}}, {}, {}, {2}};
    EXPECT_EQ(solved(stocked).verdict, LagVerdict::infeasible);
}

// Every project is small enough to try every timetable.
TEST(LagSolver, FindsWhatTryingEverythingFinds) {
    int infeasible = 0;
    for (std::uint64_t seed = 1; seed <= 600; ++seed) {
        ProjectShape shape;
        shape.activities = 3 + seed % 3;
        shape.maximum_lags = true;
        const Project project = random_project(shape, seed);
        const std::optional<Time> shortest = shortest_by_trying(project, generous_horizon(project));
        const LagOutcome outcome = solved(project);
        if (!shortest) {
            ++infeasible;
            EXPECT_EQ(outcome.verdict, LagVerdict::infeasible) << "seed " << seed;
            continue;
        }
        ASSERT_EQ(outcome.verdict, LagVerdict::feasible) << "seed " << seed;
        EXPECT_EQ(outcome.best.makespan, *shortest) << "seed " << seed;
        EXPECT_EQ(outcome.lower_bound, *shortest) << "seed " << seed;
        EXPECT_EQ(check_timetable(project, outcome.best), std::vector<std::string>{}) << "seed " << seed;
    }
    EXPECT_GT(infeasible, 30);
    EXPECT_LT(infeasible, 500);
}

TEST(LagSolver, EveryTimetableKeepsEveryConstraint) {
    int feasible = 0;
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        ProjectShape shape;
        shape.activities = 8 + seed % 30;
        shape.duration_max = 9;
        shape.lag_max = 12;
        shape.maximum_lags = seed % 4 != 0;
        const Project project = random_project(shape, seed);
        LagOptions options;
        options.seed = seed;
        options.schedules_max = 500;
        const LagOutcome outcome = solved(project, options);
        if (outcome.verdict != LagVerdict::feasible) continue;
        ++feasible;
        EXPECT_EQ(check_timetable(project, outcome.best), std::vector<std::string>{}) << "seed " << seed;
        EXPECT_LE(outcome.lower_bound, outcome.best.makespan) << "seed " << seed;
    }
    EXPECT_GT(feasible, 75);
}

TEST(LagSolver, TheSameSeedGivesTheSameTimetable) {
    ProjectShape shape;
    shape.activities = 30;
    shape.duration_max = 9;
    const Project project = random_project(shape, 7);
    LagOptions options;
    options.schedules_max = 400;
    const LagOutcome one = solved(project, options);
    const LagOutcome other = solved(project, options);
    EXPECT_EQ(one.best.start, other.best.start);
    EXPECT_EQ(one.schedules, other.schedules);
}

TEST(LagSolver, StopsWhenItIsTold) {
    ProjectShape shape;
    shape.activities = 30;
    const Project project = random_project(shape, 7);
    LagOptions options;
    options.stop = [] { return true; };
    EXPECT_EQ(solved(project, options).verdict, LagVerdict::not_found);
}

}  // namespace
}  // namespace ararat::planning::scheduler
