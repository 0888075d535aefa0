#include "planning/icalendar.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/join.h"

namespace ararat::planning::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// The event's lines, as the third to last but one line of a file.
std::string event(const std::vector<std::string>& lines) {
    return "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n" + join(lines, "\r\n") +
           "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
}

struct Outcome {
    std::vector<CalendarEvent> events;
    std::vector<std::string> faults;
};

Outcome read(const std::string& text) {
    DiagnosticList faults;
    Outcome outcome;
    outcome.events = read_icalendar("h.ics", text, "Europe/London", faults);
    for (const Diagnostic& diagnostic : faults.sorted()) outcome.faults.push_back(to_string(diagnostic));
    return outcome;
}

// "2024-05-06/2024-05-06 May Day", or moments in milliseconds since 1970.
std::vector<std::string> shown(const Outcome& outcome) {
    std::vector<std::string> texts;
    for (const CalendarEvent& found : outcome.events) {
        const std::string when = found.days ? found.days->first + "/" + found.days->last
                                            : std::to_string(to_unix_ms(found.start) / 1000) + "+" +
                                                  std::to_string((found.end - found.start).count() / 60000);
        texts.push_back(when + " " + found.summary);
    }
    return texts;
}

TEST(Icalendar, TakesDaysAndTheirSummary) {
    const Outcome outcome = read(event({"DTSTART;VALUE=DATE:20171225", "DTEND;VALUE=DATE:20171227",
                                        "SUMMARY:Christmas\\, and\\nBoxing Day", "UID:1"}));
    EXPECT_THAT(outcome.faults, IsEmpty());
    EXPECT_THAT(shown(outcome), ElementsAre("2017-12-25/2017-12-26 Christmas, and Boxing Day"));
    EXPECT_EQ(to_string(outcome.events.front().place), "h.ics:2:1");
}

TEST(Icalendar, ADayWithoutAnEndIsThatDay) {
    EXPECT_THAT(shown(read(event({"DTSTART;VALUE=DATE:20240229", "SUMMARY:Leap day"}))),
                ElementsAre("2024-02-29/2024-02-29 Leap day"));
}

TEST(Icalendar, UnfoldsLinesAndToleratesBareLineFeeds) {
    EXPECT_THAT(shown(read("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DA\n TE:2024\n\t0506\nSUMMARY:May\n"
                           "  Day\nEND:VEVENT\nEND:VCALENDAR\n")),
                ElementsAre("2024-05-06/2024-05-06 May Day"));
}

// 2017-10-02 is in summer time: 18:00 in London is 17:00 UTC, in New York 22:00.
TEST(Icalendar, TimesAreOfTheirZoneElseOfTheCalendars) {
    EXPECT_THAT(shown(read(event({"DTSTART:20171002T180000", "DTEND:20171002T200000", "SUMMARY:a"}))),
                ElementsAre("1506963600+120 a"));
    EXPECT_THAT(shown(read(event({"DTSTART:20171002T180000Z", "DURATION:PT1H30M", "SUMMARY:b"}))),
                ElementsAre("1506967200+90 b"));
    EXPECT_THAT(shown(read(event(
                    {"DTSTART;TZID=\"America/New_York\":20171002T180000", "DURATION:P1D", "SUMMARY:c"}))),
                ElementsAre("1506981600+1440 c"));
}

TEST(Icalendar, CancelledEventsAndOtherComponentsAreLeftOut) {
    EXPECT_THAT(shown(read(event({"DTSTART;VALUE=DATE:20240506", "STATUS:CANCELLED"}))), IsEmpty());
    EXPECT_THAT(shown(read(event({"DTSTART;VALUE=DATE:20240506", "SUMMARY:May Day", "BEGIN:VALARM",
                                  "SUMMARY:Wake up", "END:VALARM"}))),
                ElementsAre("2024-05-06/2024-05-06 May Day"));
}

