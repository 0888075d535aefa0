#include "planning/scheduler/replan.h"

#include <gtest/gtest.h>

#include "unit/scheduler_forecast/small_programme.h"

namespace ararat::planning::scheduler {
namespace {

RestOfProgramme rest_of(const SmallProgramme& b, Minute now, std::vector<WorkSoFar> work) {
    return rest_of_programme(b.programme, b.times, now, work).value();
}
const Way& fixed_way(const RestOfProgramme& rest, JobIndex job) {
    const Job& one = rest.programme.jobs[static_cast<std::size_t>(job)];
    return rest.programme.ways_of(one)[static_cast<std::size_t>(one.fixed_way)];
}

TEST(Replan, DoneWorkIsAFactAndTheRestKeepsItsPublishedStarts) {
    SmallProgramme b;
    const std::int32_t team = b.resource(1);
    const JobIndex done = b.cutover(0, 100, b.windows(0, 120, 1'440, 5));
    const JobIndex rest = b.job(1'440, 50);
    b.needs(done, team, 1);
    b.at(rest).release = 10;
    const RestOfProgramme found = rest_of(b, 500, {{done, 5, 0, 155}});
    const Job& fact = found.programme.jobs[0];
    EXPECT_EQ(fact.fixed_start, 5);
    EXPECT_EQ(fact.fixed_way, 0);
    EXPECT_EQ(fact.published_start, 5);
    EXPECT_EQ(fixed_way(found, done).duration, 150);
    EXPECT_EQ(fixed_way(found, done).calendar, kNone);  // it overran the window's end at 120
    EXPECT_EQ(fixed_way(found, done).demands.count, 0U);
    const Job& open = found.programme.jobs[1];
    EXPECT_EQ(open.fixed_start, kNoMinute);
    EXPECT_EQ(open.published_start, 1'440);
    EXPECT_EQ(open.release, 500);
    EXPECT_EQ(b.way(done).duration, 100);
}

TEST(Replan, RunningWorkHasTheRestOfItsPlanBeforeItOrWhatIsSaid) {
    SmallProgramme b;
    const std::int32_t team = b.resource(1);
    const JobIndex running = b.job(0, 100);
    b.needs(running, team, 1);
    EXPECT_EQ(fixed_way(rest_of(b, 60, {{running, 10, 0}}), running).duration, 100);
    EXPECT_EQ(fixed_way(rest_of(b, 60, {{running, 10, 0}}), running).demands.count, 1U);
    EXPECT_EQ(fixed_way(rest_of(b, 300, {{running, 10, 0}}), running).duration, 291);
    EXPECT_EQ(fixed_way(rest_of(b, 60, {{running, 10, 0, kNoMinute, 200}}), running).duration, 250);
}

TEST(Replan, JobsThatShareAWayAreNotChangedByEachOthersFacts) {
    SmallProgramme b;
    const JobIndex done = b.job(0, 100);
    const JobIndex other = b.job(100, 100);
    b.at(other).ways = b.at(done).ways;
    const RestOfProgramme found = rest_of(b, 200, {{done, 0, 0, 70}});
    EXPECT_EQ(fixed_way(found, done).duration, 70);
    EXPECT_EQ(found.programme.ways_of(found.programme.jobs[1])[0].duration, 100);
}

TEST(Replan, BrokenPromisesAreToldAndBindNobodyAnyMore) {
    SmallProgramme b;
    b.programme.month_starts = {0, 1'000};
    b.budget({60, 60});
    const JobIndex late = b.job(0, 100);
    const JobIndex paid = b.job(0, 100);
    b.at(late).due = 120;
    b.at(paid).due = 120;
    b.at(paid).due_is_hard = false;
    b.outage(late, 0, 10, 50);
    const RestOfProgramme found = rest_of(b, 300, {{late, 0, 0, 200}, {paid, 0, 0, 200}});
    EXPECT_EQ(found.broken.late, std::vector{late});
    EXPECT_FALSE(found.programme.jobs[0].due_is_hard);
    // Twice as long as planned, so was its outage: 100 of 60 minutes.
    ASSERT_EQ(found.broken.budgets.size(), 1U);
    EXPECT_EQ(found.broken.budgets[0].month, 0);
    EXPECT_EQ(found.broken.budgets[0].over, 40);
    EXPECT_EQ(found.programme.budgets[0].left, (std::vector<Minute>{100, 60}));
    const auto outages = found.programme.outages_of(fixed_way(found, late));
    ASSERT_EQ(outages.size(), 1U);
    EXPECT_EQ(outages[0].offset, 20);
    EXPECT_EQ(outages[0].length, 100);
}

TEST(Replan, BetweenWhatHasBegunNoLagAsksForMoreThanWas) {
    SmallProgramme b;
    const JobIndex first = b.job(0, 100);
    const JobIndex second = b.job(100, 100);
    const JobIndex third = b.job(200, 100);
    b.after(first, second, 10);
    b.after(second, third, 10);
    b.programme.apart = {{first, second, true, false, false, 0}, {second, third, true, false, false, 0}};
    // The second began before the first was over.
    const RestOfProgramme found = rest_of(b, 150, {{first, 0, 0, 100}, {second, 90, 0}});
    EXPECT_EQ(found.programme.lags[0].lag, -10);
    EXPECT_EQ(found.programme.lags[1].lag, 10);
    ASSERT_EQ(found.programme.apart.size(), 1U);
    EXPECT_EQ(found.programme.apart[0].a, second);
}

TEST(Replan, AStaleReplicaIsToldAsSoonAsItsCutoverComesTooLate) {
    SmallProgramme b;
    const JobIndex seed = b.job(0, 100);
    const JobIndex cutover = b.job(100, 10);
    b.programme.lags.push_back({cutover, seed, -500, false, 0});
    EXPECT_TRUE(rest_of(b, 500, {{seed, 0, 0, 100}}).broken.expired.empty());
    EXPECT_EQ(rest_of(b, 501, {{seed, 0, 0, 100}}).broken.expired, std::vector<std::int32_t>{0});
}

TEST(Replan, FactsThatCannotBeAreRefused) {
    SmallProgramme b;
    b.programme.group_count = 1;
    for (int i = 0; i < 2; ++i) {
        const JobIndex job = b.job(0, 100);
        b.programme.ways.push_back(way_of(50));
        b.at(job).ways.count = 2;
        b.at(job).group = 0;
    }
    const auto refused = [&](std::vector<WorkSoFar> work) {
        return !rest_of_programme(b.programme, b.times, 200, work).ok();
    };
    EXPECT_FALSE(refused({{0, 0, 1}, {1, 0, 1}}));
    EXPECT_TRUE(refused({{0, 0, 1}, {1, 0, 0}}));  // two ways in one group
    EXPECT_TRUE(refused({{0, 0, 2}}));
    EXPECT_TRUE(refused({{2, 0, 0}}));
    EXPECT_TRUE(refused({{0, 201, 0}}));
    EXPECT_TRUE(refused({{0, 0, 0, 201}}));
    EXPECT_TRUE(refused({{0, 50, 0, 49}}));
    EXPECT_TRUE(refused({{0, 0, 0}, {0, 0, 0}}));
    EXPECT_FALSE(rest_of_programme(b.programme, {}, 200, {}).ok());
}

TEST(Replan, SaysWhichCutoversMovedAndWhatShareOfTheHosts) {
    SmallProgramme b;
    const std::int32_t hosts[] = {10, 20, 30, 40};
    for (int i = 0; i < 4; ++i) b.at(b.cutover(100 * i, 100, kNone)).hosts = hosts[i];
    const JobIndex task = b.job(0, 10);
    const SolveProgramme solve = [&](const Programme& rest) -> Result<SolvedProgramme> {
        EXPECT_EQ(rest.jobs[0].fixed_start, 20);
        EXPECT_EQ(rest.jobs[1].release, 120);
        return SolvedProgramme{ProgrammeTimes{{20, 320, 200, 120, 500}, {0, 0, 0, 0, 0}}, 420};
    };
    const std::vector<WorkSoFar> work{{0, 20, 0, 120}};
    const Replan found = replan(b.programme, b.times, 120, work, solve).value();
    EXPECT_EQ(found.solved->lower_bound, 420);
    EXPECT_EQ(found.changes.hosts, 90);
    EXPECT_EQ(found.changes.moved_hosts, 60);
    EXPECT_DOUBLE_EQ(found.changes.moved_share(), 2.0 / 3);
    ASSERT_EQ(found.changes.moved.size(), 2U);
    EXPECT_EQ(found.changes.moved[0].job, 3);
    EXPECT_EQ(found.changes.moved[0].published, 300);
    EXPECT_EQ(found.changes.moved[0].start, 120);
    EXPECT_EQ(found.changes.moved[1].job, 1);
    EXPECT_EQ(task, 4);
    const SolveProgramme none = [](const Programme&) -> Result<SolvedProgramme> {
        return Error{ErrorCode::kFailedPrecondition, "no schedule"};
    };
    const Replan unsolved = replan(b.programme, b.times, 120, work, none).value();
    EXPECT_EQ(unsolved.unsolved->message, "no schedule");
    EXPECT_FALSE(unsolved.solved);
    EXPECT_EQ(unsolved.rest.programme.jobs[0].fixed_start, 20);
}

}  // namespace
}  // namespace ararat::planning::scheduler
