// From a plan's text to the programme: jobs of move groups with their ways, lags, stocks and outages.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/planning/source_builder.h"
#include "tests/unit/planning_programme/plan_text.h"

namespace ararat::planning::testing {
namespace {

using scheduler::JobKind;
using scheduler::kNone;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> way_names(const ProgrammeProblem& problem, std::size_t group = 0) {
    std::vector<std::string> names;
    for (const GroupWay& way : problem.group_ways[group]) names.push_back(way.name);
    return names;
}

// "racks -2 +0"
std::vector<std::string> stock_changes(const ProgrammeProblem& problem, const scheduler::Way& way) {
    std::vector<std::string> texts;
    for (const scheduler::StockChange& change : problem.programme.stock_changes_of(way)) {
        texts.push_back(problem.stocks[static_cast<std::size_t>(change.stock)].text + " " +
                        std::to_string(change.at_start) + " " + std::to_string(change.at_end));
    }
    return texts;
}

// "web 0+30"
std::vector<std::string> outages(const ProgrammeProblem& problem, const scheduler::Way& way) {
    std::vector<std::string> texts;
    for (const scheduler::Outage& outage : problem.programme.outages_of(way)) {
        texts.push_back(problem.services[static_cast<std::size_t>(outage.service)].str() + " " +
                        std::to_string(outage.offset) + "+" + std::to_string(outage.length));
    }
    return texts;
}

TEST(ProgrammeMoves, ALoneApplicationIsOneCutoverOfTheAssumedLength) {
    const ProgrammeProblem problem = PlanText().application("a").programme();
    ASSERT_EQ(problem.jobs.size(), 1U);
    const scheduler::Job& cutover = job(problem, "cutover of move group a");
    EXPECT_EQ(cutover.kind, JobKind::kCutover);
    EXPECT_EQ(cutover.group, 0);
    EXPECT_EQ(cutover.hosts, 1);
    EXPECT_EQ(cutover.release, 0);
    EXPECT_EQ(cutover.urgency, 5);
    EXPECT_EQ(cutover.wave, kNone);
    EXPECT_EQ(way(problem, "cutover of move group a").duration, 15);
    EXPECT_EQ(way(problem, "cutover of move group a").calendar, kNone);
    EXPECT_EQ(problem.sites[static_cast<std::size_t>(way(problem, "cutover of move group a").site)],
              SiteId{"new"});
    EXPECT_EQ(problem.origin, test_now());
    EXPECT_EQ(problem.programme.horizon, 730 * kDayMinutes);
    EXPECT_THAT(problem.notes,
                ElementsAre("the plan does not say how long these take to cut over, 15min each "
                            "is assumed: a"));
}

TEST(ProgrammeMoves, LengthsAreRoundedUpToMinutes) {
    const ProgrammeProblem problem = PlanText().application("a", {"duration: 90s"}).programme();
    EXPECT_EQ(way(problem, "cutover of move group a").duration, 2);
}

TEST(ProgrammeMoves, ANeedIsALagWithItsPlace) {
    const ProgrammeProblem problem = PlanText().application("a").application("b", {"needs: [a]"}).programme();
    EXPECT_THAT(lags(problem), ElementsAre("cutover of move group a -> cutover of move group b +0"));
    EXPECT_EQ(place_of_lag(problem, "b needs a"), "plan.yaml:15:13");
}

// b begins two days to a week after a's end, which is 15 minutes after its start.
TEST(ProgrammeMoves, LagsAreMinimaAndMaxima) {
    const ProgrammeProblem problem =
        PlanText()
            .application("a")
            .application("b", {"needs: [{application: a, at_least: 2d, at_most: 7d}]"})
            .programme();
    EXPECT_THAT(lags(problem), ElementsAre("cutover of move group a -> cutover of move group b +2880",
                                           "cutover of move group b -> cutover of move group a @-10095"));
    EXPECT_EQ(place_of_lag(problem, "b needs a, at most 7d before"), "plan.yaml:15:13");
}

TEST(ProgrammeMoves, ALagBetweenWhatMovesTogetherIsRefused) {
    PlanText plan;
    plan.application("a").application("b", {"needs: [{application: a, at_least: 2d}]"});
    plan.add("together", "- {applications: [a, b], reason: one chassis}");
    EXPECT_EQ(
        plan.refusal(),
        "plan.yaml:15:13: error E016: b is to be cut over at least 2d after a, and they move together: the "
        "plan moves a, b together: one chassis (plan.yaml:32:5)");
}

// 100 GiB over half of 1 Gbit/s, while 10 GiB an hour change: 107,374,182,400 B at 62,500,000 - 2,982,616
// B/s.
TEST(ProgrammeMoves, SeedingTakesTheLinkForAsLongAsItsDataNeeds) {
    PlanText plan;
    plan.add("links", "- {from: old, to: new, bandwidth: 1 Gbit/s, usable: 50%}");
    const ProgrammeProblem problem =
        plan.application("a", {"data: 100 GiB", "stale_after: 7d"}, {}, 1, "change_rate: 10 GiB/h")
            .programme();
    const std::string seeding = "seeding of move group a from old to new";
    EXPECT_EQ(job(problem, seeding).kind, JobKind::kSeed);
    EXPECT_EQ(way(problem, seeding).duration, 31);
    EXPECT_THAT(demands(problem, way(problem, seeding)), ElementsAre("the link from old to new: 500000"));
    EXPECT_THAT(problem.programme.resources.front().steps.front().capacity, 500'000);
    EXPECT_THAT(lags(problem), ElementsAre(seeding + " -> cutover of move group a +0",
                                           "cutover of move group a -> " + seeding + " @-10111"));
    EXPECT_EQ(place_of_lag(problem, "the replica of a is stale after 7d"), "plan.yaml:5:3");
}

TEST(ProgrammeMoves, ABandwidthOfItsOwnLeavesRoomForOthers) {
    PlanText plan;
    plan.add("links", "- {from: old, to: new, bandwidth: 1 Gbit/s}");
    const ProgrammeProblem problem =
        plan.application("a", {"data: 90 GB", "bandwidth: 200 Mbit/s"}).programme();
    EXPECT_EQ(way(problem, "seeding of move group a from old to new").duration, 60);
    EXPECT_THAT(demands(problem, way(problem, "seeding of move group a from old to new")),
                ElementsAre("the link from old to new: 200000"));
}

TEST(ProgrammeMoves, WhatUsesALinkWaitsUntilItIsThere) {
    PlanText plan;
    plan.add("links", "- {from: old, to: new, bandwidth: 1 Gbit/s, available_from: 2024-03-05T10:00:00Z}");
    const ProgrammeProblem problem = plan.application("a", {"data: 9 GB"}).programme();
    const scheduler::Way& seeding = way(problem, "seeding of move group a from old to new");
    ASSERT_NE(seeding.calendar, kNone);
    const auto& open = problem.programme.calendars[static_cast<std::size_t>(seeding.calendar)].windows;
    ASSERT_EQ(open.size(), 1U);
    EXPECT_EQ(open[0].start, kDayMinutes);
    EXPECT_EQ(open[0].end, problem.programme.horizon);
    EXPECT_EQ(job(problem, "cutover of move group a").release, kDayMinutes);
    const auto& why =
        problem.jobs[static_cast<std::size_t>(job_named(problem, "cutover of move group a"))].release;
    EXPECT_EQ(why->text, "the link from old to new is available only from then (plan.yaml:18:5)");
}

TEST(ProgrammeMoves, ALinkCanBeATasksToBringAbout) {
    PlanText plan;
    plan.add("links", "- {from: old, to: new, bandwidth: 1 Gbit/s, task: lines}");
    plan.add("tasks", "lines: {duration: 2d}");
    const ProgrammeProblem problem = plan.application("a", {"data: 9 GB"}).application("b").programme();
    EXPECT_THAT(lags(problem), Contains("task lines -> seeding of move group a from old to new +0"));
    EXPECT_THAT(lags(problem), Contains("task lines -> cutover of move group b +0"));
}

TEST(ProgrammeMoves, HypercareFollowsAtOnceAndDecommissionLater) {
    PlanText plan;
    plan.add("resources", "ops: 2");
    const ProgrammeProblem problem =
        plan.application("a", {"duration: 1h", "hypercare: {duration: 3d, resources: {ops: 1}}",
                               "decommission: {after: 14d, duration: 1d, resources: {ops: 2}}"})
            .programme();
    EXPECT_EQ(way(problem, "hypercare of move group a").duration, 3 * kDayMinutes);
    EXPECT_THAT(demands(problem, way(problem, "hypercare of move group a")), ElementsAre("resource ops: 1"));
    EXPECT_EQ(way(problem, "decommission of move group a").duration, kDayMinutes);
    EXPECT_THAT(demands(problem, way(problem, "decommission of move group a")),
                ElementsAre("resource ops: 2"));
    EXPECT_THAT(lags(problem), ElementsAre("cutover of move group a -> hypercare of move group a +0",
                                           "hypercare of move group a -> cutover of move group a @-60",
                                           "cutover of move group a -> decommission of move group a +20160",
                                           "hypercare of move group a -> decommission of move group a +0"));
}

TEST(ProgrammeMoves, StocksAreTakenFirstAndFreedLast) {
    PlanText plan;
    plan.add("links", "- {from: old, to: new, bandwidth: 1 Gbit/s}");
    plan.add("stocks",
             "racks: {level: 4, deliveries: [{at: 2024-04-15, amount: 12}, {at: 2024-03-20, amount: 1}]}");
    const ProgrammeProblem problem =
        plan.application(
                "a", {"data: 9 GB", "takes: {racks: 2}", "frees: {racks: 1}", "decommission: {duration: 1d}"})
            .application("b", {"takes: {racks: 3}", "frees: {racks: 3}"})
            .programme();
    const scheduler::Stock& racks = problem.programme.stocks.front();
    EXPECT_EQ(racks.level, 4);
    ASSERT_EQ(racks.deliveries.size(), 2U);
    EXPECT_EQ(racks.deliveries[0].at, minute_of(problem, "2024-03-20T00:00:00Z"));
    EXPECT_EQ(racks.deliveries[1].at, minute_of(problem, "2024-04-14T23:00:00Z")) << "summer time";
    EXPECT_THAT(stock_changes(problem, way(problem, "seeding of move group a from old to new")),
                ElementsAre("stock racks -2 0"));
    EXPECT_THAT(stock_changes(problem, way(problem, "cutover of move group a")), IsEmpty());
    EXPECT_THAT(stock_changes(problem, way(problem, "decommission of move group a")),
                ElementsAre("stock racks 0 1"));
    EXPECT_THAT(stock_changes(problem, way(problem, "cutover of move group b")),
                ElementsAre("stock racks -3 0", "stock racks 0 3"));
}

TEST(ProgrammeMoves, AStockCanCountWhatLandsAtASite) {
    PlanText plan;
    plan.add("stocks", "cores: {level: 64, site: new, counts: cpus}");
    plan.add("stocks", "memory: {level: 64, site: new, counts: memory}");
    plan.add("stocks", "elsewhere: {level: 64, site: far, counts: cpus}");
    const ProgrammeProblem problem = plan.application("a", {}, {}, 2, "cpus: 8, memory: 1.5 GiB").programme();
    EXPECT_THAT(stock_changes(problem, way(problem, "cutover of move group a")),
                ElementsAre("stock cores -16 0", "stock memory -4 0"));
}

// ---- ways ----

TEST(ProgrammeMoves, EveryWayOfAnApplicationIsOneOfItsGroup) {
    PlanText plan;
    plan.add("links", "- {from: old, to: new, bandwidth: 1 Gbit/s}");
    plan.add("resources", "movers: 4").add("resources", "network: 1");
    const ProgrammeProblem problem =
        plan.application("a",
                         {"data: 45 GB", "duration: 1h", "resources: {network: 1}", "ways:", "  replicate:",
                          "  physical: {duration: 8h, seeding: 0s, cost: 1200 GBP, resources: {movers: 3}}",
                          "  post: {seeding: 3d, cost: 300 GBP}"})
            .programme();
    EXPECT_THAT(way_names(problem), ElementsAre("replicate", "physical", "post"));
    const std::string cutover = "cutover of move group a";
    EXPECT_EQ(way(problem, cutover, 0).duration, 60);
    EXPECT_EQ(way(problem, cutover, 1).duration, 480);
    EXPECT_EQ(way(problem, cutover, 1).cost, 120'000);
    EXPECT_THAT(demands(problem, way(problem, cutover, 0)), ElementsAre("resource network: 1"));
    EXPECT_THAT(demands(problem, way(problem, cutover, 1)), ElementsAre("resource movers: 3"));
    EXPECT_EQ(way(problem, cutover, 2).duration, 60);
    // By post it is on its way for three days and takes no link; physically nothing is seeded.
    const std::string link = "seeding of move group a from old to new";
    EXPECT_EQ(way(problem, link, 0).duration, 6);
    EXPECT_EQ(way(problem, link, 1).duration, 0);
    EXPECT_EQ(way(problem, link, 2).duration, 0);
    EXPECT_EQ(way(problem, "seeding of move group a", 2).duration, 3 * kDayMinutes);
    EXPECT_EQ(way(problem, "seeding of move group a", 0).duration, 0);
    EXPECT_THAT(demands(problem, way(problem, "seeding of move group a", 2)), IsEmpty());
    EXPECT_EQ(to_string(problem.group_ways[0][1].place), "plan.yaml:12:7");
}

TEST(ProgrammeMoves, WaysOfWhatMovesTogetherAreCombined) {
    PlanText plan;
    plan.add("together", "- {applications: [a, b], reason: one chassis}");
    const ProgrammeProblem problem =
        plan.application("a", {"ways: {live: {duration: 1h}, physical: {duration: 8h}}"})
            .application("b", {"ways: {live: {duration: 2h}, post: {duration: 3h}}"})
            .programme();
    EXPECT_THAT(way_names(problem),
                ElementsAre("live + live", "live + post", "physical + live", "physical + post"));
    const std::string cutover = "cutover of move group a";
    EXPECT_EQ(way(problem, cutover, 0).duration, 120);
    EXPECT_EQ(way(problem, cutover, 3).duration, 480);
    ASSERT_EQ(problem.group_ways[0][1].choices.size(), 2U);
    EXPECT_EQ(problem.group_ways[0][1].choices[1].application, ApplicationId{"b"});
    EXPECT_EQ(problem.group_ways[0][1].choices[1].way, "post");
}

TEST(ProgrammeMoves, TooManyCombinationsAreRefused) {
    PlanText plan;
    plan.application("a", {"ways: {one: {}, two: {}, three: {}}"}, {"ways: {four: {}, five: {}}"});
    ProgrammeOptions options;
    options.ways_max = 5;
    EXPECT_EQ(
        plan.refusal(options),
        "plan.yaml:9:7: error E016: move group a can be moved in more than 5 ways, which are too many to "
        "compare (meant: fewer ways for what moves together)");
}

TEST(ProgrammeMoves, AnUnsupportedHostIsMovedOnlyByWaysThatMendIt) {
    PlanText plan;
    plan.add("unsupported", "- windows-2003");
    const ProgrammeProblem problem =
        plan.application("a", {"ways: {live: {}, rebuild: {upgrades: true}, give-up: {retires: true}}"}, {},
                         1, "os: windows-2003")
            .application("b", {"ways: {live: {}, give-up: {retires: true}}"})
            .programme();
    EXPECT_THAT(way_names(problem, 0), ElementsAre("rebuild", "give-up"));
    EXPECT_THAT(way_names(problem, 1), ElementsAre("live", "give-up"));
}

TEST(ProgrammeMoves, WhatIsRetiredLandsNowhere) {
    PlanText plan;
    plan.add("links", "- {from: old, to: new, bandwidth: 1 Gbit/s}");
    plan.add("stocks", "racks: {level: 4}");
    plan.add("services", "web: {availability: 99%}");
    const ProgrammeProblem problem =
        plan.application("a", {"service: web", "outage: 10min", "data: 9 GB", "takes: {racks: 2}",
                               "hypercare: {duration: 1d}",
                               "ways: {live: {}, give-up: {retires: true, duration: 5min}}"})
            .programme();
    const std::string cutover = "cutover of move group a";
    EXPECT_EQ(way(problem, cutover, 1).duration, 5);
    EXPECT_EQ(way(problem, cutover, 1).site, kNone);
    EXPECT_THAT(outages(problem, way(problem, cutover, 0)), ElementsAre("web 0+10"));
    EXPECT_THAT(outages(problem, way(problem, cutover, 1)), IsEmpty());
    EXPECT_EQ(way(problem, "seeding of move group a from old to new", 1).duration, 0);
    EXPECT_THAT(stock_changes(problem, way(problem, "seeding of move group a from old to new", 1)),
                IsEmpty());
    EXPECT_EQ(way(problem, "hypercare of move group a", 1).duration, 0);
}

TEST(ProgrammeMoves, AWayMayLandElsewhere) {
    const ProgrammeProblem problem =
        PlanText().application("a", {"ways: {here: {}, there: {site: far}}"}).programme();
    const auto site = [&](std::size_t number) {
        return problem.sites[static_cast<std::size_t>(way(problem, "cutover of move group a", number).site)];
    };
    EXPECT_EQ(site(0), SiteId{"new"});
    EXPECT_EQ(site(1), SiteId{"far"});
}

TEST(ProgrammeMoves, AWayThatNothingAllowsIsLeftOutAndTold) {
    PlanText plan;
    plan.add("resources", "movers: 2");
    const ProgrammeProblem problem =
        plan.application("a", {"ways: {live: {}, physical: {resources: {movers: 3}}}"}).programme();
    EXPECT_THAT(way_names(problem), ElementsAre("live"));
    EXPECT_THAT(problem.notes, Contains("move group a cannot be moved by physical: it asks for 3 of resource "
                                        "movers, and the plan has 2"));
}

TEST(ProgrammeMoves, WithoutAnyPossibleWayThereIsNoSchedule) {
    PlanText plan;
    plan.add("resources", "movers: 2");
    plan.application("a", {"ways: {one: {resources: {movers: 4}}, two: {resources: {movers: 3}}}"});
    EXPECT_EQ(plan.refusal(),
              "plan.yaml:5:3: error E026: proved: move group a asks for 4 of resource movers, and "
              "the plan has 2");
}

// ---- outages ----

TEST(ProgrammeMoves, AnOutageThatNobodyGivesIsTheWholeCutover) {
    PlanText plan;
    plan.add("services", "web: {availability: 99.9%}");
    const ProgrammeProblem problem = plan.application("a", {"service: web", "duration: 40min"}).programme();
    EXPECT_THAT(outages(problem, way(problem, "cutover of move group a")), ElementsAre("web 0+40"));
    EXPECT_THAT(problem.notes, Contains(HasSubstr("their whole cutover is charged: a")));
}

// b follows a within the group; c needs nothing and begins with a.
TEST(ProgrammeMoves, OutagesOfOneServiceThatOverlapAreOne) {
    PlanText plan;
    plan.add("services", "web: {availability: 99%}");
    plan.add("services", "mail: {availability: 99%}");
    plan.add("services", "free: {owner: nobody}");
    plan.add("together", "- {applications: [a, b, c, d], reason: one chassis}");
    const ProgrammeProblem problem =
        plan.application("a", {"service: web", "duration: 30min", "outage: 10min"})
            .application("b", {"service: web", "duration: 30min", "outage: 10min", "needs: [a]"})
            .application("c", {"service: web", "duration: 30min", "outage: 20min"})
            .application("d", {"service: free", "duration: 5min", "outage: 5min"})
            .programme();
    EXPECT_THAT(outages(problem, way(problem, "cutover of move group a")),
                ElementsAre("web 0+20", "web 30+10"));
}

}  // namespace
}  // namespace ararat::planning::testing
