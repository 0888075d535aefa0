// Projects are made from a seed; each timetable is judged by the verifier, each bound by the shortest
// timetable over all permutations of a tiny project.
#include "planning/scheduler/single_mode.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "bench/sched/single_mode_files.h"
#include "planning/scheduler/dice.h"
#include "planning/scheduler/network.h"
#include "planning/scheduler/serial_pass.h"
#include "planning/scheduler/timetable_check.h"

namespace ararat::planning::scheduler {
namespace {

Project random_project(std::uint64_t seed, std::uint32_t activities, std::uint32_t resources) {
    Dice dice(seed);
    Project project;
    for (std::uint32_t r = 0; r < resources; ++r)
        project.capacity.push_back(3 + static_cast<std::int32_t>(dice.below(8)));
    for (std::uint32_t i = 0; i < activities; ++i) {
        Mode mode{static_cast<Time>(dice.below(8)), {}, {}};
        for (const std::int32_t capacity : project.capacity)
            mode.demand.push_back(
                static_cast<std::int32_t>(dice.below(static_cast<std::uint32_t>(capacity) + 1)));
        project.activities.push_back({{mode}});
        for (std::uint32_t k = 0; i > 0 && k < 2; ++k) {
            if (dice.below(2) == 0) continue;
            project.arcs.push_back({static_cast<std::int32_t>(dice.below(i)), static_cast<std::int32_t>(i),
                                    static_cast<Time>(dice.below(3) / 2), true});
        }
    }
    return project;
}

Time shortest_of_all_orders(const Project& project) {
    const Network network = *network_of(project);
    SerialPass pass(network);
    std::vector<std::int32_t> order(static_cast<std::size_t>(network.count));
    std::iota(order.begin(), order.end(), 0);
    Time best = network.horizon;
    do {
        std::vector<std::int32_t> list = order;
        std::vector<Time> start;
        best = std::min(best, pass.by_priority(list, start));
    } while (std::next_permutation(order.begin(), order.end()));
    return best * network.unit;
}

TEST(SingleModeSolver, KeepsEveryConstraint) {
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        const Project project = random_project(seed, 2 + static_cast<std::uint32_t>(seed % 40),
                                               static_cast<std::uint32_t>(seed % 7));
        const auto result = solve_single_mode(project, {200, seed, {}});
        ASSERT_TRUE(result.ok()) << result.error().text();
        EXPECT_TRUE(check_timetable(project, result->timetable).empty()) << "seed " << seed;
        EXPECT_GE(result->timetable.makespan, result->lower_bound) << "seed " << seed;
    }
}

TEST(SingleModeSolver, FindsTheShortestOfTinyProjectsAndBoundsItFromBelow) {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        const Project project = random_project(seed, 6, 2);
        const Time shortest = shortest_of_all_orders(project);
        const auto result = solve_single_mode(project, {2'000, seed, {}});
        ASSERT_TRUE(result.ok());
        EXPECT_EQ(result->timetable.makespan, shortest) << "seed " << seed;
        EXPECT_LE(result->lower_bound, shortest) << "seed " << seed;
    }
}

TEST(SingleModeSolver, GivesTheSameForTheSameSeed) {
    const Project project = random_project(5, 60, 4);
    const auto one = solve_single_mode(project, {3'000, 9, {}});
    const auto two = solve_single_mode(project, {3'000, 9, {}});
    EXPECT_EQ(one->timetable.start, two->timetable.start);
    EXPECT_EQ(one->schedules, two->schedules);
}

TEST(SingleModeSolver, StopsWhenToldTo) {
    const Project project = random_project(6, 60, 4);
    const auto result = solve_single_mode(project, {1'000'000'000, 1, [] { return true; }});
    EXPECT_LT(result->schedules, 100) << "it asks every 64 schedules";
    EXPECT_TRUE(check_timetable(project, result->timetable).empty());
}

TEST(SingleModeSolver, RefusesCirclesAndDemandsAboveTheCapacity) {
    Project circle{{{{{1, {}, {}}}}, {{{1, {}, {}}}}}, {{0, 1, 0, true}, {1, 0, 0, true}}, {}, {}};
    EXPECT_EQ(solve_single_mode(circle, {}).error().code, ErrorCode::kFailedPrecondition);
    Project greedy{{{{{1, {3}, {}}}}}, {}, {2}, {}};
    EXPECT_EQ(solve_single_mode(greedy, {}).error().code, ErrorCode::kFailedPrecondition);
}

TEST(TimetableCheck, FindsEachFault) {
    const Project project{{{{{2, {1}, {}}}}, {{{3, {1}, {}}}}, {{{1, {1}, {}}}}}, {{0, 1, 0, true}}, {1}, {}};
    EXPECT_TRUE(check_timetable(project, {{0, 2, 5}, {0, 0, 0}, 6}).empty());
    EXPECT_FALSE(check_timetable(project, {{0, 1, 5}, {0, 0, 0}, 6}).empty())
        << "before its predecessor's end";
    EXPECT_FALSE(check_timetable(project, {{0, 2, 4}, {0, 0, 0}, 5}).empty()) << "more than there is";
    EXPECT_FALSE(check_timetable(project, {{0, 2, 5}, {0, 0, 0}, 5}).empty()) << "another makespan";
    EXPECT_FALSE(check_timetable(project, {{-1, 2, 5}, {0, 0, 0}, 6}).empty()) << "before 0";
    EXPECT_FALSE(check_timetable(project, {{0, 2, 5}, {0, 1, 0}, 6}).empty()) << "no such mode";
    EXPECT_FALSE(check_timetable(project, {{0, 2}, {0, 0}, 5}).empty()) << "a start is missing";
}

TEST(PattersonReader, SaysWhichLineIsWrong) {
    EXPECT_TRUE(bench::read_rcp("2 1\n4\n1 2 1 2\n3 4 0\n", "a.rcp").ok());
    EXPECT_EQ(bench::read_rcp("2 1\n4\n1 2 1 3\n3 4 0\n", "a.rcp").error().context, "a.rcp:3");
    EXPECT_EQ(bench::read_rcp("2 1\n4\n1 2 1 2\n3 x 0\n", "a.rcp").error().context, "a.rcp:4");
    EXPECT_FALSE(bench::read_rcp("2 1\n4\n1 2 1 2\n", "a.rcp").ok());
    EXPECT_FALSE(bench::read_rcp("2 1\n4\n1 2 1 2\n3 4 0\n7\n", "a.rcp").ok());
    EXPECT_FALSE(bench::read_sm("", "a.sm").ok());
}

}  // namespace
}  // namespace ararat::planning::scheduler
