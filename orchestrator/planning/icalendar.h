// Events of an iCalendar file, as a calendar's `import` takes them: public holidays, moratoria.
// Source: RFC 5545. Taken: VEVENT with DTSTART, DTEND or DURATION, SUMMARY, and RRULE where it says "every
// year"; a cancelled event is left out. Any other rule of repetition is a fault with its place, because an
// event that is taken once only would leave the others open.
// Thread promise: a function of its arguments and of the time zone database.
#pragma once

#include <string>
#include <vector>

#include "model/plan.h"
#include "planning/diagnostic.h"

namespace ararat::planning {

// Days keep to the calendar they are imported into; times without a zone are in `timezone`. What repeats
// every year does so up to and with the year 2100. Faults are added at the file's own places.
[[nodiscard]] std::vector<CalendarEvent> read_icalendar(const std::string& file, const std::string& text,
                                                        const std::string& timezone, DiagnosticList& faults);

}  // namespace ararat::planning
