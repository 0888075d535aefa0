// From a plan's text to the programme: waves, tasks, cohorts, pairs, grouping rules, and back to names.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/planning/planned_plan.h"
#include "tests/unit/planning/source_builder.h"
#include "tests/unit/planning_programme/plan_text.h"

namespace ararat::planning::testing {
namespace {

using scheduler::JobKind;
using scheduler::kNoMinute;
using scheduler::kNone;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

// ---- pairs and grouping ----

TEST(ProgrammeOrders, APairIsKeptApartOnceWhoeverSaysIt) {
    PlanText plan;
    const ProgrammeProblem problem = plan.application("a", {"pairs_with: [b]"})
                                         .application("b", {"pairs_with: [a]", "ways: {here: {site: far}}"})
                                         .programme();
    ASSERT_EQ(problem.programme.apart.size(), 1U);
    const scheduler::Apart& apart = problem.programme.apart.front();
    EXPECT_EQ(apart.a, job_named(problem, "cutover of move group a"));
    EXPECT_EQ(apart.b, job_named(problem, "cutover of move group b"));
    EXPECT_TRUE(apart.time);
    EXPECT_TRUE(apart.sites) << "one of them has a way that chooses its site";
    EXPECT_EQ(problem.apart[apart.tag].text, "a pairs with b");
    EXPECT_EQ(to_string(problem.apart[apart.tag].place), "plan.yaml:7:18");
}

TEST(ProgrammeOrders, APairOnOneSiteWithNothingToChooseIsRefused) {
    PlanText plan;
    plan.application("a", {"pairs_with: [b]"}).application("b");
    EXPECT_EQ(plan.refusal(),
              "plan.yaml:7:18: error E016: a pairs with b, but both would land on site new: a "
              "(plan.yaml:5:3), b (plan.yaml:14:3)");
}

TEST(ProgrammeOrders, SmallAndNonProductionComeFirst) {
    PlanText plan;
    plan.add("scheduling", "small_first: true").add("scheduling", "non_production_first: true");
    plan.add("services", "web: {}");
    const ProgrammeProblem problem = plan.application("live", {"service: web", "priority: 3"}, {}, 3)
                                         .application("trial", {"service: web", "environment: test"})
                                         .application("other", {"environment: development"})
                                         .programme();
    EXPECT_EQ(job(problem, "cutover of move group live").urgency, 5);
    EXPECT_EQ(job(problem, "cutover of move group trial").urgency, 5);
    EXPECT_EQ(job(problem, "cutover of move group other").urgency, 5);
    EXPECT_THAT(lags(problem), ElementsAre("cutover of move group trial -> cutover of move group live +0"));
    EXPECT_EQ(place_of_lag(problem, "what is not for production moves first (service web)"),
              "plan.yaml:45:1");
}

TEST(ProgrammeOrders, WhatNeedsProductionIsNotMovedBeforeIt) {
    PlanText plan;
    plan.add("scheduling", "non_production_first: true");
    plan.add("services", "web: {}");
    const ProgrammeProblem problem =
        plan.application("live", {"service: web"})
            .application("trial", {"service: web", "environment: test", "needs: [live]"})
            .programme();
    EXPECT_THAT(lags(problem), ElementsAre("cutover of move group live -> cutover of move group trial +0"));
    EXPECT_THAT(problem.notes,
                Contains("move group trial is not for production, and needs live, which moves before "
                         "it"));
}

// ---- waves ----

TEST(ProgrammeOrders, APinnedWaveIsAWaveAndAfterAnotherOne) {
    PlanText plan;
    plan.add("waves", "- {name: first, applications: [a, b]}");
    plan.add("waves", "- {name: second, applications: [c], after: [first], waits_for: [board]}");
    plan.add("tasks", "board: {duration: 1d}");
    const ProgrammeProblem problem =
        plan.application("a").application("b").application("c").application("d").programme();
    EXPECT_EQ(job(problem, "cutover of move group a").wave, 0);
    EXPECT_EQ(job(problem, "cutover of move group b").wave, 0);
    EXPECT_EQ(job(problem, "cutover of move group c").wave, 1);
    EXPECT_EQ(job(problem, "cutover of move group d").wave, kNone);
    EXPECT_EQ(problem.programme.wave_count, 2);
    EXPECT_THAT(problem.waves, ElementsAre(WaveId{"first"}, WaveId{"second"}));
    EXPECT_THAT(lags(problem), ElementsAre("task board -> cutover of move group c +0",
                                           "cutover of move group a -> wave first is over +0",
                                           "cutover of move group b -> wave first is over +0",
                                           "wave first is over -> cutover of move group c +0"));
}

// b needs a, so that it starts when a is over.
TEST(ProgrammeOrders, AFrozenWaveStartsWhenItDoesWhateverItsCalendarSays) {
    PlanText plan;
    plan.add("calendars", "nights: {windows: \"Sat 01:00-02:00\"}");
    plan.add("waves", "- {name: first, applications: [a, b], frozen: true, at: 2024-03-05T10:00:00Z}");
    const ProgrammeProblem problem =
        plan.application("a", {"calendar: nights"}).application("b", {"needs: [a]"}).programme();
    EXPECT_EQ(job(problem, "cutover of move group a").fixed_start, kDayMinutes);
    EXPECT_EQ(job(problem, "cutover of move group b").fixed_start, kDayMinutes + 15);
    EXPECT_EQ(job(problem, "cutover of move group a").fixed_way, 0);
    EXPECT_EQ(way(problem, "cutover of move group a").calendar, kNone);
    EXPECT_EQ(problem.jobs.front().release->text,
              "wave first is frozen to start at Tue 2024-03-05 10:00 GMT");
}

TEST(ProgrammeOrders, APublishedWaveMayMove) {
    PlanText plan;
    plan.add("waves", "- {name: first, applications: [a], at: 2024-03-05T10:00:00Z}");
    const ProgrammeProblem problem = plan.application("a").programme();
    EXPECT_EQ(job(problem, "cutover of move group a").published_start, kDayMinutes);
    EXPECT_EQ(job(problem, "cutover of move group a").fixed_start, kNoMinute);
}

// The origin goes back to what is done; nothing else begins before now.
TEST(ProgrammeOrders, WhatIsDoneLiesBeforeNow) {
    PlanText plan;
    plan.add("links", "- {from: old, to: new, bandwidth: 1 Gbit/s}");
    plan.add("waves", "- {name: first, applications: [a], frozen: true, at: 2024-03-01T10:00:30Z}");
    const ProgrammeProblem problem = plan.application("a", {"data: 9 GB"}).application("b").programme();
    EXPECT_EQ(to_unix_ms(problem.origin), to_unix_ms(test_now()) - 3 * 86'400'000);
    EXPECT_EQ(problem.now, 3 * kDayMinutes);
    EXPECT_EQ(job(problem, "cutover of move group a").fixed_start, 1);
    EXPECT_EQ(job(problem, "cutover of move group b").release, problem.now);
    EXPECT_EQ(problem.jobs.size(), 2U) << "its data is where it belongs";
}

TEST(ProgrammeOrders, MovesUnderWayAreFixedInTheirWay) {
    ProgrammeOptions options;
    options.fixed.push_back(
        {MoveGroupId{"a"}, JobKind::kCutover, test_now() - std::chrono::hours(1), "physical"});
    options.published[MoveGroupId{"b"}] = test_now() + std::chrono::hours(24);
    const ProgrammeProblem problem = PlanText()
                                         .application("a", {"ways: {live: {}, physical: {duration: 8h}}"})
                                         .application("b")
                                         .programme(options);
    EXPECT_EQ(job(problem, "cutover of move group a").fixed_start, 0);
    EXPECT_EQ(job(problem, "cutover of move group a").fixed_way, 1);
    EXPECT_EQ(job(problem, "cutover of move group b").published_start, 60 + kDayMinutes);
}

TEST(ProgrammeOrders, AGroupThatTwoWavesTakeIsRefused) {
    PlanText plan;
    plan.add("together", "- {applications: [a, b], reason: one chassis}");
    plan.add("waves", "- {name: first, applications: [a]}")
        .add("waves", "- {name: second, applications: [b]}");
    plan.application("a").application("b");
    EXPECT_EQ(plan.refusal(),
              "plan.yaml:34:5: error E016: wave second takes b and wave first (plan.yaml:33:5) takes a, "
              "which must move together: the plan moves a, b together: one chassis (plan.yaml:31:5)");
}

// ---- tasks ----

TEST(ProgrammeOrders, AMilestoneThatNothingBringsAboutComesWhenItIsDue) {
    PlanText plan;
    plan.add("tasks", "board: {kind: milestone, due: 2024-03-29}");
    const ProgrammeProblem problem = plan.application("a", {"waits_for: [board]"}).programme();
    const scheduler::Job& board = job(problem, "milestone board");
    EXPECT_EQ(board.release, minute_of(problem, "2024-03-30T00:00:00Z"));
    EXPECT_EQ(board.due, board.release);
    EXPECT_EQ(way(problem, "milestone board").duration, 0);
    EXPECT_THAT(lags(problem), ElementsAre("milestone board -> cutover of move group a +0"));
    EXPECT_EQ(place_of_lag(problem, "a waits for task board"), "plan.yaml:7:17");
    EXPECT_EQ(problem.task_jobs.at("board"), job_named(problem, "milestone board"));
}

TEST(ProgrammeOrders, ATaskHasALengthPeopleACalendarAndLags) {
    PlanText plan;
    plan.add("resources", "buyers: 1");
    plan.add("calendars", "office: {windows: \"Mon-Fri 09:00-17:00\"}");
    plan.add("tasks", "board: {not_before: 2024-03-11}");
    plan.add(
        "tasks",
        "order: {duration: 4h, needs: [{task: board, at_least: 2d, at_most: 9d}], resources: {buyers: 1}, "
        "calendar: office, due: 2024-05-31, price_per_day: 10 GBP}");
    const ProgrammeProblem problem = plan.application("a").programme();
    EXPECT_EQ(job(problem, "task board").release, minute_of(problem, "2024-03-11T00:00:00Z"));
    const scheduler::Way& order = way(problem, "task order");
    EXPECT_EQ(order.duration, 240);
    EXPECT_THAT(demands(problem, order), ElementsAre("resource buyers: 1"));
    EXPECT_EQ(problem.calendars[static_cast<std::size_t>(order.calendar)].text, "calendar office");
    EXPECT_EQ(job(problem, "task order").due, minute_of(problem, "2024-05-31T23:00:00Z"));
    EXPECT_FALSE(job(problem, "task order").due_is_hard);
    EXPECT_EQ(job(problem, "task order").price_per_day, 1'000);
    EXPECT_THAT(lags(problem),
                ElementsAre("task board -> task order +2880", "task order -> task board @-12960"));
}

TEST(ProgrammeOrders, WhatIsDoneHoldsNothingBack) {
    PlanText plan;
    plan.add("tasks", "board: {duration: 30d, done: 2024-03-01}").add("tasks", "order: {needs: [board]}");
    const ProgrammeProblem problem = plan.application("a", {"waits_for: [board]"}).programme();
    EXPECT_THAT(lags(problem), IsEmpty());
    EXPECT_FALSE(problem.task_jobs.contains("board"));
}

TEST(ProgrammeOrders, AMilestoneMayWaitForMovesAndForEmptySites) {
    PlanText plan;
    plan.add("tasks", "moved: {kind: milestone, applications: [a], due: 2024-12-31}");
    plan.add("tasks", "empty: {kind: milestone, sites: [old], due: 2025-02-28}");
    const ProgrammeProblem problem =
        plan.application("a").application("b", {"decommission: {duration: 1d}"}).programme();
    EXPECT_THAT(lags(problem), Contains("cutover of move group a -> milestone moved +0"));
    EXPECT_THAT(lags(problem), Not(Contains("cutover of move group b -> milestone moved +0")));
    EXPECT_THAT(lags(problem), Contains("cutover of move group a -> milestone empty +0"));
    EXPECT_THAT(lags(problem), Contains("decommission of move group b -> milestone empty +0"));
    EXPECT_EQ(job(problem, "milestone moved").release, 0) << "the moves bring it about";
}

// 1,880 are left: nine batches of 200 and one of 80, two at a time.
TEST(ProgrammeOrders, ACohortIsDoneInBatches) {
    PlanText plan;
    plan.add("resources", "desktop: 4");
    plan.add("tasks", "told: {duration: 1d}");
    plan.add("cohorts",
             "clients: {count: 2280, done: 400, batch: 200, at_once: 2, duration: 5d, resources: {desktop: "
             "2}, needs: [told], due: 2025-01-31, not_before: 2024-03-05}");
    const ProgrammeProblem problem = plan.application("a").programme();
    EXPECT_EQ(problem.jobs.back().name, "batch 10 of cohort clients");
    const scheduler::Job& third = job(problem, "batch 3 of cohort clients");
    EXPECT_EQ(third.release, 14 * 60);
    EXPECT_EQ(third.due, minute_of(problem, "2025-02-01T00:00:00Z"));
    EXPECT_TRUE(third.due_is_hard);
    EXPECT_EQ(way(problem, "batch 3 of cohort clients").duration, 5 * kDayMinutes);
    EXPECT_THAT(demands(problem, way(problem, "batch 3 of cohort clients")),
                ElementsAre("resource desktop: 2"));
    EXPECT_THAT(lags(problem), Contains("batch 1 of cohort clients -> batch 3 of cohort clients +0"));
    EXPECT_THAT(lags(problem), Contains("task told -> batch 2 of cohort clients +0"));
    EXPECT_EQ(problem.programme.lags.size(), 10U);
}

TEST(ProgrammeOrders, APricedCohortIsOneMilestone) {
    PlanText plan;
    plan.add("cohorts",
             "clients: {count: 3, batch: 2, duration: 1d, due: 2025-01-31, price_per_day: 100 GBP}");
    const ProgrammeProblem problem = plan.application("a").programme();
    EXPECT_EQ(job(problem, "batch 2 of cohort clients").due, kNoMinute);
    EXPECT_EQ(job(problem, "cohort clients is done").price_per_day, 10'000);
}

TEST(ProgrammeOrders, TooManyBatchesAndTooManyPeopleAreRefused) {
    PlanText plan;
    plan.add("resources", "desktop: 1");
    plan.add("cohorts", "clients: {count: 20001, batch: 2, duration: 1d}");
    plan.add("tasks", "order: {resources: {desktop: 2}}");
    plan.application("a");
    EXPECT_EQ(plan.refusal(),
              "plan.yaml:14:3: error E016: cohort clients has 10,001 batches (meant: at most 10,000)\n"
              "plan.yaml:25:3: error E026: proved: task order asks for 2 of resource desktop, and the "
              "plan has 1");
}

// ---- everything at once, and back ----

TEST(ProgrammeOrders, EveryPartOfALargePlanKnowsWhereItComesFrom) {
    const ParseOutcome outcome = parse(planned_plan());
    const auto problem = make_programme(outcome.plan, test_now());
    ASSERT_TRUE(problem.ok()) << problem.error().message;
    const scheduler::Programme& programme = problem->programme;
    ASSERT_EQ(problem->jobs.size(), programme.jobs.size());
    ASSERT_EQ(problem->lags.size(), programme.lags.size());
    ASSERT_EQ(problem->apart.size(), programme.apart.size());
    ASSERT_EQ(problem->resources.size(), programme.resources.size());
    ASSERT_EQ(problem->stocks.size(), programme.stocks.size());
    ASSERT_EQ(problem->budgets.size(), programme.budgets.size());
    ASSERT_EQ(problem->calendars.size(), programme.calendars.size());
    ASSERT_EQ(problem->months.size(), programme.month_starts.size());
    for (std::size_t i = 0; i < programme.jobs.size(); ++i) {
        EXPECT_EQ(programme.jobs[i].tag, i);
        EXPECT_NE(problem->jobs[i].name, "");
        EXPECT_NE(problem->jobs[i].place.line, 0) << problem->jobs[i].name;
        EXPECT_EQ(programme.jobs[i].kind, problem->jobs[i].kind);
    }
    for (std::size_t i = 0; i < programme.lags.size(); ++i) {
        EXPECT_EQ(programme.lags[i].tag, i);
        EXPECT_NE(problem->lags[i].text, "");
        EXPECT_NE(problem->lags[i].place.line, 0) << problem->lags[i].text;
    }
    for (const auto* origins : {&problem->resources, &problem->stocks, &problem->budgets}) {
        for (const Origin& origin : *origins) EXPECT_NE(origin.place.line, 0) << origin.text;
    }
}

TEST(ProgrammeOrders, JobsOfOneGroupHaveEquallyManyWays) {
    const auto problem = make_programme(parse(planned_plan()).plan, test_now());
    ASSERT_TRUE(problem.ok());
    for (std::size_t group = 0; group < problem->group_jobs.size(); ++group) {
        for (const scheduler::Job& one : problem->programme.jobs) {
            if (one.group != static_cast<scheduler::GroupNumber>(group)) continue;
            EXPECT_EQ(one.ways.count, problem->group_ways[group].size());
        }
    }
    // No link leads to the site of `rebuild`, but what is moved physically needs none.
    std::vector<std::string> names;
    for (const GroupWay& way : problem->group_ways[1]) names.push_back(way.name);
    EXPECT_THAT(names, ElementsAre("replicate + give-up", "physical + rebuild", "physical + give-up"));
    EXPECT_THAT(problem->notes,
                Contains("move group shop cannot be moved by replicate + rebuild: shop has 100.0 GiB to "
                         "move, but there is no link from old to far"));
}

TEST(ProgrammeOrders, TimesBecomeNamesAndInstants) {
    const ProgrammeProblem problem =
        PlanText()
            .application("a", {"ways: {live: {duration: 1h}, post: {duration: 2h}}"})
            .application("b")
            .programme();
    const scheduler::ProgrammeTimes times{{120, 30}, {1, 0}};
    const std::vector<TimedJob> timeline = timeline_of(problem, times);
    ASSERT_EQ(timeline.size(), 2U);
    EXPECT_EQ(timeline[0].origin->name, "cutover of move group b");
    EXPECT_EQ(timeline[0].way, "");
    EXPECT_EQ(timeline[1].origin->name, "cutover of move group a");
    EXPECT_EQ(timeline[1].way, "post");
    EXPECT_EQ(timeline[1].start, test_now() + std::chrono::hours(2));
    EXPECT_EQ(timeline[1].end, test_now() + std::chrono::hours(4));
}

TEST(ProgrammeOrders, AChosenWayBecomesThePlans) {
    const Plan plan =
        PlanText()
            .application("a",
                         {"resources: {ops: 1}", "outage: 5min",
                          "ways: {live: {}, give-up: {retires: true, duration: 2h, runbook: move}}"},
                         {"ways: {swap: {duration: 3h, resources: {ops: 1}}}"})
            .add("resources", "ops: 2")
            .plan();
    const auto problem = make_programme(plan, test_now());
    ASSERT_TRUE(problem.ok()) << problem.error().message;
    const Plan chosen = plan_in_ways(plan, *problem, {{0}, {1}});
    const Application& a = chosen.applications.at(ApplicationId{"a"});
    EXPECT_THAT(a.ways, IsEmpty());
    EXPECT_THAT(a.components.front().ways, IsEmpty());
    EXPECT_EQ(a.expected_duration, Duration{std::chrono::hours(3)});
    EXPECT_EQ(a.expected_outage, Duration{std::chrono::minutes(5)});
    EXPECT_EQ(a.resources.at("ops"), 2);
    EXPECT_EQ(a.components.front().targets.front().host, HostId{"new-a-1"})
        << "its own way does not retire it";
}

TEST(ProgrammeOrders, WhatWasDueInThePastCostsEveryDay) {
    const ProgrammeProblem problem =
        PlanText().application("a", {"by: 2024-03-01T10:00:00Z", "price_per_day: 10 GBP"}).programme();
    EXPECT_EQ(job(problem, "application a is moved").due, -3 * kDayMinutes);
}

TEST(ProgrammeOrders, APlanMakesTheSameProgrammeEveryTime) {
    const Plan plan = parse(planned_plan()).plan;
    const auto one = make_programme(plan, test_now());
    const auto other = make_programme(plan, test_now());
    ASSERT_TRUE(one.ok() && other.ok());
    EXPECT_EQ(lags(*one), lags(*other));
    EXPECT_EQ(one->programme.ways.size(), other->programme.ways.size());
}

}  // namespace
}  // namespace ararat::planning::testing