TEST(Icalendar, RepeatsEveryYearSoOftenOrUntilADay) {
    EXPECT_THAT(shown(read(event({"DTSTART;VALUE=DATE:20171225", "RRULE:FREQ=YEARLY;COUNT=2", "SUMMARY:x"}))),
                ElementsAre("2017-12-25/2017-12-25 x", "2018-12-25/2018-12-25 x"));
    EXPECT_THAT(shown(read(event({"DTSTART;VALUE=DATE:20171225",
                                  "RRULE:FREQ=YEARLY;INTERVAL=2;BYMONTH=12;BYMONTHDAY=25;UNTIL=20211225",
                                  "SUMMARY:x"}))),
                ElementsAre("2017-12-25/2017-12-25 x", "2019-12-25/2019-12-25 x", "2021-12-25/2021-12-25 x"));
    EXPECT_EQ(read(event({"DTSTART;VALUE=DATE:20171225", "RRULE:FREQ=YEARLY"})).events.size(), 84U);
}

TEST(Icalendar, ALeapDayComesEveryFourYears) {
    EXPECT_THAT(shown(read(event({"DTSTART;VALUE=DATE:20240229", "RRULE:FREQ=YEARLY;COUNT=2", "SUMMARY:x"}))),
                ElementsAre("2024-02-29/2024-02-29 x", "2028-02-29/2028-02-29 x"));
}

// A wall-clock time stays what it is when the clocks change in between.
TEST(Icalendar, YearlyTimesKeepToTheWallClock) {
    EXPECT_THAT(shown(read(event(
                    {"DTSTART:20170325T120000", "DURATION:PT1H", "RRULE:FREQ=YEARLY;COUNT=2", "SUMMARY:x"}))),
                ElementsAre("1490443200+60 x", "1521975600+60 x"));
}

struct Faulty {
    const char* name;
    std::string text;
    std::vector<std::string> expected;
};
void PrintTo(const Faulty& faulty, std::ostream* out) { *out << faulty.name; }

