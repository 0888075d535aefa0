// The types that single values of a plan can have. Each reader is strict: one way to write a value, and
// nothing that YAML's older habits would read as something else (yes, 010, 0x10, 1_000).
// Thread promise: pure functions. Errors: invalid-argument.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "model/plan.h"

namespace ararat::planning {

// Decimal, no leading zeros, no sign but '-', in the range of 64 bits.
[[nodiscard]] Result<std::int64_t> read_integer(std::string_view text);
[[nodiscard]] Result<bool> read_boolean(std::string_view text);
// "2017-12-15", a day that exists.
[[nodiscard]] Result<std::string> read_date(std::string_view text);
// RFC 3339 ("2017-09-30T18:00:00Z", "...+01:00"), a date (its midnight in UTC), or relative to `as_of`:
// "now", "now+2h", "now-5min".
[[nodiscard]] Result<Instant> read_moment(std::string_view text, Instant as_of);
// A date as such; anything else as read_moment takes it.
[[nodiscard]] Result<DayOrMoment> read_day_or_moment(std::string_view text, Instant as_of);
// "4000 GBP", "99.50 GBP": an amount of at most ten billion with no or two decimals, and a currency of three
// letters.
struct Money {
    Pence amount = 0;
    std::string currency;
};
[[nodiscard]] Result<Money> read_money(std::string_view text);
// "2017-10", a month that exists.
[[nodiscard]] Result<std::string> read_month(std::string_view text);
// "Mon-Thu 19:00-23:00, Sat 08:00-12:00"; an end before its start is on the next day.
[[nodiscard]] Result<std::vector<WeeklyWindow>> read_windows(std::string_view text);
// "2017-12-15/2018-01-03" or one day.
[[nodiscard]] Result<DateRange> read_date_range(std::string_view text);
// Absolute, no "." or ".." parts.
[[nodiscard]] Result<void> check_absolute_path(std::string_view text);
// Relative, and never above where it starts. The error names the path it resolves to.
[[nodiscard]] Result<void> check_relative_path(std::string_view text);
// A DNS name, an IPv4 or an IPv6 address. No port.
[[nodiscard]] Result<void> check_address(std::string_view text);
// "UTC", "Europe/London": the form only; whether the zone exists, the calendar knows.
[[nodiscard]] Result<void> check_timezone(std::string_view text);

}  // namespace ararat::planning
