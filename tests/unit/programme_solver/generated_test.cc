// Programmes from the generator: every schedule keeps every rule, no bound lies, the same seed gives the same
// schedule, more schedules give none that is worse.
#include <gtest/gtest.h>

#include <algorithm>

#include "bench/sched/programme_generator.h"
#include "bench/sched/programme_rules.h"
#include "planning/scheduler/programme_solver.h"

namespace ararat::planning::scheduler {
namespace {

bench::GeneratedProgramme made(std::uint64_t seed, std::int32_t groups, std::int32_t tightness = 130) {
    bench::GeneratorParameters parameters;
    parameters.seed = seed;
    parameters.groups = groups;
    parameters.tightness = tightness;
    return bench::generate(parameters);
}

TEST(ProgrammeGenerator, HidesAScheduleThatKeepsEveryRule) {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        const auto generated = made(seed, 1 + static_cast<std::int32_t>(seed % 40), 100);
        EXPECT_TRUE(bench::broken_rules(generated.programme, generated.hidden).empty()) << "seed " << seed;
    }
}

TEST(ProgrammeSolver, KeepsEveryRuleAndProvesNothingFalse) {
    int found = 0;
    int all = 0;
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        const auto generated = made(seed, 1 + static_cast<std::int32_t>(seed % 30));
        const auto result = solve_programme(generated.programme, {30, seed, {}, true, true, 48});
        ASSERT_TRUE(result.ok()) << result.error().text();
        EXPECT_NE(result->outcome, SolveOutcome::kProvedInfeasible) << "seed " << seed;
        ++all;
        if (result->outcome != SolveOutcome::kFound) continue;
        ++found;
        const auto broken = bench::broken_rules(generated.programme, result->times);
        EXPECT_TRUE(broken.empty()) << "seed " << seed << ": " << broken.front();
        EXPECT_GE(result->score.finish, result->bound.finish) << "seed " << seed;
        EXPECT_EQ(result->score, score_of(generated.programme, result->times)) << "seed " << seed;
        EXPECT_LE(result->bound.finish, score_of(generated.programme, generated.hidden).finish)
            << "seed " << seed;
    }
    EXPECT_GE(found * 100, all * 97);
}

TEST(ProgrammeSolver, GivesTheSameForTheSameSeed) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        const auto generated = made(seed, 25);
        const auto one = solve_programme(generated.programme, {60, seed, {}, true, true, 48});
        const auto two = solve_programme(generated.programme, {60, seed, {}, true, true, 48});
        EXPECT_EQ(one->times.start, two->times.start);
        EXPECT_EQ(one->times.way, two->times.way);
    }
}

TEST(ProgrammeSolver, IsNeverWorseThanItsConstruction) {
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        const auto generated = made(seed, 30);
        const auto first = solve_programme(generated.programme, {0, seed, {}, false, false, 48});
        const auto better = solve_programme(generated.programme, {80, seed, {}, true, true, 48});
        ASSERT_EQ(first->outcome, better->outcome);
        if (first->outcome != SolveOutcome::kFound) continue;
        EXPECT_LE(better->score, first->score) << "seed " << seed;
    }
}

TEST(ProgrammeSolver, RunsAStoppedSearchAgainToTheSamePlace) {
    const auto generated = made(3, 30);
    int asked = 0;
    const auto stopped =
        solve_programme(generated.programme, {100'000, 3, [&] { return ++asked > 40; }, true, true, 48});
    ASSERT_TRUE(stopped->stopped);
    const auto again = solve_programme(generated.programme, {stopped->schedules, 3, {}, true, true, 48});
    EXPECT_EQ(again->schedules, stopped->schedules);
    EXPECT_EQ(again->times.start, stopped->times.start);
}

bool holds(const Programme& programme, const ProgrammeTimes& times, JobIndex job, std::int32_t resource) {
    const auto at = static_cast<std::size_t>(job);
    const Way& way = programme.ways_of(programme.jobs[at])[static_cast<std::size_t>(times.way[at])];
    const auto demands = programme.demands_of(way);
    return std::any_of(demands.begin(), demands.end(),
                       [&](const Demand& d) { return d.resource == resource; });
}

// A refusal is true: what it names does refuse the job a start just before its own.
TEST(ProgrammeSolver, NamesBlockersThatHoldTheJobBack) {
    const auto generated = made(5, 30);
    const auto result = solve_programme(generated.programme, {30, 5, {}, true, true, 48});
    ASSERT_EQ(result->outcome, SolveOutcome::kFound);
    int lags = 0;
    int holders = 0;
    for (JobIndex job = 0; job < static_cast<JobIndex>(generated.programme.jobs.size()); ++job) {
        const Refusal& refusal = result->refusals[static_cast<std::size_t>(job)];
        EXPECT_EQ(refusal.at, result->times.start[static_cast<std::size_t>(job)]);
        if (refusal.kind == RefusalKind::kResource && refusal.blocker != kNone) {
            ++holders;
            EXPECT_LT(result->times.start[static_cast<std::size_t>(refusal.blocker)], refusal.at);
            EXPECT_TRUE(holds(generated.programme, result->times, refusal.blocker, refusal.index));
        }
        if (refusal.kind != RefusalKind::kLag) continue;
        ++lags;
        const Lag& lag = generated.programme.lags[static_cast<std::size_t>(refusal.index)];
        EXPECT_EQ(lag.to, job);
        EXPECT_EQ(lag.from, refusal.blocker);
        const Minute from = lag.from_end ? end_of(generated.programme, result->times, lag.from)
                                         : result->times.start[static_cast<std::size_t>(lag.from)];
        EXPECT_EQ(from + lag.lag, refusal.at);
    }
    EXPECT_GT(lags, 0);
    EXPECT_GT(holders, 0);
}

}  // namespace
}  // namespace ararat::planning::scheduler
