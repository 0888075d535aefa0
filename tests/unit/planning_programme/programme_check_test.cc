#include "planning/scheduler/programme_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/programme_in_words.h"

namespace ararat::planning::scheduler {
namespace {

using Kind = ProgrammeFaultKind;
using testing::ElementsAre;
using testing::IsEmpty;

// What is wrong without its words, so that tests can say it in a line.
struct Brief {
    Kind kind;
    std::vector<JobIndex> jobs;
    std::int32_t index;
    Minute at;
    std::int64_t over;
    friend bool operator==(const Brief&, const Brief&) = default;
    friend void PrintTo(const Brief& brief, std::ostream* out) {
        *out << "kind " << int{static_cast<std::uint8_t>(brief.kind)} << " index " << brief.index << " at "
             << brief.at << " over " << brief.over << " jobs " << testing::PrintToString(brief.jobs);
    }
};

std::vector<Brief> brief(const std::vector<ProgrammeFault>& faults) {
    std::vector<Brief> result;
    for (const ProgrammeFault& fault : faults)
        result.push_back({fault.kind, fault.jobs, fault.index, fault.at, fault.over});
    return result;
}

std::vector<Brief> faults_of(const ProgrammeInWords& builder, const std::vector<Minute>& start) {
    return brief(check_programme_times(builder.programme, starts(start)));
}

TEST(ProgrammeCheck, AnEmptyProgrammeIsKeptByAnEmptySchedule) {
    EXPECT_THAT(check_programme_times(Programme{}, ProgrammeTimes{}), IsEmpty());
}

TEST(ProgrammeCheck, TellsAScheduleOfAnotherShape) {
    ProgrammeInWords builder(100);
    builder.job(WayWords{.duration = 5});
    EXPECT_THAT(faults_of(builder, {}), ElementsAre(Brief{Kind::kShape, {}, kNone, kNoMinute, 0}));
    EXPECT_THAT(brief(check_programme_times(builder.programme, {{3}, {1}})),
                ElementsAre(Brief{Kind::kWay, {0}, 1, 3, 0}));
    EXPECT_THAT(brief(check_programme_times(builder.programme, {{3}, {-1}})),
                ElementsAre(Brief{Kind::kWay, {0}, -1, 3, 0}));
}

TEST(ProgrammeCheck, HoldsReleaseDeadlineAndHorizonToTheMinute) {
    ProgrammeInWords builder(100);
    builder.at(builder.job(WayWords{.duration = 10})).release = 20;
    builder.at(0).due = 60;
    EXPECT_THAT(faults_of(builder, {20}), IsEmpty());
    EXPECT_THAT(faults_of(builder, {50}), IsEmpty());
    EXPECT_THAT(faults_of(builder, {19}), ElementsAre(Brief{Kind::kRelease, {0}, kNone, 19, 1}));
    EXPECT_THAT(faults_of(builder, {51}), ElementsAre(Brief{Kind::kDeadline, {0}, kNone, 61, 1}));
    builder.at(0).due_is_hard = false;
    EXPECT_THAT(faults_of(builder, {90}), IsEmpty());
    EXPECT_THAT(faults_of(builder, {93}), ElementsAre(Brief{Kind::kHorizon, {0}, kNone, 103, 3}));
    builder.at(0).release = -50;
    EXPECT_THAT(faults_of(builder, {-2}), ElementsAre(Brief{Kind::kRelease, {0}, kNone, -2, 2}));
}

TEST(ProgrammeCheck, HoldsAJobToItsWindowAndItsLatestStart) {
    ProgrammeInWords builder(500);
    builder.job(WayWords{.duration = 30, .calendar = builder.calendar({{100, 200, 150}, {300, 320, 310}})});
    EXPECT_THAT(faults_of(builder, {100}), IsEmpty());
    EXPECT_THAT(faults_of(builder, {150}), IsEmpty());
    EXPECT_THAT(faults_of(builder, {151}), ElementsAre(Brief{Kind::kLatestStart, {0}, 0, 151, 1}));
    EXPECT_THAT(faults_of(builder, {170}), ElementsAre(Brief{Kind::kLatestStart, {0}, 0, 170, 20}));
    EXPECT_THAT(faults_of(builder, {171}), ElementsAre(Brief{Kind::kWindow, {0}, 0, 171, 1}));
    EXPECT_THAT(faults_of(builder, {99}), ElementsAre(Brief{Kind::kWindow, {0}, 0, 99, 1}));
    EXPECT_THAT(faults_of(builder, {300}), ElementsAre(Brief{Kind::kWindow, {0}, 0, 300, 10}));
}

TEST(ProgrammeCheck, AWayWithoutWindowsFitsNowhere) {
    ProgrammeInWords builder(500);
    builder.job(WayWords{.duration = 30, .calendar = builder.calendar({})});
    EXPECT_THAT(faults_of(builder, {7}), ElementsAre(Brief{Kind::kWindow, {0}, 0, 7, 0}));
}

TEST(ProgrammeCheck, AddsUpEachResourceMinuteByMinute) {
    ProgrammeInWords builder(500);
    const std::int32_t team = builder.resource({{0, 3}, {50, 1}});
    builder.job(WayWords{.duration = 10, .demands = {{team, 2}}});
    builder.job(WayWords{.duration = 10, .demands = {{team, 1}}});
    builder.job(WayWords{.duration = 0, .demands = {{team, 9}}});  // of no length: loads nothing
    EXPECT_THAT(faults_of(builder, {40, 40, 45}), IsEmpty());
    EXPECT_THAT(faults_of(builder, {41, 30, 45}), ElementsAre(Brief{Kind::kResource, {0}, 0, 50, 1}));
    EXPECT_THAT(faults_of(builder, {45, 46, 0}), ElementsAre(Brief{Kind::kResource, {0, 1}, 0, 50, 2}));
}

TEST(ProgrammeCheck, EachStretchOfOverloadIsOneFault) {
    ProgrammeInWords builder(500);
    const std::int32_t team = builder.resource(1);
    for (int i = 0; i < 4; ++i) builder.job(WayWords{.duration = 10, .demands = {{team, 1}}});
    EXPECT_THAT(faults_of(builder, {0, 5, 30, 30}), ElementsAre(Brief{Kind::kResource, {0, 1}, 0, 5, 1},
                                                                Brief{Kind::kResource, {2, 3}, 0, 30, 1}));
}

TEST(ProgrammeCheck, AResourceWithoutStepsIsNothing) {
    ProgrammeInWords builder(500);
    builder.job(WayWords{.duration = 10, .demands = {{builder.resource(std::vector<CapacityStep>{}), 1}}});
    EXPECT_THAT(faults_of(builder, {0}), ElementsAre(Brief{Kind::kResource, {0}, 0, 0, 1}));
}

TEST(ProgrammeCheck, AStockIsJudgedAfterAllThatHappensInAMinute) {
    ProgrammeInWords builder(500);
    const std::int32_t kit = builder.stock(4, {{100, 2}});
    builder.job(WayWords{.duration = 20, .stock_changes = {{kit, -3, 3}}});
    builder.job(WayWords{.duration = 20, .stock_changes = {{kit, -3, 3}}});
    EXPECT_THAT(faults_of(builder, {0, 20}), IsEmpty());
    EXPECT_THAT(faults_of(builder, {0, 19}), ElementsAre(Brief{Kind::kStock, {0, 1}, 0, 19, 2}));
    EXPECT_THAT(faults_of(builder, {90, 100}), IsEmpty());
    EXPECT_THAT(faults_of(builder, {90, 99}), ElementsAre(Brief{Kind::kStock, {0, 1}, 0, 99, 2}));
}

TEST(ProgrammeCheck, WhatIsTakenOfAStockForGoodStaysTaken) {
    ProgrammeInWords builder(500);
    const std::int32_t memory = builder.stock(5);
    builder.job(WayWords{.duration = 5, .stock_changes = {{memory, -3, 0}}});
    builder.job(WayWords{.duration = 5, .stock_changes = {{memory, 0, -3}}});
    builder.job(WayWords{.duration = 5, .stock_changes = {{memory, 0, 1}}});
    EXPECT_THAT(faults_of(builder, {0, 10, 10}), IsEmpty());
    EXPECT_THAT(faults_of(builder, {0, 10, 30}), ElementsAre(Brief{Kind::kStock, {0, 1}, 0, 15, 1}));
    builder.programme.stocks[0].level = 4;
    EXPECT_THAT(faults_of(builder, {0, 10, 0}), ElementsAre(Brief{Kind::kStock, {0, 1}, 0, 15, 1}));
}

TEST(ProgrammeCheck, HoldsLagsBothWays) {
    ProgrammeInWords builder(500);
    builder.job(WayWords{.duration = 10});
    builder.job(WayWords{.duration = 10});
    builder.after(0, 1, 5);
    builder.within(0, 1, 40);
    EXPECT_THAT(faults_of(builder, {0, 15}), IsEmpty());
    EXPECT_THAT(faults_of(builder, {0, 40}), IsEmpty());
    EXPECT_THAT(faults_of(builder, {0, 14}), ElementsAre(Brief{Kind::kLag, {0, 1}, 0, 14, 1}));
    EXPECT_THAT(faults_of(builder, {0, 41}), ElementsAre(Brief{Kind::kLag, {0, 1}, 1, 0, 1}));
}

TEST(ProgrammeCheck, KeepsPairsApartInTime) {
    ProgrammeInWords builder(500);
    builder.job(WayWords{.duration = 10});
    builder.job(WayWords{.duration = 10});
    builder.apart({.a = 0, .b = 1});
    EXPECT_THAT(faults_of(builder, {0, 10}), IsEmpty());
    EXPECT_THAT(faults_of(builder, {0, 9}), ElementsAre(Brief{Kind::kApartTime, {0, 1}, 0, 9, 1}));
    builder.programme.apart[0].time = false;
    EXPECT_THAT(faults_of(builder, {0, 9}), IsEmpty());
}

TEST(ProgrammeCheck, KeepsPairsOutOfOneWindowWhoeverOwnsIt) {
    ProgrammeInWords builder(500);
    const std::int32_t first = builder.calendar({{0, 50, 50}, {100, 150, 150}});
    const std::int32_t second = builder.calendar({{40, 90, 90}, {150, 200, 200}});
    builder.job(WayWords{.duration = 10, .calendar = first});
    builder.job(WayWords{.duration = 10, .calendar = first});
    builder.job(WayWords{.duration = 10, .calendar = second});
    builder.apart({.a = 0, .b = 1, .same_window_too = true});
    builder.apart({.a = 0, .b = 2, .same_window_too = true});
    EXPECT_THAT(faults_of(builder, {0, 100, 150}), IsEmpty());
    EXPECT_THAT(faults_of(builder, {0, 20, 150}), ElementsAre(Brief{Kind::kApartWindow, {0, 1}, 0, 20, 0}));
    EXPECT_THAT(faults_of(builder, {0, 100, 80}), ElementsAre(Brief{Kind::kApartWindow, {0, 2}, 1, 80, 0}));
    EXPECT_THAT(faults_of(builder, {100, 0, 150}), IsEmpty());  // windows that only touch
    builder.programme.ways[1].calendar = kNone;
    EXPECT_THAT(faults_of(builder, {0, 20, 150}), IsEmpty());
}

TEST(ProgrammeCheck, KeepsPairsApartInSiteWhereTheyHaveOne) {
    ProgrammeInWords builder(500);
    builder.job(std::vector<WayWords>{{.duration = 10, .site = 1}, {.duration = 10}});
    builder.job(WayWords{.duration = 10, .site = 1});
    builder.apart({.a = 0, .b = 1, .time = false, .sites = true});
    EXPECT_THAT(brief(check_programme_times(builder.programme, {{0, 50}, {0, 0}})),
                ElementsAre(Brief{Kind::kApartSite, {0, 1}, 0, 50, 0}));
    EXPECT_THAT(check_programme_times(builder.programme, {{0, 50}, {1, 0}}), IsEmpty());
}

TEST(ProgrammeCheck, SplitsAnOutageAcrossAMonthsEndByTheMinute) {
    ProgrammeInWords builder(1000);
    builder.programme.month_starts = {-10, 100, 200};
    const std::int32_t portal = builder.service({30, 20, 5});
    builder.job(WayWords{.duration = 60, .outages = {{portal, 10, 40}}});
    EXPECT_THAT(faults_of(builder, {60}), IsEmpty());  // 70 ... 110: 30 and 10
    EXPECT_THAT(faults_of(builder, {59}), ElementsAre(Brief{Kind::kBudget, {0}, 0, -10, 1}));
    EXPECT_THAT(faults_of(builder, {70}), IsEmpty());  // 80 ... 120: 20 and 20
    EXPECT_THAT(faults_of(builder, {71}), ElementsAre(Brief{Kind::kBudget, {0}, 0, 100, 1}));
    EXPECT_THAT(faults_of(builder, {500}), ElementsAre(Brief{Kind::kBudget, {0}, 0, 200, 35}));
}

TEST(ProgrammeCheck, AddsUpTheOutagesOfAService) {
    ProgrammeInWords builder(1000);
    const std::int32_t portal = builder.service({25});
    const std::int32_t payments = builder.service({25});
    builder.job(WayWords{.duration = 20, .outages = {{portal, 0, 20}, {payments, 0, 20}}});
    builder.job(WayWords{.duration = 20, .outages = {{portal, 5, 6}}});
    EXPECT_THAT(faults_of(builder, {0, 0}), ElementsAre(Brief{Kind::kBudget, {0, 1}, portal, 0, 1}));
    builder.programme.budgets[0].left = {26};
    EXPECT_THAT(faults_of(builder, {0, 0}), IsEmpty());
}

TEST(ProgrammeCheck, AGroupGoesOneWay) {
    ProgrammeInWords builder(100);
    for (int i = 0; i < 2; ++i) builder.job(std::vector<WayWords>{{.duration = 10}, {.duration = 5}});
    EXPECT_THAT(check_programme_times(builder.programme, {{0, 0}, {0, 1}}), IsEmpty());
    builder.programme.group_count = 1;
    builder.at(0).group = builder.at(1).group = 0;
    EXPECT_THAT(brief(check_programme_times(builder.programme, {{3, 0}, {0, 1}})),
                ElementsAre(Brief{Kind::kWaysDiffer, {0, 1}, 0, 3, 0}));
    EXPECT_THAT(check_programme_times(builder.programme, {{0, 0}, {1, 1}}), IsEmpty());
}

TEST(ProgrammeCheck, APinnedWaveLiesInOneWindow) {
    ProgrammeInWords builder(500);
    const std::int32_t first = builder.calendar({{0, 50, 50}, {100, 150, 150}});
    const std::int32_t second = builder.calendar({{40, 90, 90}});
    builder.programme.wave_count = 1;
    builder.at(builder.cutover({.duration = 5, .calendar = first})).wave = 0;
    builder.at(builder.cutover({.duration = 5, .calendar = first})).wave = 0;
    builder.at(builder.cutover({.duration = 5, .calendar = second})).wave = 0;
    builder.at(builder.job(WayWords{.duration = 5})).wave = 0;  // no cutover: wherever it likes
    EXPECT_THAT(faults_of(builder, {0, 20, 80, 400}), IsEmpty());
    EXPECT_THAT(faults_of(builder, {0, 100, 80, 400}), ElementsAre(Brief{Kind::kWave, {0, 1, 2}, 0, 100, 0}));
}

// Two under way take more than there is, in no window, after the deadline: that is so. A third may not add.
TEST(ProgrammeCheck, WhatIsFixedIsHeldToItsStartAndWayAlone) {
    ProgrammeInWords builder(500);
    const std::int32_t team = builder.resource(1);
    const std::int32_t night = builder.calendar({{300, 400, 400}});
    for (int i = 0; i < 2; ++i) {
        builder.at(builder.job(WayWords{.duration = 50, .calendar = night, .demands = {{team, 1}}})).due = 20;
        builder.at(i).fixed_start = -10;
        builder.at(i).fixed_way = 0;
    }
    builder.job(WayWords{.duration = 10, .demands = {{team, 1}}});
    builder.after(0, 1);
    EXPECT_THAT(faults_of(builder, {-10, -10, 40}), IsEmpty());
    EXPECT_THAT(faults_of(builder, {-10, -10, 39}), ElementsAre(Brief{Kind::kResource, {0, 1, 2}, 0, 39, 2}));
    EXPECT_THAT(faults_of(builder, {-10, -7, 80}), ElementsAre(Brief{Kind::kFixedStart, {1}, kNone, -7, 3}));
}

TEST(ProgrammeCheck, AWayMayBeFixedWithoutAStart) {
    ProgrammeInWords builder(500);
    builder.at(builder.job(std::vector<WayWords>{{.duration = 10}, {.duration = 5}})).fixed_way = 1;
    EXPECT_THAT(faults_of(builder, {9}), ElementsAre(Brief{Kind::kFixedWay, {0}, 0, 9, 0}));
    EXPECT_THAT(check_programme_times(builder.programme, {{9}, {1}}), IsEmpty());
}

TEST(ProgrammeCheck, TellsEveryFaultOfOneSchedule) {
    ProgrammeInWords builder(100);
    const std::int32_t team = builder.resource(1);
    builder.job(WayWords{.duration = 10, .demands = {{team, 1}}});
    builder.at(builder.job(WayWords{.duration = 10, .demands = {{team, 1}}})).due = 5;
    builder.after(0, 1);
    EXPECT_THAT(faults_of(builder, {0, 0}),
                ElementsAre(Brief{Kind::kDeadline, {1}, kNone, 10, 5}, Brief{Kind::kLag, {0, 1}, 0, 0, 10},
                            Brief{Kind::kResource, {0, 1}, 0, 0, 1}));
}

// Each entry spoils a sound programme in one way.
struct Spoiled {
    const char* text;
    void (*spoil)(Programme&);
};

Programme sound() {
    ProgrammeInWords builder(500);
    const std::int32_t team = builder.resource({{0, 1}, {10, 2}});
    const std::int32_t kit = builder.stock(1, {{5, 1}, {9, 1}});
    const std::int32_t portal = builder.service({10});
    const std::int32_t night = builder.calendar({{0, 50, 40}, {100, 150, 140}});
    const WayWords way{.duration = 10,
                       .calendar = night,
                       .site = 0,
                       .demands = {{team, 1}},
                       .stock_changes = {{kit, -1, 1}},
                       .outages = {{portal, 0, 10}}};
    builder.cutover(way);
    builder.cutover(way);
    builder.at(1).group = builder.at(0).group;
    builder.cutover(way);
    builder.after(0, 1);
    builder.apart({.a = 0, .b = 2});
    return builder.programme;
}

TEST(ProgrammeCheck, TellsAProgrammeThatMeansNothing) {
    EXPECT_THAT(check_programme(sound()), IsEmpty());
    const std::vector<Spoiled> cases = {
        {"horizon 0 lies before the origin", [](Programme& p) { p.horizon = -1; }},
        {"month 0 starts after the origin", [](Programme& p) { p.month_starts[0] = 1; }},
        {"budget 0 has not one entry for each month", [](Programme& p) { p.budgets[0].left = {}; }},
        {"calendar 0 has an empty window",
         [](Programme& p) {
             p.calendars[0].windows[0] = {0, 0, 0};
         }},
        {"calendar 0 has a window whose latest start lies outside it",
         [](Programme& p) { p.calendars[0].windows[0].latest_start = 51; }},
        {"calendar 0 has windows that touch or are out of order",
         [](Programme& p) { p.calendars[0].windows[1].start = 50; }},
        {"resource 0 does not begin at 0", [](Programme& p) { p.resources[0].steps[0].from = 1; }},
        {"resource 0 has steps out of order", [](Programme& p) { p.resources[0].steps[1].from = 0; }},
        {"resource 0 has a capacity below nothing",
         [](Programme& p) { p.resources[0].steps[1].capacity = -1; }},
        {"stock 0 begins below nothing", [](Programme& p) { p.stocks[0].level = -1; }},
        {"stock 0 has deliveries out of order", [](Programme& p) { p.stocks[0].deliveries[0].at = 10; }},
        {"stock 0 has a delivery that takes away",
         [](Programme& p) { p.stocks[0].deliveries[0].amount = -1; }},
        {"way 2 lasts less than no time", [](Programme& p) { p.ways[2].duration = -1; }},
        {"way 1 names no calendar", [](Programme& p) { p.ways[1].calendar = 1; }},
        {"way 1 names no site", [](Programme& p) { p.ways[1].site = -2; }},
        {"way 1 has a slice out of range",
         [](Programme& p) {
             p.ways[1].demands = {3, 1};
         }},
        {"way 1 names no resource", [](Programme& p) { p.demands[1].resource = 1; }},
        {"way 1 demands less than nothing", [](Programme& p) { p.demands[1].amount = -1; }},
        {"way 1 names no stock", [](Programme& p) { p.stock_changes[1].stock = -1; }},
        {"way 1 names no service", [](Programme& p) { p.outages[1].service = 1; }},
        {"way 1 has an outage outside the job", [](Programme& p) { p.outages[1].offset = 1; }},
        {"job 1 has no way", [](Programme& p) { p.jobs[1].ways.count = 0; }},
        {"job 2 has a slice out of range", [](Programme& p) { p.jobs[2].ways.count = 2; }},
        {"job 2 names no group", [](Programme& p) { p.jobs[2].group = 9; }},
        {"job 2 names no wave", [](Programme& p) { p.jobs[2].wave = 0; }},
        {"job 2 has a price or hosts below nothing", [](Programme& p) { p.jobs[2].hosts = -1; }},
        {"job 2 is fixed to a way that it has not", [](Programme& p) { p.jobs[2].fixed_way = 1; }},
        {"job 2 has started in no known way",
         [](Programme& p) {
             p.jobs[2].fixed_start = 0, p.jobs[2].ways = {0, 2};
         }},
        {"job 2 is fixed to end after the horizon", [](Programme& p) { p.jobs[2].fixed_start = 491; }},
        {"lag 0 names no job", [](Programme& p) { p.lags[0].to = 3; }},
        {"lag 0 holds between a job and itself", [](Programme& p) { p.lags[0].to = 0; }},
        {"pair 0 names no job", [](Programme& p) { p.apart[0].b = -1; }},
        {"pair 0 is of one group", [](Programme& p) { p.apart[0].b = 1; }},
        {"group 0 has jobs with different numbers of ways",
         [](Programme& p) {
             p.jobs[1].ways = {1, 2};
         }},
        {"group 0 is fixed to two ways",
         [](Programme& p) {
             p.jobs[0].ways = p.jobs[1].ways = {0, 2};
             p.jobs[0].fixed_way = 0, p.jobs[1].fixed_way = 1;
         }},
    };
    for (const Spoiled& spoiled : cases) {
        Programme programme = sound();
        spoiled.spoil(programme);
        std::vector<std::string> texts;
        for (const ProgrammeFault& fault : check_programme(programme)) texts.push_back(fault.text);
        EXPECT_THAT(texts, testing::Contains(spoiled.text));
        EXPECT_THAT(check_programme_times(programme, starts({0, 10, 20})), testing::Not(IsEmpty()))
            << spoiled.text;
    }
}

}  // namespace
}  // namespace ararat::planning::scheduler
