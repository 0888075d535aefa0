// Each kind of constraint alone: where it binds the job starts later than without it, and the refusal names
// it.
#include <gtest/gtest.h>

#include "bench/sched/programme_rules.h"
#include "planning/scheduler/programme_solver.h"
#include "small_programme.h"

namespace ararat::planning::scheduler {
namespace {

SolveResult solved(const Programme& programme) {
    auto result = solve_programme(programme, {50, 1, {}, true, true, 20});
    EXPECT_TRUE(result.ok()) << result.error().text();
    if (result->outcome == SolveOutcome::kFound) {
        EXPECT_TRUE(bench::broken_rules(programme, result->times).empty());
    }
    return std::move(result).value();
}

Minute start_of(const SolveResult& result, JobIndex job) {
    return result.times.start[static_cast<std::size_t>(job)];
}
Refusal refusal_of(const SolveResult& result, JobIndex job) {
    return result.refusals[static_cast<std::size_t>(job)];
}

TEST(ProgrammeSolver, StartsAtTheOriginWhereNothingRefuses) {
    SmallProgramme small;
    const JobIndex job = small.job(30);
    const SolveResult result = solved(small.programme());
    EXPECT_EQ(start_of(result, job), 0);
    EXPECT_EQ(refusal_of(result, job).kind, RefusalKind::kNothing);
    EXPECT_EQ(result.bound.finish, 30);
}

TEST(ProgrammeSolver, WaitsForItsRelease) {
    SmallProgramme small;
    const JobIndex job = small.job(30);
    small.at(job).release = 70;
    const SolveResult result = solved(small.programme());
    EXPECT_EQ(start_of(result, job), 70);
    EXPECT_EQ(refusal_of(result, job).kind, RefusalKind::kRelease);
}

TEST(ProgrammeSolver, WaitsForALagFromAnEnd) {
    SmallProgramme small;
    const JobIndex first = small.job(30);
    const JobIndex second = small.job(10);
    small.lag(first, second, 5);
    const SolveResult result = solved(small.programme());
    EXPECT_EQ(start_of(result, second), 35);
    EXPECT_EQ(refusal_of(result, second).kind, RefusalKind::kLag);
    EXPECT_EQ(refusal_of(result, second).blocker, first);
}

TEST(ProgrammeSolver, ShiftsASeedThatWouldBeStale) {
    SmallProgramme small;
    const JobIndex seed = small.job(30, JobKind::kSeed);
    const JobIndex cutover = small.job(10, JobKind::kCutover);
    small.way(cutover).calendar = small.calendar({{500, 600, 600}});
    small.lag(seed, cutover, 0);
    EXPECT_EQ(start_of(solved(small.programme()), seed), 0);
    small.lag(cutover, seed, -100, false);  // no later than 100 after the seed's start
    const SolveResult result = solved(small.programme());
    EXPECT_EQ(start_of(result, cutover), 500);
    EXPECT_EQ(start_of(result, seed), 400);
    EXPECT_EQ(refusal_of(result, seed).kind, RefusalKind::kLag);
}

TEST(ProgrammeSolver, BeginsInAWindowThatHasRoomForIt) {
    SmallProgramme small;
    const JobIndex job = small.job(30);
    const std::int32_t calendar = small.calendar({{100, 120, 120}, {200, 300, 210}});
    EXPECT_EQ(start_of(solved(small.programme()), job), 0);
    small.way(job).calendar = calendar;
    const SolveResult result = solved(small.programme());
    EXPECT_EQ(start_of(result, job), 200);
    EXPECT_EQ(refusal_of(result, job).kind, RefusalKind::kWindow);
    small.at(job).release = 211;  // past the latest start of the last window
    EXPECT_EQ(solved(small.programme()).outcome, SolveOutcome::kProvedInfeasible);
}

TEST(ProgrammeSolver, WaitsForAResourceThatAnotherHolds) {
    SmallProgramme small;
    const JobIndex one = small.job(30);
    const JobIndex two = small.job(30);
    const std::int32_t team = small.resource({{0, 3}});
    small.asks(one, team, 2);
    small.asks(two, team, 1);
    EXPECT_EQ(start_of(solved(small.programme()), two), 0);
    small.programme().demands[1].amount = 2;
    const SolveResult result = solved(small.programme());
    const JobIndex later = start_of(result, one) > start_of(result, two) ? one : two;
    EXPECT_EQ(start_of(result, later), 30);
    EXPECT_EQ(refusal_of(result, later).kind, RefusalKind::kResource);
    EXPECT_EQ(refusal_of(result, later).blocker, one + two - later);
    EXPECT_EQ(result.bound.finish, 40) << "120 minutes of three engineers";
}

TEST(ProgrammeSolver, WaitsUntilThereIsMoreOfAResource) {
    SmallProgramme small;
    const JobIndex job = small.job(30);
    small.asks(job, small.resource({{0, 2}, {10, 0}, {90, 1}, {300, 2}}), 2);
    const SolveResult result = solved(small.programme());
    EXPECT_EQ(start_of(result, job), 300);
    EXPECT_EQ(refusal_of(result, job).kind, RefusalKind::kResource);
    EXPECT_EQ(refusal_of(result, job).blocker, kNone);
}

TEST(ProgrammeSolver, WaitsForADeliveryAndForWhatAnotherGivesBack) {
    SmallProgramme small;
    const JobIndex first = small.job(30);
    const JobIndex second = small.job(30);
    const std::int32_t kit = small.stock(0, {{50, 4}});
    small.changes(first, kit, -4, 4);
    small.changes(second, kit, -4, 4);
    const SolveResult result = solved(small.programme());
    const JobIndex later = start_of(result, first) > start_of(result, second) ? first : second;
    EXPECT_EQ(start_of(result, first + second - later), 50);
    EXPECT_EQ(start_of(result, later), 80);
    EXPECT_EQ(refusal_of(result, later).kind, RefusalKind::kStock);
    EXPECT_EQ(refusal_of(result, later).blocker, first + second - later);
}

TEST(ProgrammeSolver, LeavesAStockToALaterTaker) {
    SmallProgramme small;
    const JobIndex fixed = small.job(10);
    const JobIndex job = small.job(10);
    const std::int32_t memory = small.stock(4, {{900, 4}});
    small.changes(fixed, memory, -4, 0);
    small.changes(job, memory, -4, 0);
    small.at(fixed).fixed_start = 500;
    small.at(fixed).fixed_way = 0;
    EXPECT_EQ(start_of(solved(small.programme()), job), 900);
}

TEST(ProgrammeSolver, KeepsAPairApart) {
    SmallProgramme small;
    const JobIndex one = small.job(30);
    const JobIndex two = small.job(30);
    EXPECT_EQ(solved(small.programme()).score.finish, 30);
    small.apart(one, two);
    const SolveResult result = solved(small.programme());
    EXPECT_EQ(result.score.finish, 60);
    const JobIndex later = start_of(result, one) > start_of(result, two) ? one : two;
    EXPECT_EQ(refusal_of(result, later).kind, RefusalKind::kApart);
}

TEST(ProgrammeSolver, KeepsAPairInWindowsOfTheirOwn) {
    SmallProgramme small;
    const std::int32_t nights = small.calendar({{100, 300, 300}, {400, 600, 600}});
    const JobIndex one = small.job(30);
    const JobIndex two = small.job(30);
    small.way(one).calendar = nights;
    small.way(two).calendar = nights;
    small.apart(one, two);
    EXPECT_EQ(solved(small.programme()).score.finish, 160);
    small.programme().apart[0].same_window_too = true;
    EXPECT_EQ(solved(small.programme()).score.finish, 430);
}

TEST(ProgrammeSolver, KeepsAPairOnSitesOfTheirOwn) {
    SmallProgramme small;
    const JobIndex one = small.job(30);
    small.way(one).site = 0;
    const JobIndex two = small.job(30);
    small.way(two).site = 0;
    small.other_way(50).site = 1;
    EXPECT_EQ(solved(small.programme()).times.way[1], 0);
    small.programme().apart.push_back({one, two, false, false, true, 0});
    EXPECT_EQ(solved(small.programme()).times.way[1], 1);
}

TEST(ProgrammeSolver, SplitsAnOutageAtTheEndOfAMonth) {
    SmallProgramme small;
    const JobIndex job = small.job(40);
    const std::int32_t service = small.service({10, 20, 43});
    small.is_out(job, service, 5, 30);
    const SolveResult result = solved(small.programme());
    EXPECT_EQ(start_of(result, job), 985) << "ten minutes before the month's end, twenty after it";
    EXPECT_EQ(refusal_of(result, job).kind, RefusalKind::kBudget);
    small.programme().budgets[0].left[1] = 19;
    EXPECT_EQ(start_of(solved(small.programme()), job), 1976);
}

TEST(ProgrammeSolver, PutsThePinnedWaveIntoOneWindow) {
    SmallProgramme small;
    const std::int32_t nights = small.calendar({{100, 300, 300}, {400, 600, 600}});
    const JobIndex one = small.job(30, JobKind::kCutover);
    const JobIndex two = small.job(30, JobKind::kCutover);
    small.way(one).calendar = nights;
    small.way(two).calendar = nights;
    small.at(two).release = 350;
    EXPECT_EQ(start_of(solved(small.programme()), one), 100);
    small.programme().wave_count = 1;
    small.at(one).wave = 0;
    small.at(two).wave = 0;
    EXPECT_EQ(start_of(solved(small.programme()), one), 400);
}

TEST(ProgrammeSolver, TakesOneWayForAllOfAGroup) {
    SmallProgramme small;
    const JobIndex seed = small.job(500);
    small.other_way(50);
    const JobIndex cutover = small.job(10);
    small.other_way(20);
    small.lag(seed, cutover, 0);
    small.programme().group_count = 1;
    small.at(seed).group = 0;
    small.at(cutover).group = 0;
    const SolveResult result = solved(small.programme());
    EXPECT_EQ(result.score.finish, 70);
    EXPECT_EQ(result.times.way[0], result.times.way[1]);
}

TEST(ProgrammeSolver, GivesWayToAHardDeadlineAndPaysForASoftOne) {
    SmallProgramme small;
    const JobIndex one = small.job(30);
    const JobIndex two = small.job(30);
    small.apart(one, two);
    small.at(two).due = 30;
    EXPECT_EQ(start_of(solved(small.programme()), two), 0);
    small.at(one).due = 30;
    small.at(one).due_is_hard = false;
    small.at(one).price_per_day = 700;
    const SolveResult result = solved(small.programme());
    EXPECT_EQ(start_of(result, two), 0);
    EXPECT_EQ(result.score.late_pence, 700);
}

TEST(ProgrammeSolver, LeavesFixedJobsWhereTheyAre) {
    SmallProgramme small;
    const JobIndex fixed = small.job(100);
    const JobIndex job = small.job(10);
    small.at(fixed).fixed_start = -40;
    small.at(fixed).fixed_way = 0;
    small.lag(fixed, job, 0);
    const SolveResult result = solved(small.programme());
    EXPECT_EQ(start_of(result, fixed), -40);
    EXPECT_EQ(start_of(result, job), 60);
}

TEST(ProgrammeSolver, TellsAPositiveCycleByItsLags) {
    SmallProgramme small;
    const JobIndex one = small.job(30);
    const JobIndex two = small.job(30);
    const JobIndex three = small.job(30);
    small.lag(one, two, 0);
    small.lag(two, three, 0);
    small.lag(three, one, -59, false);
    const SolveResult result = solved(small.programme());
    EXPECT_EQ(result.outcome, SolveOutcome::kProvedInfeasible);
    EXPECT_EQ(result.why.obstacle, Obstacle::kPositiveCycle);
    EXPECT_EQ(result.why.lags.size(), 3U);
    small.programme().lags[2].lag = -60;
    EXPECT_EQ(solved(small.programme()).outcome, SolveOutcome::kFound);
}

TEST(ProgrammeSolver, ProvesWhatNoOrderCanKeep) {
    SmallProgramme small;
    const JobIndex one = small.job(30);
    const JobIndex two = small.job(30);
    small.lag(one, two, 0);
    small.at(two).due = 59;
    EXPECT_EQ(solved(small.programme()).why.obstacle, Obstacle::kDeadline);
    small.at(two).due = kNoMinute;
    const std::int32_t team = small.resource({{0, 1}});
    small.asks(one, team, 2);
    EXPECT_EQ(solved(small.programme()).why.obstacle, Obstacle::kDemand);
    small.programme().demands[0].amount = 1;
    EXPECT_EQ(solved(small.programme()).outcome, SolveOutcome::kFound);
    const std::int32_t memory = small.stock(3);
    small.changes(one, memory, -2, 0);
    small.changes(two, memory, -2, 0);
    EXPECT_EQ(solved(small.programme()).why.obstacle, Obstacle::kStock);
}

TEST(ProgrammeSolver, ProvesThatDeadlinesAskForMoreThanThereIs) {
    SmallProgramme small;
    const std::int32_t team = small.resource({{0, 1}});
    for (int i = 0; i < 3; ++i) {
        const JobIndex job = small.job(30);
        small.asks(job, team, 1);
        small.at(job).due = 89;
    }
    const SolveResult result = solved(small.programme());
    EXPECT_EQ(result.outcome, SolveOutcome::kProvedInfeasible);
    EXPECT_EQ(result.why.obstacle, Obstacle::kOverload);
    EXPECT_EQ(result.why.refusal.index, team);
    small.programme().jobs[0].due = 90;
    EXPECT_EQ(solved(small.programme()).outcome, SolveOutcome::kFound);
}

TEST(ProgrammeSolver, RefusesIndicesThatLeadNowhere) {
    SmallProgramme small;
    small.job(30);
    small.lag(0, 7, 0);
    EXPECT_EQ(solve_programme(small.programme(), {}).error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace ararat::planning::scheduler
