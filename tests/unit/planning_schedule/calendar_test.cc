#include "planning/calendar.h"

#include <gmock/gmock.h>

#include "support/estate_builder.h"

namespace ararat::planning {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::utc;

Calendar evenings(const std::string& timezone = "Europe/London") {
    Calendar calendar;
    calendar.id = "evenings";
    calendar.timezone = timezone;
    calendar.windows.push_back({{0, 1, 2, 3}, 19 * 60, 23 * 60});
    calendar.place = {"plan.yaml", 20, 3};
    return calendar;
}

// Good calendars only.
std::optional<WindowList> expanded(const Calendar& calendar, const std::string& programme_timezone,
                                   Instant from, int horizon_days) {
    DiagnosticList faults;
    auto list = expand(calendar, programme_timezone, from, horizon_days, faults);
    EXPECT_EQ(text_of(faults.sorted()), "");
    return list;
}

// The faults of a calendar that is not good.
std::string refused(const Calendar& calendar) {
    DiagnosticList faults;
    EXPECT_FALSE(expand(calendar, "UTC", utc(2017, 10, 2), 3, faults));
    return text_of(faults.sorted());
}

TEST(Calendar, WeeklyWindowsAreLocalTimes) {
    auto calendar = evenings();
    calendar.lockout = std::chrono::minutes(45);
    // From Thursday noon in summer time to Monday in it.
    const auto list = expanded(calendar, "UTC", utc(2017, 10, 5, 12), 5);
    ASSERT_TRUE(list);
    EXPECT_THAT(
        list->windows,
        ElementsAre(ChangeWindow{utc(2017, 10, 5, 18), utc(2017, 10, 5, 22), utc(2017, 10, 5, 21, 15)},
                    ChangeWindow{utc(2017, 10, 9, 18), utc(2017, 10, 9, 22), utc(2017, 10, 9, 21, 15)}));
}

TEST(Calendar, WindowsShiftWithTheClocks) {
    // The clocks went back on Sunday 2017-10-29.
    const auto list = expanded(evenings(), "UTC", utc(2017, 10, 26, 12), 5);
    ASSERT_TRUE(list);
    ASSERT_EQ(list->windows.size(), 2U);
    EXPECT_EQ(list->windows[0].start, utc(2017, 10, 26, 18));
    EXPECT_EQ(list->windows[1].start, utc(2017, 10, 30, 19));
}

TEST(Calendar, TheProgrammesZoneIsTheDefault) {
    const auto list = expanded(evenings(""), "Asia/Tokyo", utc(2017, 10, 2), 1);
    ASSERT_TRUE(list);
    EXPECT_EQ(list->windows[0].start, utc(2017, 10, 2, 10));
}

TEST(Calendar, AWindowOverMidnightThatHasBegunCounts) {
    Calendar nights = evenings("UTC");
    nights.windows = {{{0}, 22 * 60, 26 * 60}};
    const auto list = expanded(nights, "UTC", utc(2017, 10, 3, 1), 2);
    ASSERT_TRUE(list);
    EXPECT_THAT(list->windows,
                ElementsAre(ChangeWindow{utc(2017, 10, 2, 22), utc(2017, 10, 3, 2), utc(2017, 10, 3, 2)}));
}

TEST(Calendar, OverlappingAndTouchingWindowsAreOne) {
    Calendar calendar = evenings("UTC");
    calendar.windows = {{{0}, 1200, 1440}, {{1}, 0, 120}, {{0}, 1140, 1260}};
    const auto list = expanded(calendar, "UTC", utc(2017, 10, 2), 3);
    ASSERT_TRUE(list);
    EXPECT_THAT(list->windows,
                ElementsAre(ChangeWindow{utc(2017, 10, 2, 19), utc(2017, 10, 3, 2), utc(2017, 10, 3, 2)}));
}

TEST(Calendar, FreezesTakeTheirDaysOutAndSaySo) {
    Calendar calendar = evenings("UTC");
    calendar.windows = {{{0, 1, 2}, 19 * 60, 23 * 60}};
    calendar.freezes.push_back({"2017-10-03", "2017-10-03"});
    const auto list = expanded(calendar, "UTC", utc(2017, 10, 2), 3);
    ASSERT_TRUE(list);
    ASSERT_EQ(list->windows.size(), 2U);
    EXPECT_EQ(list->windows[1].start, utc(2017, 10, 4, 19));
    EXPECT_THAT(list->closed, ElementsAre(ClosedTime{utc(2017, 10, 3, 19), utc(2017, 10, 3, 23),
                                                     "calendar evenings: freeze 2017-10-03/2017-10-03"}));
}

// Wednesday the 25th to Friday the 27th, in summer time: the election is over at 20:00 local.
TEST(Calendar, HolidaysAndImportedEventsCloseWindowsAndSayWhich) {
    Calendar calendar = evenings();
    calendar.windows = {{{2, 3, 4}, 19 * 60, 23 * 60}};
    calendar.holidays = {"2017-10-25"};
    CalendarEvent day{DateRange{"2017-10-27", "2017-10-27"}, {}, {}, "Audit", {"h.ics", 3, 1}};
    CalendarEvent hours{
        std::nullopt, utc(2017, 10, 26, 12), utc(2017, 10, 26, 19), "Election", {"h.ics", 9, 1}};
    calendar.events = {day, hours};
    const auto list = expanded(calendar, "UTC", utc(2017, 10, 23), 7);
    ASSERT_TRUE(list);
    EXPECT_THAT(list->windows, ElementsAre(ChangeWindow{utc(2017, 10, 26, 19), utc(2017, 10, 26, 22),
                                                        utc(2017, 10, 26, 22) - calendar.lockout}));
    ASSERT_EQ(list->closed.size(), 3U);
    EXPECT_EQ(list->closed[0].why, "calendar evenings: holiday 2017-10-25");
    EXPECT_EQ(list->closed[1].why, "calendar evenings: Election (h.ics:9:1)");
    EXPECT_EQ(list->closed[2].why, "calendar evenings: Audit (h.ics:3:1)");
}

TEST(Calendar, AFreezeCutsAWindowThatReachesIntoIt) {
    Calendar calendar = evenings("UTC");
    calendar.windows = {{{0}, 22 * 60, 27 * 60}};
    calendar.lockout = std::chrono::minutes(30);
    calendar.freezes.push_back({"2017-10-03", "2017-10-04"});
    const auto list = expanded(calendar, "UTC", utc(2017, 10, 2), 3);
    ASSERT_TRUE(list);
    EXPECT_THAT(list->windows,
                ElementsAre(ChangeWindow{utc(2017, 10, 2, 22), utc(2017, 10, 3), utc(2017, 10, 2, 23, 30)}));
}

TEST(Calendar, AWindowAtAMissingHourIsLeftOutAndSaysWhy) {
    Calendar calendar = evenings();
    calendar.windows = {{{6}, 90, 240}};  // Sunday 01:30, missing on 2018-03-25
    const auto list = expanded(calendar, "UTC", utc(2018, 3, 24), 3);
    ASSERT_TRUE(list);
    EXPECT_THAT(list->windows, IsEmpty());
    ASSERT_EQ(list->closed.size(), 1U);
    EXPECT_EQ(list->closed[0].why,
              "calendar evenings: the window 01:30-04:00 is left out: 01:30 on 2018-03-25 does not exist in "
              "Europe/London (the clocks go forward, GMT to BST)");
}

TEST(Calendar, AWindowAtATwofoldHourIsLeftOutAndSaysWhy) {
    Calendar calendar = evenings();
    calendar.windows = {{{6}, 30, 90}};
    const auto list = expanded(calendar, "UTC", utc(2017, 10, 28), 3);
    ASSERT_TRUE(list);
    EXPECT_THAT(list->windows, IsEmpty());
    ASSERT_EQ(list->closed.size(), 1U);
    EXPECT_EQ(list->closed[0].why,
              "calendar evenings: the window 00:30-01:30 is left out: 01:30 on 2017-10-29 happens twice in "
              "Europe/London (the clocks go back, BST to GMT)");
}

TEST(Calendar, AWindowAcrossTheChangeKeepsItsEdges) {
    Calendar calendar = evenings();
    calendar.windows = {{{5}, 23 * 60, 29 * 60}};  // Saturday 23:00 to Sunday 05:00
    const auto list = expanded(calendar, "UTC", utc(2018, 3, 24), 2);
    ASSERT_TRUE(list);
    ASSERT_EQ(list->windows.size(), 1U);
    EXPECT_EQ(list->windows[0].end - list->windows[0].start, std::chrono::hours(5));
}

TEST(Calendar, SaysEverythingThatIsWrongAtOnce) {
    Calendar calendar = evenings();
    calendar.windows = {{{0}, 600, 630}};
    calendar.lockout = std::chrono::minutes(30);
    calendar.freezes = {{"2017-02-30", "2017-03-01"}, {"2018-01-03", "2017-12-15"}};
    EXPECT_EQ(
        refused(calendar),
        "plan.yaml:20:3: error E011: calendar evenings freezes '2017-02-30/2017-03-01', which are not dates "
        "(YYYY-MM-DD/YYYY-MM-DD)\n"
        "plan.yaml:20:3: error E016: calendar evenings freezes '2018-01-03/2017-12-15', which ends before it "
        "begins\n"
        "plan.yaml:20:3: error E016: calendar evenings has a lockout of 30min, which leaves nothing of its "
        "window 10:00-10:30");
}

TEST(Calendar, RefusesAnUnknownZoneAndAnEmptyCalendar) {
    EXPECT_EQ(refused(evenings("Europe/Londn")),
              "plan.yaml:20:3: error E011: calendar evenings has an unknown time zone 'Europe/Londn'");
    Calendar empty = evenings();
    empty.windows.clear();
    EXPECT_EQ(refused(empty), "plan.yaml:20:3: error E016: calendar evenings has no windows");
}

TEST(Calendar, IntersectionKeepsTheStricterLockout) {
    WindowList a;
    a.windows = {{utc(2017, 10, 2, 18), utc(2017, 10, 2, 22), utc(2017, 10, 2, 21)},
                 {utc(2017, 10, 3, 18), utc(2017, 10, 3, 22), utc(2017, 10, 3, 21)}};
    WindowList b;
    b.windows = {{utc(2017, 10, 2, 20), utc(2017, 10, 2, 23), utc(2017, 10, 2, 20, 30)},
                 {utc(2017, 10, 3, 22), utc(2017, 10, 3, 23), utc(2017, 10, 3, 23)}};
    EXPECT_THAT(intersect(a, b).windows, ElementsAre(ChangeWindow{utc(2017, 10, 2, 20), utc(2017, 10, 2, 22),
                                                                  utc(2017, 10, 2, 20, 30)}));
}

TEST(Calendar, LocalInstantsNameMissingAndTwofoldTimes) {
    EXPECT_EQ(*instant_of_local("Europe/London", "2017-07-01", 60), utc(2017, 7, 1));
    const auto missing = instant_of_local("Europe/London", "2018-03-25", 90);
    ASSERT_FALSE(missing.ok());
    EXPECT_EQ(missing.error().code, ErrorCode::kOutOfRange);
    EXPECT_FALSE(instant_of_local("Europe/London", "2017-10-29", 90).ok());
    EXPECT_FALSE(instant_of_local("Europe/London", "2017-13-01", 0).ok());
    EXPECT_EQ(*end_of_local_day("Europe/London", "2018-02-28"), utc(2018, 3, 1));
    EXPECT_EQ(*end_of_local_day("Europe/London", "2017-07-01"), utc(2017, 7, 1, 23));
}

// Clocks go forward at midnight in Beirut: that day begins at 01:00, an hour that midnight does not have.
TEST(Calendar, ADayBeginsWhenItsFirstHourDoes) {
    const auto day = begin_of_local_day("Europe/London", "2017-06-01");
    ASSERT_TRUE(day.ok());
    EXPECT_EQ(*day, utc(2017, 5, 31, 23));
    const auto changed = begin_of_local_day("Asia/Beirut", "2017-03-26");
    ASSERT_TRUE(changed.ok());
    EXPECT_EQ(*changed, utc(2017, 3, 25, 22));
    EXPECT_FALSE(begin_of_local_day("Europe/London", "2017-02-29").ok());
}

TEST(Calendar, AMonthIsTheZones) {
    EXPECT_EQ(local_month(utc(2017, 5, 31, 23), "Europe/London"), "2017-06");
    EXPECT_EQ(local_month(utc(2017, 5, 31, 23), "UTC"), "2017-05");
}

TEST(Calendar, TextNamesTheDayAndTheZone) {
    EXPECT_EQ(local_text(utc(2017, 10, 2, 18), "Europe/London"), "Mon 2017-10-02 19:00 BST");
    EXPECT_EQ(local_text(utc(2017, 12, 4, 18) + std::chrono::seconds(5), "Europe/London"),
              "Mon 2017-12-04 18:00:05 GMT");
    const ChangeWindow evening{utc(2017, 10, 2, 18), utc(2017, 10, 2, 22), utc(2017, 10, 2, 22)};
    EXPECT_EQ(local_text(evening, "Europe/London"), "Mon 2017-10-02 19:00-23:00 BST");
    EXPECT_EQ(local_text(evening, "Asia/Tokyo"), "Tue 2017-10-03 03:00-07:00 JST");
    EXPECT_EQ(local_text(evening, "America/Nowhere"), "Mon 2017-10-02 18:00-22:00 UTC");
}

}  // namespace
}  // namespace ararat::planning