const Faulty kFaulty[] = {
    {"empty", "", {"h.ics:1:1: error E028: not an iCalendar file (meant: BEGIN:VCALENDAR at its beginning)"}},
    {"something else",
     "hello\r\n",
     {"h.ics:1:6: error E028: not a line of an iCalendar file (meant: NAME:VALUE or "
      "NAME;PARAMETER=VALUE:VALUE)"}},
    {"other component",
     "BEGIN:VEVENT\r\nEND:VEVENT\r\n",
     {"h.ics:1:1: error E028: not an iCalendar file (meant: BEGIN:VCALENDAR at its beginning)"}},
    {"no end",
     "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20240506\r\n",
     {"h.ics:2:1: error E028: 'VEVENT' has no end"}},
    {"end of another",
     "BEGIN:VCALENDAR\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
     {"h.ics:2:1: error E028: 'END:VEVENT' without its beginning"}},
    {"no start", event({"SUMMARY:x"}), {"h.ics:2:1: error E028: an event without DTSTART"}},
    {"no colon",
     event({"DTSTART;VALUE=DATE"}),
     {"h.ics:3:15: error E028: not a line of an iCalendar file (meant: NAME:VALUE or "
      "NAME;PARAMETER=VALUE:VALUE)"}},
    {"unclosed quote",
     event({"DTSTART;TZID=\"Europe/London:20240506T090000"}),
     {"h.ics:3:15: error E028: not a line of an iCalendar file (meant: NAME:VALUE or "
      "NAME;PARAMETER=VALUE:VALUE)"}},
    {"no such day",
     event({"DTSTART;VALUE=DATE:20230229"}),
     {"h.ics:3:20: error E028: DTSTART: '20230229' is not a date (meant: YYYYMMDD, YYYYMMDDTHHMMSS or "
      "YYYYMMDDTHHMMSSZ)"}},
    {"no such day in a folded line",
     event({"DTSTART;VALUE=DATE", " :20230229"}),
     {"h.ics:4:3: error E028: DTSTART: '20230229' is not a date (meant: YYYYMMDD, YYYYMMDDTHHMMSS or "
      "YYYYMMDDTHHMMSSZ)"}},
    {"time as a day",
     event({"DTSTART;VALUE=DATE:20230228T090000"}),
     {"h.ics:3:20: error E028: DTSTART: '20230228T090000' is not a date (meant: YYYYMMDD, YYYYMMDDTHHMMSS or "
      "YYYYMMDDTHHMMSSZ)"}},
    {"no such time",
     event({"DTSTART:20230228T240000"}),
     {"h.ics:3:9: error E028: DTSTART: '20230228T240000' is not a date (meant: YYYYMMDD, YYYYMMDDTHHMMSS or "
      "YYYYMMDDTHHMMSSZ)"}},
    {"unknown zone",
     event({"DTSTART;TZID=Europe/Londno:20230228T090000", "DURATION:PT1H"}),
     {"h.ics:3:9: error E028: DTSTART: 'Europe/Londno' is not a known time zone (did you mean "
      "'Europe/London'?)"}},
    {"time that the clocks leave out",
     event({"DTSTART:20170326T013000", "DURATION:PT1H"}),
     {"h.ics:3:9: error E028: 01:30 on 2017-03-26 does not exist in Europe/London (the clocks go forward, "
      "GMT to BST)"}},
    {"day to a time",
     event({"DTSTART;VALUE=DATE:20240506", "DTEND:20240506T120000Z"}),
     {"h.ics:4:7: error E028: DTEND is a time where DTSTART is a day"}},
    {"end before its beginning",
     event({"DTSTART;VALUE=DATE:20240506", "DTEND;VALUE=DATE:20240505"}),
     {"h.ics:4:18: error E028: the event takes no time (meant: an end after its beginning)"}},
    {"no time",
     event({"DTSTART:20240506T120000Z"}),
     {"h.ics:2:1: error E028: the event takes no time (meant: an end after its beginning)"}},
    {"half a day",
     event({"DTSTART;VALUE=DATE:20240506", "DURATION:PT12H"}),
     {"h.ics:4:10: error E028: DURATION: 'PT12H' is not a number of whole days (meant: such as P3D)"}},
    {"bad duration",
     event({"DTSTART:20240506T120000Z", "DURATION:1H"}),
     {"h.ics:4:10: error E028: DURATION: '1H' is not a duration (meant: such as P1D or PT2H30M)"}},
    {"every week",
     event({"DTSTART;VALUE=DATE:20240506", "RRULE:FREQ=WEEKLY"}),
     {"h.ics:4:7: error E028: RRULE: 'FREQ=WEEKLY' is not taken (meant: FREQ=YEARLY with INTERVAL, COUNT or "
      "UNTIL, or an event of its own for each)"}},
    {"first Monday in May",
     event({"DTSTART;VALUE=DATE:20240506", "RRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=1MO"}),
     {"h.ics:4:7: error E028: RRULE: 'BYDAY=1MO' is not taken (meant: FREQ=YEARLY with INTERVAL, COUNT or "
      "UNTIL, or an event of its own for each)"}},
    {"another month",
     event({"DTSTART;VALUE=DATE:20240506", "RRULE:FREQ=YEARLY;BYMONTH=6"}),
     {"h.ics:4:7: error E028: RRULE: 'BYMONTH=6' is not taken (meant: FREQ=YEARLY with INTERVAL, COUNT or "
      "UNTIL, or an event of its own for each)"}},
    {"rule without a frequency",
     event({"DTSTART;VALUE=DATE:20240506", "RRULE:COUNT=2"}),
     {"h.ics:4:7: error E028: RRULE without FREQ=YEARLY"}},
    {"left-out date",
     event({"DTSTART;VALUE=DATE:20240506", "RRULE:FREQ=YEARLY", "EXDATE;VALUE=DATE:20250506"}),
     {"h.ics:5:1: error E028: EXDATE is not taken (meant: an event of its own for each)"}},
};

class IcalendarFaults : public ::testing::TestWithParam<Faulty> {};

TEST_P(IcalendarFaults, SayExactlyWhatIsWrong) {
    const Outcome outcome = read(GetParam().text);
    EXPECT_EQ(outcome.faults, GetParam().expected);
    EXPECT_THAT(outcome.events, IsEmpty());
}

std::string faulty_name(const ::testing::TestParamInfo<Faulty>& faulty) {
    std::string name = faulty.param.name;
    for (char& c : name) c = c == ' ' || c == '-' ? '_' : c;
    return name;
}

INSTANTIATE_TEST_SUITE_P(All, IcalendarFaults, ::testing::ValuesIn(kFaulty), faulty_name);

}  // namespace
}  // namespace ararat::planning::testing
