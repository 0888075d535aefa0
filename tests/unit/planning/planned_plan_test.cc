// What a plan says about when things move, read into the model.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "planning/compliance.h"
#include "tests/unit/planning/planned_plan.h"
#include "tests/unit/planning/small_plan.h"
#include "tests/unit/planning/source_builder.h"

namespace ararat::planning::testing {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr hours kDay{24};

Plan planned() {
    const ParseOutcome outcome = parse(planned_plan());
    EXPECT_THAT(lines(outcome), IsEmpty());
    return outcome.plan;
}

const ProgrammeTask& task(const Plan& plan, const std::string& id) {
    for (const ProgrammeTask& one : plan.tasks) {
        if (one.id == id) return one;
    }
    throw std::invalid_argument("no task " + id);
}

TEST(PlannedPlan, ReadsLagsAndDeadlinesOfAnApplication) {
    const Plan plan = planned();
    const Application& shop = plan.applications.at(ApplicationId{"shop"});
    ASSERT_EQ(shop.dependencies.size(), 1U);
    const ApplicationUse& use = shop.dependencies.front();
    EXPECT_EQ(use.application, ApplicationId{"db"});
    EXPECT_TRUE(use.hard);
    EXPECT_EQ(use.at_least, Duration{2 * kDay});
    EXPECT_EQ(use.at_most, Duration{14 * kDay});
    EXPECT_EQ(to_string(use.place), "plan.yaml:46:13");
    EXPECT_EQ(shop.stale_after, Duration{7 * kDay});
    EXPECT_EQ(shop.seeding_bytes_per_second_max, 25'000'000U);
    EXPECT_EQ(shop.not_before->day, "2024-04-01");
    ASSERT_TRUE(shop.deadline);
    EXPECT_EQ(shop.deadline->by.day, "2024-10-01");
    EXPECT_EQ(shop.deadline->pence_per_day, 50'000);
    EXPECT_EQ(to_string(shop.deadline->place), "plan.yaml:51:5");
    EXPECT_EQ(shop.environment, Environment::kTest);
    EXPECT_THAT(shop.takes, ElementsAre(Pair("racks", 2)));
    EXPECT_THAT(shop.frees, ElementsAre(Pair("racks", 1)));
    EXPECT_EQ(shop.hypercare->duration, Duration{3 * kDay});
    EXPECT_EQ(shop.decommission->after, Duration{14 * kDay});
    EXPECT_EQ(shop.decommission->calendar, "access");
    EXPECT_EQ(plan.currency, "GBP");
}

TEST(PlannedPlan, ReadsWaysInTheOrderInWhichTheyAreWritten) {
    const Plan plan = planned();
    const Application& shop = plan.applications.at(ApplicationId{"shop"});
    ASSERT_EQ(shop.ways.size(), 2U);
    EXPECT_EQ(shop.ways[0].name, "replicate");
    EXPECT_FALSE(shop.ways[0].duration || shop.ways[0].resources || shop.ways[0].seeding);
    const Way& physical = shop.ways[1];
    EXPECT_EQ(physical.name, "physical");
    EXPECT_EQ(physical.duration, Duration{hours{3}});
    EXPECT_EQ(physical.outage, Duration{hours{2}});
    EXPECT_EQ(physical.seeding, Duration{0});
    EXPECT_EQ(physical.cost, 120'000);
    EXPECT_EQ(physical.runbook, "move");
    EXPECT_THAT(*physical.resources, ElementsAre(Pair("network", 2)));
    const std::vector<Way>& own = shop.components.front().ways;
    ASSERT_EQ(own.size(), 2U);
    EXPECT_TRUE(own[0].upgrades);
    EXPECT_EQ(own[0].site, SiteId{"far"});
    EXPECT_TRUE(own[1].retires);
}

TEST(PlannedPlan, ReadsWhatIsScarceAndWhatIsUsedUp) {
    const Plan plan = planned();
    EXPECT_THAT(plan.resources, ElementsAre(Pair("dba", 3), Pair("network", 2)));
    const auto& changes = plan.resource_changes.at("dba");
    ASSERT_EQ(changes.size(), 2U);
    EXPECT_FALSE(changes[0].from);
    EXPECT_EQ(changes[0].count, 1);
    EXPECT_EQ(changes[1].from->day, "2024-09-01");
    const Stock& racks = plan.stocks.at("racks");
    EXPECT_EQ(racks.level, 4);
    ASSERT_EQ(racks.deliveries.size(), 1U);
    EXPECT_EQ(racks.deliveries[0].amount, 12);
    EXPECT_EQ(racks.deliveries[0].what, "second cabinet");
    EXPECT_EQ(plan.stocks.at("cores").counts, StockCounts::kCpus);
    EXPECT_EQ(plan.equipment.at("san").moves_at_once, 2);
    EXPECT_TRUE(plan.equipment.at("chassis").moves_whole);
    EXPECT_THAT(plan.hosts.at(HostId{"old-b"}).equipment, ElementsAre("san", "chassis"));
    EXPECT_EQ(plan.sites.at(SiteId{"old"}).overrun_pence_per_day, 400'000);
    EXPECT_EQ(plan.sites.at(SiteId{"old"}).moves_at_once, 8);
    EXPECT_EQ(plan.services.at(ServiceId{"web"}).outage_used.at("2024-03"), Duration{minutes{12}});
    EXPECT_EQ(plan.services.at(ServiceId{"web"}).deadline->pence_per_day, 9'950);
}

TEST(PlannedPlan, ReadsTasksCohortsAndWaves) {
    const Plan plan = planned();
    const ProgrammeTask& lines = task(plan, "lines");
    EXPECT_EQ(lines.kind, "milestone");
    EXPECT_EQ(lines.pence_per_day, 100'000);
    ASSERT_EQ(lines.needs.size(), 1U);
    EXPECT_EQ(lines.needs[0].task, "order");
    EXPECT_EQ(lines.needs[0].at_most, Duration{60 * kDay});
    EXPECT_EQ(task(plan, "order").duration, Duration{20 * kDay});
    EXPECT_EQ(task(plan, "order").calendar, "access");
    EXPECT_EQ(task(plan, "told").done, "2024-03-01");
    EXPECT_EQ(task(plan, "empty").sites.front().name, "old");
    const Cohort& clients = plan.cohorts.at("clients");
    EXPECT_EQ(clients.count, 2280);
    EXPECT_EQ(clients.done, 400);
    EXPECT_EQ(clients.at_once, 2);
    EXPECT_EQ(plan.links.front().task, "lines");
    ASSERT_EQ(plan.waves.size(), 1U);
    EXPECT_TRUE(plan.waves[0].frozen);
    EXPECT_EQ(to_unix_ms(*plan.waves[0].at), 1712685600000);
    EXPECT_EQ(plan.scheduling.wave_hosts_max, 20);
    EXPECT_TRUE(plan.scheduling.small_first && plan.scheduling.non_production_first);
}

TEST(PlannedPlan, ReadsHolidaysAndImportedEventsOfACalendar) {
    const Plan plan = planned();
    const Calendar& evenings = plan.calendars.at("evenings");
    EXPECT_THAT(evenings.holidays, ElementsAre("2024-12-25"));
    ASSERT_EQ(evenings.events.size(), 1U);
    EXPECT_EQ(evenings.events[0].days->first, "2024-05-06");
    EXPECT_EQ(evenings.events[0].summary, "Early May bank holiday");
    EXPECT_EQ(to_string(evenings.events[0].place), "holidays.ics:3:1");
}

TEST(PlannedPlan, ANumberAloneIsAResourceAsBefore) {
    EXPECT_EQ(planned().resource_changes.count("network"), 0U);
}

TEST(PlannedPlan, TellsWhichFilesItImports) {
    EXPECT_THAT(imports_of(planned_plan().plans.front()),
                ElementsAre(Include{"holidays.ics", {"plan.yaml", 28, 13}}));
    EXPECT_THAT(imports_of(small_plan().plans.front()), IsEmpty());
}

TEST(Compliance, ListsUnsupportedHostsByOwnerWithWhatMendsThem) {
    PlanSources sources = planned_plan();
    sources = spoil(sources, {"",
                              "plan.yaml",
                              "  new-b: {site: new, cpus: 4}\n",
                              "  new-b: {site: new, cpus: 4}\n  spare: {site: old, os: windows-2003}\n",
                              {}});
    const std::vector<ComplianceLine> found = compliance_lines(parse(sources).plan);
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].owner, "");
    EXPECT_EQ(found[0].host, HostId{"spare"});
    EXPECT_TRUE(found[0].application.empty());
    EXPECT_EQ(found[1].owner, "lewisham");
    EXPECT_EQ(found[1].host, HostId{"old-b"});
    EXPECT_EQ(found[1].reason, "windows-2003 is unsupported, plan.yaml:4:15");
    EXPECT_THAT(found[1].ways, ElementsAre("rebuild", "give-up"));
}

// Its steps on the target are steps on the source.
TEST(PlannedPlan, WhatIsOnlyRetiredNeedsNoTargets) {
    PlanSources sources = planned_plan();
    sources = spoil(sources, {"", "plan.yaml", "        to: {new-b: new}\n", "", {}});
    sources =
        spoil(sources, {"",
                        "plan.yaml",
                        "          rebuild: {upgrades: true, duration: 2h, calendar: access, site: far}\n",
                        "",
                        {}});
    const ParseOutcome outcome = parse(sources);
    EXPECT_THAT(lines(outcome), IsEmpty());
    const Component& app = outcome.plan.applications.at(ApplicationId{"shop"}).components.front();
    ASSERT_EQ(app.targets.size(), 1U);
    EXPECT_EQ(app.targets.front().host, HostId{"old-b"});
    EXPECT_EQ(app.targets.front().site, SiteId{"old"});
}

TEST(PlannedPlan, AWaysRunbookTakesTheComponentsParameters) {
    PlanSources sources = spoil(
        planned_plan(), {"", "plan.yaml", "network: 2}, runbook: move}", "network: 2}, runbook: lift}", {}});
    sources.plans.front().text +=
        "  lift:\n    params: {lorry: required}\n    steps: [{id: go, phase: prepare, manual: drive}]\n";
    sources = spoil(sources, {"",
                              "plan.yaml",
                              "        ways:\n          rebuild: {upgrades: true, duration: 2h, calendar: "
                              "access, site: far}\n          give-up: {retires: true, duration: 30min}\n",
                              "",
                              {}});
    sources = spoil(sources, {"", "plan.yaml", "os: windows-2003", "os: debian-9", {}});
    EXPECT_THAT(
        lines(parse(sources)),
        ElementsAre(
            "plan.yaml:60:7: error E018: component 'shop/app': runbook 'lift' of way 'physical' wants "
            "parameter 'lorry'"));
    sources = spoil(sources, {"", "plan.yaml", "tree: /srv/app}", "tree: /srv/app, lorry: red}", {}});
    EXPECT_THAT(lines(parse(sources)), IsEmpty());
}

TEST(Compliance, RetiringCountsBeforeUpgrading) {
    Plan plan;
    Host host;
    host.compliance = {{"pci", "upgrade"}, {"psn", "retire"}};
    EXPECT_EQ(unsupported(plan, host)->remedy, Remedy::kRetire);
    host.compliance = {{"psn", "upgrade"}};
    EXPECT_EQ(unsupported(plan, host)->reason, "psn: upgrade");
    host.compliance = {{"psn", "certified"}};
    EXPECT_FALSE(unsupported(plan, host));
}

}  // namespace
}  // namespace ararat::planning::testing
