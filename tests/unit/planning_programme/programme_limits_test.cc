// From a plan's text to the programme: calendars, resources, budgets, and what cannot be.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/planning/source_builder.h"
#include "tests/unit/planning_programme/plan_text.h"

namespace ararat::planning::testing {
namespace {

using scheduler::kNone;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// "0: 1, 720: 3"
std::string steps(const ProgrammeProblem& problem, const std::string& text) {
    for (std::size_t i = 0; i < problem.resources.size(); ++i) {
        if (problem.resources[i].text != text) continue;
        std::string shown;
        for (const scheduler::CapacityStep& step : problem.programme.resources[i].steps) {
            shown += (shown.empty() ? "" : ", ") + std::to_string(step.from) + ": " +
                     std::to_string(step.capacity);
        }
        return shown;
    }
    return "no such resource";
}

// The first windows of a calendar as "540-780/735".
std::vector<std::string> windows(const ProgrammeProblem& problem, std::int32_t calendar, std::size_t most) {
    std::vector<std::string> texts;
    for (const scheduler::OpenTime& open :
         problem.programme.calendars.at(static_cast<std::size_t>(calendar)).windows) {
        if (texts.size() == most) break;
        texts.push_back(std::to_string(open.start) + "-" + std::to_string(open.end) + "/" +
                        std::to_string(open.latest_start));
    }
    return texts;
}

// ---- calendars ----

// As of Monday 10:00 in winter time.
TEST(ProgrammeLimits, ACalendarsWindowsAreMinutesWithTheirLatestStart) {
    PlanText plan;
    plan.add("calendars",
             "evenings: {windows: \"Mon-Thu 19:00-23:00\", lockout: 45min, holidays: [2024-03-05]}");
    const ProgrammeProblem problem = plan.application("a", {"calendar: evenings"}).programme();
    const std::int32_t calendar = way(problem, "cutover of move group a").calendar;
    EXPECT_THAT(windows(problem, calendar, 2), ElementsAre("540-780/735", "3420-3660/3615"));
    const CalendarOrigin& origin = problem.calendars[static_cast<std::size_t>(calendar)];
    EXPECT_EQ(origin.text, "calendar evenings");
    EXPECT_EQ(to_string(origin.place), "plan.yaml:15:3");
    ASSERT_FALSE(origin.windows.closed.empty());
    EXPECT_EQ(origin.windows.closed.front().why, "calendar evenings: holiday 2024-03-05");
}

// The clocks go forward on the 31st: the Monday after begins an hour earlier.
TEST(ProgrammeLimits, WindowsFollowTheClocks) {
    PlanText plan;
    plan.add("calendars", "nights: {windows: \"Mon 19:00-23:00\"}");
    const ProgrammeProblem problem = plan.application("a", {"calendar: nights"}).programme();
    const auto found = windows(problem, way(problem, "cutover of move group a").calendar, 5);
    EXPECT_THAT(found, ElementsAre("540-780/780", "10620-10860/10860", "20700-20940/20940",
                                   "30780-31020/31020", "40800-41040/41040"));
}

// An application's, its service's, both sites', its way's and its wave's are all kept.
TEST(ProgrammeLimits, CalendarsOfEveryOwnerAreIntersected) {
    PlanText plan;
    plan.add("sites", "old: {role: source, calendar: leaving}")
        .add("sites", "new: {role: target, calendar: coming}");
    plan.add("sites", "far: {role: target, calendar: never}");
    plan.add("services", "web: {calendar: served}");
    const std::map<std::string, std::string> hours = {{"leaving", "10:00-21:00"}, {"coming", "11:00-20:00"},
                                                      {"served", "12:00-19:00"},  {"own", "13:00-18:00"},
                                                      {"by-road", "14:00-17:00"}, {"wave", "15:00-16:30"},
                                                      {"never", "01:00-02:00"}};
    for (const auto& [name, times] : hours) {
        plan.add("calendars", name + ": {windows: \"Mon-Sun " + times + "\"}");
    }
    plan.add("waves", "- {name: first, applications: [a], calendar: wave}");
    const ProgrammeProblem problem = plan.application("a", {"service: web", "calendar: own",
                                                            "ways: {plain: {}, road: {calendar: by-road}}"})
                                         .programme();
    const std::int32_t plain = way(problem, "cutover of move group a", 0).calendar;
    const std::int32_t road = way(problem, "cutover of move group a", 1).calendar;
    EXPECT_THAT(windows(problem, plain, 1), ElementsAre("300-390/390"));
    EXPECT_EQ(problem.calendars[static_cast<std::size_t>(plain)].text,
              "calendars coming and leaving and own and served and wave");
    EXPECT_THAT(problem.calendars[static_cast<std::size_t>(road)].calendars, Contains("by-road"));
}

TEST(ProgrammeLimits, ACutoverThatFitsNoWindowHasNoSchedule) {
    PlanText plan;
    plan.add("calendars", "evenings: {windows: \"Mon-Thu 19:00-23:00\"}");
    plan.application("a", {"calendar: evenings", "duration: 5h"});
    EXPECT_EQ(plan.refusal(),
              "plan.yaml:5:3: error E026: proved: move group a takes 5h, and the longest window of "
              "calendar evenings is 4h");
}

// ---- resources ----

TEST(ProgrammeLimits, VacanciesAreFilledFromADate) {
    PlanText plan;
    plan.add("resources", "network: 2");
    plan.add("resources", "dba: [{count: 1}, {from: 2024-04-01, count: 3}]");
    plan.add("resources", "hired: [{from: 2024-03-05, count: 2}]");
    plan.add("resources", "there: [{from: 2024-01-01, count: 1}, {from: 2024-02-01, count: 4}]");
    const ProgrammeProblem problem = plan.application("a").programme();
    EXPECT_EQ(steps(problem, "resource network"), "0: 2");
    EXPECT_EQ(steps(problem, "resource dba"), "0: 1, 39660: 3") << "midnight in summer time";
    EXPECT_EQ(steps(problem, "resource hired"), "0: 0, 840: 2");
    EXPECT_EQ(steps(problem, "resource there"), "0: 4");
    EXPECT_EQ(to_string(problem.resources.front().place), "plan.yaml:18:3");
}

TEST(ProgrammeLimits, HostsOfASiteOrOfEquipmentMoveOnlySoManyAtOnce) {
    PlanText plan;
    plan.add("sites", "old: {role: source, moves_at_once: 8}")
        .add("sites", "new: {role: target, moves_at_once: 4}");
    plan.add("sites", "far: {role: target}");
    plan.add("equipment", "san: {kind: datastore, moves_at_once: 2}");
    plan.add("equipment", "esx: {kind: hypervisor}");
    plan.add("links", "- {from: old, to: new, bandwidth: 1 Gbit/s}");
    const ProgrammeProblem problem =
        plan.application("a", {"data: 9 GB"}, {}, 3, "equipment: [san, esx]").programme();
    for (const std::string name : {"seeding of move group a from old to new", "cutover of move group a"}) {
        const auto found = demands(problem, way(problem, name));
        EXPECT_THAT(found, Contains("moves at once of datastore san: 2")) << "all that it has";
        EXPECT_THAT(found, Contains("moves at once of site old: 3"));
        EXPECT_THAT(found, Contains("moves at once of site new: 3"));
    }
    EXPECT_EQ(steps(problem, "moves at once of site new"), "0: 4");
}

TEST(ProgrammeLimits, AWaveTakesSoManyHosts) {
    PlanText plan;
    plan.add("scheduling", "wave_hosts: 3").add("scheduling", "detail_waves: 2");
    const ProgrammeProblem problem = plan.application("a", {}, {}, 3).programme();
    EXPECT_EQ(steps(problem, "hosts that are cut over at once"), "0: 3");
    EXPECT_THAT(demands(problem, way(problem, "cutover of move group a")),
                ElementsAre("hosts that are cut over at once: 3"));
    EXPECT_EQ(problem.wave_hosts_max, 3);
    EXPECT_EQ(problem.detail_waves, 2);
    plan.application("b", {}, {}, 4);
    EXPECT_EQ(plan.refusal(),
              "plan.yaml:13:3: error E026: proved: move group b has 4 hosts, and a wave takes 3");
}

// ---- budgets ----

// March has 31 days, but 743 hours in London, of which 0.1% is 44.58 minutes; April's 43.2 are all there.
TEST(ProgrammeLimits, AnAvailabilityLeavesWholeMinutesOfAMonth) {
    PlanText plan;
    plan.add("services", "web: {availability: 99.9%, used: {2024-03: 12min}}");
    plan.add("services", "mail: {availability: 99%, used: {2024-04: 10h}}");
    plan.add("services", "fax: {owner: nobody}");
    const ProgrammeProblem problem = plan.application("a").programme();
    EXPECT_THAT(problem.services, ElementsAre(ServiceId{"mail"}, ServiceId{"web"}));
    const scheduler::Programme& programme = problem.programme;
    ASSERT_EQ(programme.month_starts.size(), 25U);
    EXPECT_EQ(programme.month_starts[0], 0);
    EXPECT_EQ(programme.month_starts[1], minute_of(problem, "2024-03-31T23:00:00Z"));
    EXPECT_EQ(problem.months[0], "2024-03");
    EXPECT_EQ(problem.months[10], "2025-01");
    EXPECT_EQ(programme.budgets[1].left.size(), 25U);
    EXPECT_EQ(programme.budgets[1].left[0], 32);
    EXPECT_EQ(programme.budgets[1].left[1], 43);
    EXPECT_EQ(programme.budgets[0].left[0], 445);
    EXPECT_EQ(programme.budgets[0].left[1], 0);
    EXPECT_EQ(programme.budgets[0].left[3], 432) << "June: 1% of 43,200 minutes exactly";
}

// ---- money and dates ----

TEST(ProgrammeLimits, ADateWithoutAPriceHoldsTheCutoverItself) {
    const ProgrammeProblem problem =
        PlanText().application("a", {"by: 2024-04-30", "not_before: 2024-04-02"}).programme();
    const scheduler::Job& cutover = job(problem, "cutover of move group a");
    EXPECT_EQ(cutover.due, minute_of(problem, "2024-04-30T23:00:00Z"));
    EXPECT_TRUE(cutover.due_is_hard);
    EXPECT_EQ(cutover.release, minute_of(problem, "2024-04-01T23:00:00Z"));
    EXPECT_EQ(problem.jobs.front().due->text, "application a is to be cut over by 2024-04-30");
    EXPECT_EQ(to_string(problem.jobs.front().due->place), "plan.yaml:7:5");
}

TEST(ProgrammeLimits, ADateWithAPriceIsAMilestoneThatCostsOnce) {
    PlanText plan;
    plan.add("services", "web: {by: 2024-04-30T12:00:00Z, price_per_day: 99.50 GBP}");
    const ProgrammeProblem problem =
        plan.application("a", {"service: web"}).application("b", {"service: web"}).programme();
    const scheduler::Job& moved = job(problem, "service web is moved");
    EXPECT_EQ(moved.kind, scheduler::JobKind::kTask);
    EXPECT_EQ(moved.due, minute_of(problem, "2024-04-30T12:00:00Z"));
    EXPECT_FALSE(moved.due_is_hard);
    EXPECT_EQ(moved.price_per_day, 9'950);
    EXPECT_THAT(lags(problem), ElementsAre("cutover of move group a -> service web is moved +0",
                                           "cutover of move group b -> service web is moved +0"));
    EXPECT_EQ(job(problem, "cutover of move group a").due, scheduler::kNoMinute);
}

TEST(ProgrammeLimits, AContractHoldsWhateverLeavesTheSiteLast) {
    PlanText plan;
    plan.add("sites", "old: {role: source, contract_end: 2025-02-28}").add("sites", "new: {role: target}");
    const ProgrammeProblem problem =
        plan.application("a").application("b", {"decommission: {duration: 1d}"}).programme();
    const scheduler::Minute end = minute_of(problem, "2025-03-01T00:00:00Z");
    EXPECT_EQ(job(problem, "cutover of move group a").due, end);
    EXPECT_EQ(job(problem, "cutover of move group b").due, scheduler::kNoMinute);
    EXPECT_EQ(job(problem, "decommission of move group b").due, end);
    EXPECT_EQ(problem.jobs.front().due->text, "the contract of old ends on 2025-02-28");
}

TEST(ProgrammeLimits, AContractThatCanBeOverrunIsPriced) {
    PlanText plan;
    plan.add("sites", "old: {role: source, contract_end: 2025-02-28, overrun_cost_per_day: 4000 GBP}");
    plan.add("sites", "new: {role: target}");
    const ProgrammeProblem problem = plan.application("a").programme();
    EXPECT_EQ(job(problem, "site old is empty").price_per_day, 400'000);
    EXPECT_FALSE(job(problem, "site old is empty").due_is_hard);
    EXPECT_EQ(job(problem, "cutover of move group a").due, scheduler::kNoMinute);
}

TEST(ProgrammeLimits, ThePlansOfTheProjectAllMakeAProgramme) {
    for (const std::string& name : example_plans()) {
        const Instant moment = as_of(name);
        const ParseOutcome outcome = parse(with_library(name, read_project_file(name)), moment);
        ASSERT_TRUE(outcome.ok()) << name;
        const auto problem = make_programme(outcome.plan, moment);
        ASSERT_TRUE(problem.ok()) << name << ": " << problem.error().message;
        EXPECT_EQ(problem->group_jobs.size(), problem->move_groups.groups.size()) << name;
        EXPECT_GE(problem->jobs.size(), problem->group_jobs.size()) << name;
    }
}

}  // namespace
}  // namespace ararat::planning::testing
