// Change windows: a calendar's weekly or explicit windows as instants, without freezes, each with its
// latest start (lockout). The only file that uses the time zone library.
// Time zones are those of the system's tz database (time_zone_database_version names it). A window
// whose edge falls into a change of the clocks is left out and listed as closed, never guessed.
// Thread promise: functions of their arguments and of the tz database, which is read once.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "model/plan.h"
#include "planning/diagnostic.h"

namespace ararat::planning {

struct ChangeWindow {
    Instant start;
    Instant end;
    Instant latest_start;  // lockout: nothing begins after it; never before start
    friend bool operator==(const ChangeWindow&, const ChangeWindow&) = default;
};

// Time in which a window would have been, and why it is not one.
struct ClosedTime {
    Instant start;
    Instant end;
    std::string why;
    friend bool operator==(const ClosedTime&, const ClosedTime&) = default;
};

struct WindowList {
    std::vector<ChangeWindow> windows;  // sorted, apart from each other
    std::vector<ClosedTime> closed;     // sorted by start
};

// The windows that end after `from` and begin within `horizon_days` of it. Windows of one calendar
// that overlap or touch are one window.
// Nothing, and faults with the calendar's place, for an unknown time zone, a date that is none, a freeze
// that ends before it begins, a calendar without windows, a lockout as long as a window.
[[nodiscard]] std::optional<WindowList> expand(const Calendar& calendar,
                                               const std::string& programme_timezone, Instant from,
                                               int horizon_days, DiagnosticList& faults);

// What is open in both; the earlier latest start counts.
[[nodiscard]] WindowList intersect(const WindowList& a, const WindowList& b);

// A local wall-clock time as an instant; `minute` counts from the day's midnight and may exceed 1440.
// Errors: invalid-argument for an unknown zone or a bad date; out-of-range when the clocks' change
// makes the time missing or twofold, naming which.
[[nodiscard]] Result<Instant> instant_of_local(const std::string& timezone, const std::string& date,
                                               int minute);

// The first instant of the local day, the earlier one when midnight comes twice.
[[nodiscard]] Result<Instant> begin_of_local_day(const std::string& timezone, const std::string& date);
// "2017-10"; an unknown zone falls back to UTC.
[[nodiscard]] std::string local_month(Instant instant, const std::string& timezone);
// The first instant after the local day, the later one when midnight comes twice.
[[nodiscard]] Result<Instant> end_of_local_day(const std::string& timezone, const std::string& date);

// "Mon 2017-10-02 19:00 BST"; an unknown zone falls back to UTC.
[[nodiscard]] std::string local_text(Instant instant, const std::string& timezone);
// "Mon 2017-10-02 19:00-23:00 BST"; the end's date only when it is another day.
[[nodiscard]] std::string local_text(const ChangeWindow& window, const std::string& timezone);

// Errors: invalid-argument for a name that the database does not have, or where there is no database.
[[nodiscard]] Result<void> check_zone(const std::string& timezone);
// Every name that the database has, sorted; none where there is no database.
[[nodiscard]] std::vector<std::string> zone_names();

[[nodiscard]] std::string time_zone_database_version();

}  // namespace ararat::planning
