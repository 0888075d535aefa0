#include "planning/schedule.h"

#include <gmock/gmock.h>

#include "support/estate_builder.h"
#include "support/schedule_checker.h"

namespace ararat::planning {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using testing::EstateBuilder;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::utc;
using testing::violations;

const Instant kMonday = utc(2017, 10, 2, 9);

Schedule scheduled(const EstateBuilder& estate, const ScheduleOptions& options = {},
                   Instant as_of = kMonday) {
    auto schedule = make_schedule(estate.plan, as_of, options);
    if (!schedule.ok()) {
        ADD_FAILURE() << schedule.error().message;
        return {};
    }
    EXPECT_THAT(violations(estate.plan, as_of, options, *schedule), IsEmpty());
    return std::move(schedule).value();
}

// Faults of a plan that is well-formed and has no schedule.
std::string refused(const EstateBuilder& estate, const ScheduleOptions& options = {},
                    ErrorCode code = ErrorCode::kFailedPrecondition) {
    const auto schedule = make_schedule(estate.plan, kMonday, options);
    if (schedule.ok()) {
        ADD_FAILURE() << "a schedule was made";
        return {};
    }
    EXPECT_EQ(schedule.error().code, code);
    return schedule.error().message;
}

// Faults of a plan that contradicts itself.
std::string faults_of(const EstateBuilder& estate) {
    return refused(estate, {}, ErrorCode::kInvalidArgument);
}

std::vector<std::string> waves_of(const Schedule& schedule) {
    std::vector<std::string> lines;
    for (const Wave& wave : schedule.waves) {
        std::string line = wave.id.str() + ":";
        for (const MoveGroupId& group : wave.groups) line += " " + group.str();
        lines.push_back(line);
    }
    return lines;
}

const Placement& placement_of(const Schedule& schedule, const std::string& group) {
    for (const Placement& placement : schedule.placements) {
        if (placement.group == MoveGroupId{group}) return placement;
    }
    ADD_FAILURE() << group << " is not placed";
    static const Placement none;
    return none;
}

TEST(Schedule, AnEmptyPlanHasNoWaves) { EXPECT_THAT(scheduled(EstateBuilder{}).waves, IsEmpty()); }

TEST(Schedule, WithoutCalendarsAllMoveInOneWaveInOrder) {
    EstateBuilder estate;
    estate.application("finance");
    estate.application("directory");
    estate.needs("finance", "directory");
    const auto schedule = scheduled(estate);
    EXPECT_THAT(waves_of(schedule), ElementsAre("wave-1: directory finance"));
    EXPECT_EQ(schedule.waves[0].window_start, kAnyTimeStart);
    EXPECT_EQ(schedule.waves[0].window_end, kAnyTimeEnd);
    EXPECT_EQ(schedule.waves[0].latest_start, kAnyTimeEnd);
    EXPECT_EQ(placement_of(schedule, "finance").start, placement_of(schedule, "directory").end);
    EXPECT_THAT(
        placement_of(schedule, "finance").reasons,
        Contains(
            "after move group directory, which ends at Mon 2017-10-02 09:30 UTC: finance needs directory "
            "(plan.yaml:10:3)"));
}

// Approvals bind to a wave's window: planning again must not void them where nothing has changed.
TEST(Schedule, WavesWithoutACalendarAreTheSameWheneverTheyArePlanned) {
    EstateBuilder estate;
    estate.application("finance");
    estate.application("directory");
    estate.needs("finance", "directory");
    estate.plan.resources["dba"] = 1;
    for (const char* name : {"a", "b"}) estate.application(name).resources["dba"] = 1;
    const auto waves_at = [&](Instant as_of) {
        std::vector<Wave> waves = scheduled(estate, {}, as_of).waves;
        for (Wave& wave : waves) wave.reasons.clear();  // words for people, with expected times
        return waves;
    };
    EXPECT_TRUE(waves_at(kMonday) == waves_at(kMonday + std::chrono::hours(24 * 90)));
}

TEST(Schedule, AWaveWithoutACalendarOpensWhenThePlanHasItsLink) {
    EstateBuilder estate;
    estate.application("files").data_bytes = 450'000'000'000;
    estate.plan.links[0].available_from = utc(2017, 10, 4);
    for (const Instant as_of : {kMonday, utc(2018, 3, 1)}) {
        const auto schedule = scheduled(estate, {}, as_of);
        EXPECT_EQ(schedule.waves[0].window_start, utc(2017, 10, 4));
        EXPECT_EQ(schedule.waves[0].window_end, kAnyTimeEnd);
    }
}

// What has no calendar may run in the restricted wave's window, too: the resource is asked for there.
TEST(Schedule, AScarceResourceOrdersAWaveWithoutACalendarAfterOneWithIt) {
    EstateBuilder estate;
    estate.calendar("evenings", {0}, 19 * 60, 23 * 60);
    estate.plan.resources["dba"] = 1;
    Application& early = estate.application("early");
    early.calendar = "evenings";
    early.priority = 1;
    early.resources["dba"] = 1;
    Application& late = estate.application("late");
    late.priority = 2;
    late.resources["dba"] = 1;
    estate.needs("late", "early");
    estate.plan.resources["dba"] = 1;
    const auto schedule = scheduled(estate, {.wave_hosts_max = 1});
    ASSERT_EQ(schedule.waves.size(), 2U);
    EXPECT_THAT(schedule.waves[1].after, ElementsAre(schedule.waves[0].id));
}

TEST(Schedule, GroupsWithOneWindowShareItsWave) {
    EstateBuilder estate;
    estate.calendar("evenings", {0, 2}, 19 * 60, 23 * 60).lockout = std::chrono::minutes(45);
    for (const char* name : {"a", "b"}) estate.application(name).calendar = "evenings";
    const auto schedule = scheduled(estate);
    EXPECT_THAT(waves_of(schedule), ElementsAre("wave-1: a b"));
    EXPECT_EQ(schedule.waves[0].window_start, utc(2017, 10, 2, 19));
    EXPECT_EQ(schedule.waves[0].window_end, utc(2017, 10, 2, 23));
    EXPECT_EQ(schedule.waves[0].latest_start, utc(2017, 10, 2, 22, 15));
    EXPECT_THAT(
        schedule.waves[0].reasons,
        ElementsAre("move group a: in the window Mon 2017-10-02 19:00-23:00 UTC of calendar evenings",
                    "move group b: in the window Mon 2017-10-02 19:00-23:00 UTC of calendar evenings"));
}

TEST(Schedule, WindowsAreThoseOfTheCalendarsTimeZone) {
    EstateBuilder estate;
    auto& calendar = estate.calendar("evenings", {0}, 19 * 60, 23 * 60);
    calendar.timezone = "Europe/London";
    Application& housing = estate.application("housing");
    housing.calendar = "evenings";
    const auto schedule = make_schedule(estate.plan, kMonday);
    ASSERT_TRUE(schedule.ok());
    EXPECT_EQ(schedule->waves[0].window_start, utc(2017, 10, 2, 18));
    EXPECT_THAT(
        schedule->waves[0].reasons,
        ElementsAre("move group housing: in the window Mon 2017-10-02 19:00-23:00 BST of calendar evenings"));
}

TEST(Schedule, ANeededGroupInALaterWindowPushesWhatNeedsIt) {
    EstateBuilder estate;
    estate.calendar("mondays", {0}, 19 * 60, 23 * 60);
    estate.calendar("tuesdays", {1}, 19 * 60, 23 * 60);
    estate.application("directory").calendar = "tuesdays";
    estate.application("housing").calendar = "mondays";
    estate.needs("housing", "directory");
    const auto schedule = scheduled(estate);
    EXPECT_THAT(waves_of(schedule), ElementsAre("wave-1: directory", "wave-2: housing"));
    EXPECT_THAT(schedule.waves[1].after, ElementsAre(WaveId{"wave-1"}));
    EXPECT_EQ(schedule.waves[1].window_start, utc(2017, 10, 9, 19));
}

TEST(Schedule, AFreezeIsNamedAsTheReason) {
    EstateBuilder estate;
    auto& calendar = estate.calendar("evenings", {0, 1, 2}, 19 * 60, 23 * 60);
    calendar.freezes.push_back({"2017-10-02", "2017-10-03"});
    estate.application("housing").calendar = "evenings";
    const auto schedule = scheduled(estate);
    EXPECT_EQ(schedule.waves[0].window_start, utc(2017, 10, 4, 19));
    EXPECT_THAT(placement_of(schedule, "housing").reasons,
                ElementsAre("in the window Wed 2017-10-04 19:00-23:00 UTC of calendar evenings",
                            "not earlier: calendar evenings: freeze 2017-10-02/2017-10-03"));
}

TEST(Schedule, NothingStartsInTheLockout) {
    EstateBuilder estate;
    estate.calendar("evenings", {0, 1}, 19 * 60, 23 * 60).lockout = std::chrono::minutes(45);
    estate.application("housing").calendar = "evenings";
    const auto schedule = scheduled(estate, {}, utc(2017, 10, 2, 22, 20));
    EXPECT_EQ(schedule.waves[0].window_start, utc(2017, 10, 3, 19));
    EXPECT_THAT(
        placement_of(schedule, "housing").reasons,
        Contains(
            "not earlier: the latest start in the window Mon 2017-10-02 19:00-23:00 UTC is Mon 2017-10-02 "
            "22:15 UTC"));
}

TEST(Schedule, ARunningWindowIsUsedFromNow) {
    EstateBuilder estate;
    estate.calendar("evenings", {0}, 19 * 60, 23 * 60);
    estate.application("housing").calendar = "evenings";
    const auto schedule = scheduled(estate, {}, utc(2017, 10, 2, 20));
    EXPECT_EQ(schedule.waves[0].window_start, utc(2017, 10, 2, 19));
    EXPECT_EQ(placement_of(schedule, "housing").start, utc(2017, 10, 2, 20));
}

// One database administrator: the second move waits in the same window for the first wave's end.
TEST(Schedule, ScarceResourcesMakeWavesFollowEachOther) {
    EstateBuilder estate;
    estate.calendar("evenings", {0}, 19 * 60, 23 * 60);
    estate.plan.resources["dba"] = 1;
    for (const char* name : {"a", "b"}) {
        Application& application = estate.application(name);
        application.calendar = "evenings";
        application.resources["dba"] = 1;
    }
    const auto schedule = scheduled(estate);
    EXPECT_THAT(waves_of(schedule), ElementsAre("wave-1: a", "wave-2: b"));
    EXPECT_THAT(schedule.waves[1].after, ElementsAre(WaveId{"wave-1"}));
    EXPECT_EQ(placement_of(schedule, "b").start, utc(2017, 10, 2, 19, 30));
    EXPECT_THAT(
        placement_of(schedule, "b").reasons,
        Contains(
            "not earlier: at Mon 2017-10-02 19:00 UTC resource dba has 1 of 1 taken, and 1 more would be "
            "needed"));
}

TEST(Schedule, PriorityDecidesWhoGoesFirst) {
    EstateBuilder estate;
    estate.plan.resources["dba"] = 1;
    estate.application("a").resources["dba"] = 1;
    estate.application("b").resources["dba"] = 1;
    estate.application("c");
    estate.plan.applications.at(ApplicationId{"b"}).priority = 1;
    EXPECT_THAT(waves_of(scheduled(estate)), ElementsAre("wave-1: b c", "wave-2: a"));
}

// b is the least urgent itself, but c, the most urgent, needs it.
TEST(Schedule, WhatIsNeededInheritsPriority) {
    EstateBuilder estate;
    estate.plan.resources["dba"] = 1;
    estate.application("a").resources["dba"] = 1;
    estate.application("b").resources["dba"] = 1;
    estate.application("c");
    estate.needs("c", "b");
    estate.plan.applications.at(ApplicationId{"c"}).priority = 1;
    estate.plan.applications.at(ApplicationId{"b"}).priority = 9;
    EXPECT_THAT(waves_of(scheduled(estate)), ElementsAre("wave-1: b c", "wave-2: a"));
}

TEST(Schedule, AWavesSizeIsCapped) {
    EstateBuilder estate;
    for (const char* name : {"a", "b", "c"}) estate.application(name);
    ScheduleOptions options;
    options.wave_hosts_max = 2;
    const auto schedule = scheduled(estate, options);
    EXPECT_THAT(waves_of(schedule), ElementsAre("wave-1: a b", "wave-2: c"));
    EXPECT_THAT(placement_of(schedule, "c").reasons,
                Contains("not earlier: the wave at Mon 2017-10-02 09:00 UTC would have more than 2 hosts"));
}

TEST(Schedule, ATooLargeGroupIsReportedWithTheCutThatWouldHelp) {
    EstateBuilder estate;
    for (const char* name : {"a", "b"}) estate.application(name);
    estate.needs("a", "b").needs("b", "a");
    ScheduleOptions options;
    options.wave_hosts_max = 1;
    EXPECT_EQ(
        refused(estate, options),
        "plan.yaml:6:3: error E026: proved: move group a has 2 hosts, and a wave takes 1; it moves as one "
        "because a, b "
        "need each other: a needs b (plan.yaml:10:3), b needs a (plan.yaml:11:3); the cheapest way to "
        "move them "
        "apart is to give up: a needs b (plan.yaml:10:3)");
}

// ---- pairs ----

TEST(Schedule, PairedApplicationsMoveInWavesThatFollowEachOther) {
    EstateBuilder estate;
    estate.application("dc1", {"primary"});
    estate.application("dc2", {"secondary"});
    estate.pairs("dc1", "dc2");
    const auto schedule = scheduled(estate);
    EXPECT_THAT(waves_of(schedule), ElementsAre("wave-1: dc1", "wave-2: dc2"));
    EXPECT_THAT(schedule.waves[1].after, ElementsAre(WaveId{"wave-1"}));
    EXPECT_THAT(
        placement_of(schedule, "dc2").reasons,
        Contains("not earlier: move group dc1 moves at Mon 2017-10-02 09:00 UTC and dc1 pairs-with dc2 "
                 "(plan.yaml:10:3)"));
}

TEST(Schedule, PairedApplicationsMayNotLandOnOneSite) {
    EstateBuilder estate;
    estate.application("dc1");
    estate.application("dc2");
    estate.pairs("dc1", "dc2");
    EXPECT_EQ(faults_of(estate),
              "plan.yaml:10:3: error E016: dc1 pairs with dc2, but both would land on site primary: dc1 "
              "(plan.yaml:6:3), dc2 "
              "(plan.yaml:8:3)");
}

TEST(Schedule, PairedApplicationsThatMustMoveTogetherAreAContradiction) {
    EstateBuilder estate;
    estate.application("dc1", {"primary"});
    estate.application("dc2", {"secondary"});
    estate.pairs("dc1", "dc2").together({"dc1", "dc2"}, "one chassis");
    EXPECT_THAT(faults_of(estate),
                HasSubstr("plan.yaml:10:3: error E016: dc1 pairs with dc2 and must move apart, but they must "
                          "move together: the plan moves dc1, dc2 together: one chassis "
                          "(plan.yaml:11:3)"));
}

TEST(Schedule, HalvesOfASpreadComponentTakeTurnsBySite) {
    EstateBuilder estate;
    Application& housing = estate.application("housing", {"primary", "secondary", "primary", "secondary"});
    housing.components[0].pairs = PairRule::kSpread;
    const auto schedule = scheduled(estate);
    ASSERT_EQ(schedule.pair_turns.size(), 1U);
    EXPECT_EQ(schedule.pair_turns[0].component, "web");
    EXPECT_THAT(schedule.pair_turns[0].turns,
                ElementsAre(ElementsAre(HostId{"housing-1"}, HostId{"housing-3"}),
                            ElementsAre(HostId{"housing-2"}, HostId{"housing-4"})));
}

TEST(Schedule, HalvesOfASpreadComponentMayNotLandOnOneSite) {
    EstateBuilder estate;
    Application& housing = estate.application("housing", {"primary", "primary"});
    housing.components[0].pairs = PairRule::kSpread;
    EXPECT_EQ(faults_of(estate),
              "plan.yaml:7:3: error E016: housing/web is to be spread (pairs: spread), but housing-1 (to "
              "new-housing-1) and "
              "housing-2 (to new-housing-2) would both land on site primary; move one of them elsewhere");
}

// ---- links ----

// 62.5 MB/s carry 450 GB in two hours.
TEST(Schedule, DataMustBeSeededBeforeTheWindow) {
    EstateBuilder estate;
    estate.calendar("noons", {0, 1}, 10 * 60, 14 * 60);
    Application& files = estate.application("files");
    files.calendar = "noons";
    files.data_bytes = 450'000'000'000;
    const auto schedule = scheduled(estate);
    EXPECT_EQ(placement_of(schedule, "files").start, utc(2017, 10, 2, 11));
    ASSERT_EQ(placement_of(schedule, "files").seeding.size(), 1U);
    EXPECT_EQ(placement_of(schedule, "files").seeding[0].end, utc(2017, 10, 2, 11));
    EXPECT_THAT(
        placement_of(schedule, "files").reasons,
        Contains(
            "not earlier: link ark-primary cannot carry it in time: seeding 419.1 GiB takes it for 2h, and "
            "all that must be there by Mon 2017-10-02 10:00 UTC for 2h"));
}

TEST(Schedule, MovesShareALink) {
    EstateBuilder estate;
    estate.calendar("evenings", {0, 1}, 19 * 60, 20 * 60);
    for (const char* name : {"a", "b"}) {
        Application& application = estate.application(name);
        application.calendar = "evenings";
        application.data_bytes = 1'800'000'000'000;  // eight hours; both until 01:00
    }
    EXPECT_THAT(waves_of(scheduled(estate)), ElementsAre("wave-1: a", "wave-2: b"));
    estate.plan.links[0].usable_percent = 100;
    EXPECT_THAT(waves_of(scheduled(estate)), ElementsAre("wave-1: a b"));
}

TEST(Schedule, ALinkMustBeThere) {
    EstateBuilder estate;
    estate.application("files").data_bytes = 450'000'000'000;
    estate.plan.links[0].available_from = utc(2017, 10, 4);
    const auto schedule = scheduled(estate);
    EXPECT_EQ(placement_of(schedule, "files").start, utc(2017, 10, 4, 2));
    EXPECT_THAT(
        placement_of(schedule, "files").reasons,
        Contains(
            "not before Wed 2017-10-04 00:00 UTC: the link from ark to primary is available only from then "
            "(plan.yaml:4:3)"));
    estate.plan.links.erase(estate.plan.links.begin());
    EXPECT_EQ(
        faults_of(estate),
        "plan.yaml:6:3: error E016: files has 419.1 GiB to move, but there is no link from ark to primary");
}

TEST(Schedule, DataThatChangesFasterThanTheLinkNeverArrives) {
    EstateBuilder estate;
    estate.application("files").data_bytes = 1;
    estate.plan.hosts.at(HostId{"files-1"}).change_bytes_per_hour = 225'000'000'000;
    EXPECT_EQ(
        faults_of(estate),
        "plan.yaml:6:3: error E016: seeding files would never end: its hosts change 209.5 GiB an hour, and "
        "the link from "
        "ark to primary can use 209.5 GiB an hour (plan.yaml:4:3)");
}

// ---- no solution ----

TEST(Schedule, AContractsEndThatNoOrderCanKeepIsProved) {
    EstateBuilder estate;
    estate.calendar("mondays", {0}, 19 * 60, 23 * 60);
    estate.application("directory").calendar = "mondays";
    estate.application("housing").calendar = "mondays";
    estate.needs("housing", "directory");
    estate.plan.applications.at(ApplicationId{"directory"}).expected_duration = std::chrono::hours(4);
    estate.plan.sites.at(SiteId{"ark"}).contract_end = "2017-10-08";
    EXPECT_EQ(
        refused(estate),
        "plan.yaml:9:3: error E026: proved: move group housing cannot be over before Mon 2017-10-09 19:30 "
        "UTC, and the "
        "contract of ark ends on 2017-10-08 (plan.yaml:1:3); housing needs directory (plan.yaml:11:3), "
        "and move "
        "group directory cannot be over before Mon 2017-10-02 23:00 UTC");
}

// Priority alone would let a take the only evening before b's contract ends.
TEST(Schedule, ALateGroupIsLiftedBeforeOthers) {
    EstateBuilder estate;
    estate.calendar("mondays", {0}, 19 * 60, 20 * 60);
    estate.plan.resources["dba"] = 1;
    for (const char* name : {"a", "b"}) {
        Application& application = estate.application(name);
        application.calendar = "mondays";
        application.resources["dba"] = 1;
        application.expected_duration = std::chrono::minutes(60);
    }
    estate.plan.applications.at(ApplicationId{"a"}).priority = 1;
    Site old = estate.plan.sites.at(SiteId{"ark"});
    old.id = SiteId{"old"};
    old.contract_end = "2017-10-08";
    estate.plan.sites[SiteId{"old"}] = old;
    estate.plan.hosts.at(HostId{"b-1"}).site = SiteId{"old"};
    EXPECT_THAT(waves_of(scheduled(estate)), ElementsAre("wave-1: b", "wave-2: a"));
    ScheduleOptions options;
    options.repairs_max = 0;
    EXPECT_EQ(
        refused(estate, options),
        "plan.yaml:9:3: error E027: not found: no moment for move group b (1 order tried); not earlier: at "
        "Mon "
        "2017-10-02 19:00 UTC resource dba has 1 of 1 taken, and 1 more would be needed; not earlier: "
        "from Mon 2017-10-09 19:00 UTC it would end at Mon 2017-10-09 20:00 UTC, and the contract of old "
        "ends on 2017-10-08 (plan.yaml:1:3)");
}

TEST(Schedule, AWindowTooShortIsProved) {
    EstateBuilder estate;
    estate.calendar("lunch", {0}, 12 * 60, 12 * 60 + 20);
    estate.application("housing").calendar = "lunch";
    EXPECT_EQ(refused(estate),
              "plan.yaml:7:3: error E026: proved: move group housing takes 30min, and the longest window of "
              "calendar lunch is "
              "20min");
}

TEST(Schedule, CalendarsThatNeverMeetAreProved) {
    EstateBuilder estate;
    estate.calendar("mondays", {0}, 19 * 60, 23 * 60);
    estate.calendar("tuesdays", {1}, 19 * 60, 23 * 60);
    estate.application("a").calendar = "mondays";
    estate.application("b").calendar = "tuesdays";
    estate.together({"a", "b"}, "one chassis");
    EXPECT_EQ(
        refused(estate),
        "plan.yaml:8:3: error E026: proved: move group a: no window of all of the calendars mondays and "
        "tuesdays within 730 days");
}

TEST(Schedule, ADemandBeyondCapacityIsProved) {
    EstateBuilder estate;
    estate.plan.resources["dba"] = 1;
    estate.application("a").resources["dba"] = 2;
    estate.application("b").resources["network"] = 1;
    EXPECT_EQ(
        refused(estate),
        "plan.yaml:6:3: error E026: proved: move group a asks for 2 of resource dba, and the plan has 1\n"
        "plan.yaml:8:3: error E026: proved: move group b asks for 1 of resource network, and the plan has 0");
}

TEST(Schedule, AnApplicationThatNeedsItselfIsAFault) {
    EstateBuilder estate;
    estate.application("a");
    estate.needs("a", "a");
    EXPECT_EQ(faults_of(estate), "plan.yaml:8:3: error E016: application a needs itself");
}

TEST(Schedule, ALockoutAsLongAsTheWindowIsAFault) {
    EstateBuilder estate;
    estate.calendar("lunch", {0}, 12 * 60, 13 * 60).lockout = std::chrono::minutes(60);
    estate.application("a").calendar = "lunch";
    EXPECT_EQ(
        faults_of(estate),
        "plan.yaml:6:3: error E016: calendar lunch has a lockout of 1h, which leaves nothing of its window "
        "12:00-13:00");
}

// What is written wrong is mended first: the exit code must not say that the plan is right.
TEST(Schedule, AFaultOfTheInputOutweighsWhatIsProved) {
    EstateBuilder estate;
    estate.application("a").resources["dba"] = 2;
    estate.pin("empty", {});
    EXPECT_EQ(
        faults_of(estate),
        "plan.yaml:6:3: error E026: proved: move group a asks for 2 of resource dba, and the plan has 0\n"
        "plan.yaml:8:3: error E016: wave empty has no applications");
}

// ---- pins ----

TEST(Schedule, PinnedWavesKeepNameMembersAndOrder) {
    EstateBuilder estate;
    for (const char* name : {"a", "b", "c", "d"}) estate.application(name);
    estate.pin("wave-1", {"b"}).start_auto = true;
    estate.pin("pilot", {"d"}).after.push_back(WaveId{"wave-1"});
    const auto schedule = scheduled(estate);
    EXPECT_THAT(waves_of(schedule), ElementsAre("wave-2: a c", "wave-1: b", "pilot: d"));
    EXPECT_TRUE(schedule.waves[1].start_auto);
    EXPECT_FALSE(schedule.waves[2].start_auto);
    EXPECT_THAT(schedule.waves[2].after, ElementsAre(WaveId{"wave-1"}));
    EXPECT_THAT(
        schedule.waves[2].reasons,
        Contains("pinned wave pilot: after pinned wave wave-1, which ends at Mon 2017-10-02 09:30 UTC: wave "
                 "pilot is after wave wave-1 (plan.yaml:15:3)"));
}

TEST(Schedule, APinTakesItsApplicationsWholeGroup) {
    EstateBuilder estate;
    for (const char* name : {"a", "b"}) estate.application(name);
    estate.together({"a", "b"}, "").pin("pilot", {"b"});
    EXPECT_THAT(waves_of(scheduled(estate)), ElementsAre("pilot: a"));
}

TEST(Schedule, PinsMayNotTearAGroupApartNorShareAnApplication) {
    EstateBuilder estate;
    for (const char* name : {"a", "b"}) estate.application(name);
    estate.together({"a", "b"}, "one chassis").pin("first", {"a"});
    estate.pin("second", {"b"});
    EXPECT_EQ(faults_of(estate),
              "plan.yaml:12:3: error E016: wave second takes b and wave first (plan.yaml:11:3) takes a, "
              "which must move "
              "together: the plan moves a, b together: one chassis (plan.yaml:10:3)");
    EstateBuilder twice;
    twice.application("a");
    twice.pin("first", {"a"});
    twice.pin("second", {"a"});
    EXPECT_EQ(faults_of(twice),
              "plan.yaml:9:3: error E016: application a is in wave second and in wave first (plan.yaml:8:3)");
}

TEST(Schedule, PinsThatWaitForEachOtherAreACycle) {
    EstateBuilder estate;
    for (const char* name : {"a", "b", "c"}) estate.application(name);
    estate.needs("a", "b").needs("b", "c").pin("first", {"a", "c"});
    estate.pin("second", {"b"});
    EXPECT_EQ(faults_of(estate),
              "plan.yaml:14:3: error E019: pinned wave first and pinned wave second wait for each other: "
              "a needs b "
              "(plan.yaml:12:3), b needs c (plan.yaml:13:3)");
}

TEST(Schedule, APinsCalendarNarrowsThoseOfItsApplications) {
    EstateBuilder estate;
    estate.calendar("evenings", {0, 1, 2}, 19 * 60, 23 * 60);
    estate.calendar("wednesdays", {2}, 20 * 60, 24 * 60).lockout = std::chrono::minutes(90);
    estate.application("a").calendar = "evenings";
    estate.pin("pilot", {"a"}).calendar = "wednesdays";
    const auto schedule = scheduled(estate);
    EXPECT_EQ(schedule.waves[0].window_start, utc(2017, 10, 4, 20));
    EXPECT_EQ(schedule.waves[0].window_end, utc(2017, 10, 4, 23));
    EXPECT_EQ(schedule.waves[0].latest_start, utc(2017, 10, 4, 22, 30));
}

// ---- for people ----

TEST(Schedule, NotesTellAssumptionsAndCutSoftDependencies) {
    EstateBuilder estate;
    estate.calendar("evenings", {0}, 19 * 60, 23 * 60);
    estate.application("a").calendar = "evenings";
    estate.application("b").expected_duration.reset();
    estate.uses("a", "b");
    EXPECT_THAT(scheduled(estate).notes,
                ElementsAre("the plan does not say how long these take to cut over, 15min each is assumed: b",
                            "a uses b (plan.yaml:11:3), but they move apart: a in wave-2, b in wave-1"));
}

TEST(Schedule, TheCriticalPathIsTheLongestChainOfGroups) {
    EstateBuilder estate;
    for (const char* name : {"a", "b", "c", "d"}) estate.application(name);
    estate.needs("b", "a").needs("c", "b").needs("b", "c");
    estate.plan.applications.at(ApplicationId{"c"}).expected_duration = std::chrono::minutes(50);
    const auto schedule = scheduled(estate);
    ASSERT_EQ(schedule.critical_path.size(), 2U);
    EXPECT_EQ(schedule.critical_path[0].group, MoveGroupId{"a"});
    EXPECT_EQ(schedule.critical_path[1].group, MoveGroupId{"b"});
    EXPECT_EQ(schedule.critical_path[1].expected, std::chrono::minutes(50));
    EXPECT_EQ(schedule.critical_duration, std::chrono::minutes(80));
}

TEST(Schedule, ExplainTellsGroupAndPlacement) {
    EstateBuilder estate;
    for (const char* name : {"a", "b"}) estate.application(name);
    estate.together({"a", "b"}, "one chassis");
    const auto schedule = scheduled(estate);
    EXPECT_THAT(explain(schedule, ApplicationId{"b"}),
                ElementsAre("b moves in wave-1 with move group a",
                            "the plan moves a, b together: one chassis (plan.yaml:10:3)",
                            "no calendar restricts it"));
    EXPECT_THAT(explain(schedule, ApplicationId{"z"}), IsEmpty());
}

}  // namespace
}  // namespace ararat::planning
