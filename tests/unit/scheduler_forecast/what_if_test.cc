#include "planning/scheduler/what_if.h"

#include <gtest/gtest.h>

#include "planning/scheduler/programme_edit.h"
#include "unit/scheduler_forecast/small_programme.h"

namespace ararat::planning::scheduler {
namespace {

ChangedProgramme changed(const Programme& programme, std::vector<ProgrammeChange> changes) {
    return with_changes(programme, changes);
}
std::vector<std::pair<Minute, std::int32_t>> steps_of(const ChangedProgramme& changed, std::size_t resource) {
    std::vector<std::pair<Minute, std::int32_t>> steps;
    for (const CapacityStep& step : changed.programme.resources[resource].steps)
        steps.emplace_back(step.from, step.capacity);
    return steps;
}
using Steps = std::vector<std::pair<Minute, std::int32_t>>;

// A second way for every job, which leads to a site.
void add_way(SmallProgramme& b, JobIndex job, const Way& second) {
    const Way first = b.way(job);
    b.at(job).ways = {static_cast<std::uint32_t>(b.programme.ways.size()), 2};
    b.programme.ways.push_back(first);
    b.programme.ways.push_back(second);
}

TEST(WhatIf, CapacityChangesFromOneMinuteToAnother) {
    SmallProgramme b;
    b.programme.resources = {{{{0, 2}, {100, 5}}}};
    EXPECT_EQ(steps_of(changed(b.programme, {CapacityMore{0, 3, 50, 150}}), 0),
              (Steps{{0, 2}, {50, 5}, {100, 8}, {150, 5}}));
    EXPECT_EQ(steps_of(changed(b.programme, {CapacityMore{0, -2, 100}}), 0), (Steps{{0, 2}, {100, 3}}));
    const ChangedProgramme below = changed(b.programme, {CapacityMore{0, -3}});
    EXPECT_EQ(steps_of(below, 0), (Steps{{0, 0}, {100, 2}}));
    ASSERT_EQ(below.faults.size(), 1U);
    EXPECT_EQ(below.faults[0].problem, ChangeProblem::kBelowNothing);
    EXPECT_TRUE(below.faults[0].made);
}

TEST(WhatIf, AChangeThatCannotBeMadeIsToldAndTheOthersAreMade) {
    SmallProgramme b;
    b.resource(1);
    b.job(0, 10);
    b.windows(0, 100, 1'000, 2);
    const ChangedProgramme found =
        changed(b.programme, {CapacityMore{1, 1}, CapacityMore{0, 1, 9, 9}, ResourceLost{-1, 0}, SiteLost{3},
                              WindowAdded{1, {0, 1, 1}}, WindowAdded{0, {100, 200, 150}},
                              WindowAdded{0, {500, 400, 450}}, ClosedBetween{0, 200, 300}, DueMoved{1, 5},
                              ReleaseMoved{1, 5}, HostsAtOnce{0}, DueMoved{0, 77}});
    std::vector<ChangeProblem> problems;
    for (std::size_t i = 0; i < found.faults.size(); ++i) {
        EXPECT_EQ(found.faults[i].change, i);
        EXPECT_FALSE(found.faults[i].made);
        problems.push_back(found.faults[i].problem);
    }
    EXPECT_EQ(
        problems,
        (std::vector{ChangeProblem::kNoSuchResource, ChangeProblem::kNoTime, ChangeProblem::kNoSuchResource,
                     ChangeProblem::kNoSuchSite, ChangeProblem::kNoSuchCalendar,
                     ChangeProblem::kWindowTouches, ChangeProblem::kNoTime, ChangeProblem::kNothingThere,
                     ChangeProblem::kNoSuchJob, ChangeProblem::kNoSuchJob, ChangeProblem::kBelowNothing}));
    EXPECT_EQ(found.programme.jobs[0].due, 77);
    EXPECT_EQ(found.programme.resources.size(), 1U);
}

TEST(WhatIf, WindowsComeAndGo) {
    SmallProgramme b;
    b.programme.calendars = {{{{0, 100, 80}, {200, 300, 300}, {400, 500, 450}}}};
    const ChangedProgramme more = changed(b.programme, {WindowAdded{0, {120, 180, 150}}});
    ASSERT_EQ(more.programme.calendars[0].windows.size(), 4U);
    EXPECT_EQ(more.programme.calendars[0].windows[1].start, 120);
    EXPECT_TRUE(more.faults.empty());
    // The first is cut at its end, the second gone, the third cut at its beginning.
    const ChangedProgramme less = changed(b.programme, {ClosedBetween{0, 50, 420}});
    ASSERT_EQ(less.programme.calendars[0].windows.size(), 2U);
    EXPECT_EQ(less.programme.calendars[0].windows[0].end, 50);
    EXPECT_EQ(less.programme.calendars[0].windows[0].latest_start, 50);
    EXPECT_EQ(less.programme.calendars[0].windows[1].start, 420);
    EXPECT_EQ(less.programme.calendars[0].windows[1].latest_start, 450);
    // Around the hole two parts are left, but the later one only where something may still begin in it.
    EXPECT_EQ(changed(b.programme, {ClosedBetween{0, 210, 220}}).programme.calendars[0].windows.size(), 4U);
    EXPECT_EQ(changed(b.programme, {ClosedBetween{0, 10, 90}}).programme.calendars[0].windows[0].end, 10);
    EXPECT_EQ(changed(b.programme, {ClosedBetween{0, 10, 90}}).programme.calendars[0].windows.size(), 3U);
}

TEST(WhatIf, ALostLinkSaysWhoHasNoWayWithoutIt) {
    SmallProgramme b;
    const std::int32_t link = b.resource(10);
    const JobIndex only = b.job(0, 10);
    const JobIndex either = b.job(0, 10);
    const JobIndex running = b.job(0, 100);
    const JobIndex free = b.job(0, 10);
    b.needs(only, link, 1);
    b.needs(either, link, 1);
    b.needs(running, link, 1);
    add_way(b, either, way_of(20));
    b.at(running).fixed_start = 0;
    b.at(running).fixed_way = 0;
    const ChangedProgramme found = changed(b.programme, {ResourceLost{link, 50}});
    EXPECT_EQ(steps_of(found, 0), (Steps{{0, 10}, {50, 0}}));
    ASSERT_EQ(found.faults.size(), 2U);
    EXPECT_EQ(found.faults[0].problem, ChangeProblem::kUnderWay);
    EXPECT_EQ(found.faults[0].jobs, std::vector{running});
    EXPECT_EQ(found.faults[1].problem, ChangeProblem::kNoOtherWay);
    EXPECT_EQ(found.faults[1].jobs, std::vector{only});
    EXPECT_TRUE(found.faults[1].made);
    EXPECT_EQ(free, 3);
}

// The seed could go without the link and the cutover could too, but not in the same way.
TEST(WhatIf, AGroupHasAnotherWayOnlyWhereItLeadsAllItsJobsPastWhatIsLost) {
    SmallProgramme b;
    b.programme.group_count = 1;
    const std::int32_t link = b.resource(10);
    const JobIndex seed = b.job(0, 10);
    const JobIndex cutover = b.job(10, 10);
    for (const JobIndex job : {seed, cutover}) b.at(job).group = 0;
    b.needs(seed, link, 1);
    b.needs(cutover, link, 1);
    Way needing = b.way(cutover);
    add_way(b, seed, way_of(20));
    b.way(cutover).demands = {};
    add_way(b, cutover, needing);
    const ChangedProgramme none = changed(b.programme, {ResourceLost{link, 0}});
    ASSERT_EQ(none.faults.size(), 1U);
    EXPECT_EQ(none.faults[0].jobs, (std::vector{seed, cutover}));
    b.programme.ways.back().demands = {};
    EXPECT_TRUE(changed(b.programme, {ResourceLost{link, 0}}).faults.empty());
}

TEST(WhatIf, ALostSiteClosesTheWaysThatLeadThere) {
    SmallProgramme b;
    const JobIndex only = b.job(0, 10);
    const JobIndex either = b.job(0, 10);
    b.way(only).site = 1;
    b.way(either).site = 2;
    Way there;
    there.duration = 10;
    there.site = 1;
    add_way(b, either, there);
    const ChangedProgramme found = changed(b.programme, {SiteLost{1}});
    ASSERT_EQ(found.faults.size(), 1U);
    EXPECT_EQ(found.faults[0].problem, ChangeProblem::kNoOtherWay);
    EXPECT_EQ(found.faults[0].jobs, std::vector{only});
    const auto closed = [&](JobIndex job, std::size_t way) {
        const Programme& after = found.programme;
        const std::int32_t calendar = after.ways_of(after.jobs[static_cast<std::size_t>(job)])[way].calendar;
        return calendar != kNone && after.calendars[static_cast<std::size_t>(calendar)].windows.empty();
    };
    EXPECT_TRUE(closed(only, 0));
    EXPECT_FALSE(closed(either, 0));
    EXPECT_TRUE(closed(either, 1));
}

TEST(WhatIf, ACapOnHostsAtOnceIsAResourceOfItsOwn) {
    SmallProgramme b;
    const std::int32_t team = b.resource(9);
    const JobIndex small = b.cutover(0, 10, kNone);
    const JobIndex large = b.cutover(0, 10, kNone);
    const JobIndex task = b.job(0, 10);
    b.at(small).hosts = 4;
    b.at(large).hosts = 7;
    b.needs(small, team, 2);
    const ChangedProgramme found = changed(b.programme, {HostsAtOnce{5}});
    ASSERT_EQ(found.faults.size(), 1U);
    EXPECT_EQ(found.faults[0].problem, ChangeProblem::kTooSmall);
    EXPECT_EQ(found.faults[0].jobs, std::vector{large});
    const Programme& after = found.programme;
    EXPECT_EQ(after.resources[1].steps[0].capacity, 5);
    const auto demands = after.demands_of(after.ways_of(after.jobs[0])[0]);
    ASSERT_EQ(demands.size(), 2U);
    EXPECT_EQ(demands[0].amount, 2);
    EXPECT_EQ(demands[1].resource, 1);
    EXPECT_EQ(demands[1].amount, 4);
    EXPECT_EQ(after.ways_of(after.jobs[static_cast<std::size_t>(task)])[0].demands.count, 0U);
    EXPECT_EQ(b.programme.demands.size(), 1U);
}

// Two cutovers one after the other; with a second engineer both at once.
TEST(WhatIf, StandsBesideThePresentPlan) {
    SmallProgramme b;
    b.programme.month_starts = {0, 150};
    b.budget({130, 90});
    b.budget({5, 5});
    const std::int32_t team = b.resource(1);
    const JobIndex first = b.cutover(0, 100, kNone);
    const JobIndex second = b.cutover(100, 100, kNone);
    for (const JobIndex job : {first, second}) {
        b.needs(job, team, 1);
        b.at(job).hosts = 3;
        b.outage(job, 0, 20, 60);
    }
    b.at(second).due = 120;
    b.at(second).due_is_hard = false;
    b.at(second).price_per_day = 1'000;
    const SolveProgramme solve = [&](const Programme& programme) -> Result<SolvedProgramme> {
        EXPECT_EQ(programme.resources[0].steps[0].capacity, 2);
        return SolvedProgramme{ProgrammeTimes{{0, 0}, {0, 0}}, 90};
    };
    const ForecastProgramme forecast_it = [](const Programme& programme,
                                             const ProgrammeTimes& times) -> Result<Forecast> {
        ForecastOptions options;
        options.executions = 10;
        return forecast(programme, times, {}, options);
    };
    const std::vector<ProgrammeChange> changes{CapacityMore{team, 1}};
    const WhatIf found = what_if(b.programme, {b.times, 200}, changes, solve, forecast_it);
    EXPECT_FALSE(found.side[1].unsolved);
    EXPECT_EQ(found.side[0].score.finish, 200);
    EXPECT_EQ(found.side[1].score.finish, 100);
    EXPECT_EQ(found.side[0].score.late_pence, 1'000);
    EXPECT_EQ(found.side[0].late_jobs, 1);
    EXPECT_EQ(found.side[1].late_jobs, 0);
    EXPECT_EQ(found.side[0].lower_bound, 200);
    EXPECT_EQ(found.side[1].lower_bound, 90);
    EXPECT_EQ(found.side[1].finish[1].minute, 100);
    ASSERT_EQ(found.dues.size(), 1U);
    EXPECT_EQ(found.dues[0].slack[0], -80);
    EXPECT_EQ(found.dues[0].slack[1], 20);
    EXPECT_EQ(found.dues[0].missed[0], 1.0);
    EXPECT_EQ(found.dues[0].missed[1], 0.0);
    ASSERT_EQ(found.budgets.size(), 2U);
    EXPECT_EQ(found.budgets[0].used[0], 60 + 30);  // from 120 to 150 of the second's hour
    EXPECT_EQ(found.budgets[0].used[1], 120);
    EXPECT_EQ(found.budgets[1].used[0], 30);
    EXPECT_EQ(found.budgets[1].used[1], 0);
    ASSERT_EQ(found.moved.size(), 1U);
    EXPECT_EQ(found.moved[0].job, second);
    EXPECT_EQ(found.moved[0].start[0], 100);
    EXPECT_EQ(found.moved[0].start[1], 0);
    EXPECT_EQ(found.moved_hosts, 3);
}

TEST(WhatIf, WhatCannotBeSolvedIsTold) {
    SmallProgramme b;
    b.at(b.job(0, 10)).due = 20;
    const SolveProgramme solve = [](const Programme&) -> Result<SolvedProgramme> {
        return Error{ErrorCode::kFailedPrecondition, "no schedule"};
    };
    const WhatIf found = what_if(b.programme, {b.times, 10}, {}, solve, {});
    ASSERT_TRUE(found.side[1].unsolved);
    EXPECT_EQ(found.side[1].unsolved->message, "no schedule");
    EXPECT_EQ(found.dues[0].slack[0], 10);
    EXPECT_FALSE(found.dues[0].slack[1]);
    EXPECT_FALSE(found.dues[0].missed[0]);
    EXPECT_TRUE(found.moved.empty());
}

}  // namespace
}  // namespace ararat::planning::scheduler
