#include "planning/calendar.h"

#include <date/date.h>
#include <date/tz.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "base/units.h"

namespace ararat::planning {
namespace {

constexpr int kMinutesPerDay = 24 * 60;

using LocalTime = date::local_time<Duration>;

Result<const date::time_zone*> find_zone(const std::string& name) {
    try {
        return date::locate_zone(name);
    } catch (const std::exception&) {
        return Error{ErrorCode::kInvalidArgument, "unknown time zone '" + name + "'"};
    }
}

std::optional<date::local_days> parse_date(const std::string& text) {
    const bool shaped = text.size() == 10 && text[4] == '-' && text[7] == '-';
    if (!shaped) return std::nullopt;
    for (const std::size_t at : {0U, 1U, 2U, 3U, 5U, 6U, 8U, 9U}) {
        if (text[at] < '0' || text[at] > '9') return std::nullopt;
    }
    const date::year_month_day ymd{date::year{std::stoi(text.substr(0, 4))},
                                   date::month{static_cast<unsigned>(std::stoi(text.substr(5, 2)))},
                                   date::day{static_cast<unsigned>(std::stoi(text.substr(8, 2)))}};
    if (!ymd.ok()) return std::nullopt;
    return date::local_days{ymd};
}

std::string minute_text(LocalTime local) { return date::format("%H:%M on %Y-%m-%d", local); }

Result<Instant> to_instant(const date::time_zone& zone, LocalTime local) {
    const date::local_info info = zone.get_info(local);
    switch (info.result) {
        case date::local_info::unique: return Instant{local.time_since_epoch() - info.first.offset};
        case date::local_info::nonexistent:
            return Error{ErrorCode::kOutOfRange, minute_text(local) + " does not exist in " + zone.name() +
                                                     " (the clocks go forward, " + info.first.abbrev +
                                                     " to " + info.second.abbrev + ")"};
        case date::local_info::ambiguous:
            return Error{ErrorCode::kOutOfRange, minute_text(local) + " happens twice in " + zone.name() +
                                                     " (the clocks go back, " + info.first.abbrev + " to " +
                                                     info.second.abbrev + ")"};
    }
    return Error{ErrorCode::kInternal, "a local time that is neither unique, missing nor twofold"};
}

enum class Side { kEarlier, kLater };

// Never fails: a missing time is the change itself, of a twofold one the asked-for side is taken.
Instant to_instant_at(const date::time_zone& zone, LocalTime local, Side side) {
    const date::local_info info = zone.get_info(local);
    if (info.result == date::local_info::nonexistent) return Instant{info.first.end};
    const bool second = info.result == date::local_info::ambiguous && side == Side::kLater;
    return Instant{local.time_since_epoch() - (second ? info.second.offset : info.first.offset)};
}

struct Freeze {
    Instant start;
    Instant end;
    std::string text;  // "freeze 2017-12-15/2018-01-03"
};

std::string clock_text(int minute) {
    const int of_day = minute % kMinutesPerDay;
    const std::string hours = std::to_string(of_day / 60);
    const std::string minutes = std::to_string(of_day % 60);
    return (hours.size() < 2 ? "0" : "") + hours + ":" + (minutes.size() < 2 ? "0" : "") + minutes;
}

// One calendar on its way to a WindowList.
class Expansion {
public:
    Expansion(const Calendar& calendar, const date::time_zone& zone, Instant from, int horizon_days,
              DiagnosticList& faults)
        : calendar_(calendar),
          zone_(zone),
          faults_(faults),
          from_(from),
          until_(from + std::chrono::hours(24) * horizon_days) {}

    std::optional<WindowList> run() {
        const std::size_t before = faults_.count();
        read_freezes();
        check_lockout();
        if (calendar_.windows.empty() && calendar_.explicit_windows.empty()) fault("has no windows");
        if (faults_.count() != before) return std::nullopt;
        for (const auto& [start, end] : calendar_.explicit_windows) open_.emplace_back(start, end);
        for (const WeeklyWindow& weekly : calendar_.windows) add_weekly(weekly);
        merge();
        for (const auto& [start, end] : open_) subtract_freezes(start, end);
        const auto by_start = [](const auto& a, const auto& b) {
            return std::pair(a.start, a.end) < std::pair(b.start, b.end);
        };
        std::ranges::sort(list_.windows, by_start);
        std::ranges::sort(list_.closed, by_start);
        return std::move(list_);
    }

private:
    void fault(const std::string& text, DiagnosticCode code = DiagnosticCode::kConflict) {
        faults_.add(calendar_.place, code, "calendar " + calendar_.id + " " + text);
    }

    void read_freezes() {
        for (const DateRange& range : calendar_.freezes) {
            const std::string text = range.first + "/" + range.last;
            const auto first = parse_date(range.first);
            const auto last = parse_date(range.last);
            if (!first || !last) {
                fault("freezes '" + text + "', which are not dates (YYYY-MM-DD/YYYY-MM-DD)",
                      DiagnosticCode::kWrongType);
            } else if (*last < *first) {
                fault("freezes '" + text + "', which ends before it begins");
            } else {
                freeze_days(*first, *last, "freeze " + text);
            }
        }
        for (const std::string& holiday : calendar_.holidays) {
            if (const auto day = parse_date(holiday)) {
                freeze_days(*day, *day, "holiday " + holiday);
            } else {
                fault("has a holiday '" + holiday + "', which is not a date (YYYY-MM-DD)",
                      DiagnosticCode::kWrongType);
            }
        }
        for (const CalendarEvent& event : calendar_.events) {
            const std::string text = event.summary + " (" + to_string(event.place) + ")";
            const auto first = event.days ? parse_date(event.days->first) : std::nullopt;
            const auto last = event.days ? parse_date(event.days->last) : std::nullopt;
            if (first && last) {
                freeze_days(*first, *last, text);
            } else {
                freezes_.push_back({event.start, event.end, text});
            }
        }
        std::ranges::sort(freezes_, [](const Freeze& a, const Freeze& b) {
            return std::tie(a.start, a.end, a.text) < std::tie(b.start, b.end, b.text);
        });
    }

    void freeze_days(date::local_days first, date::local_days last, std::string text) {
        freezes_.push_back({to_instant_at(zone_, LocalTime{first}, Side::kEarlier),
                            to_instant_at(zone_, LocalTime{last + date::days{1}}, Side::kLater),
                            std::move(text)});
    }

    void check_lockout() {
        const std::string lockout =
            "has a lockout of " + format_duration(calendar_.lockout) + ", which leaves nothing of ";
        for (const WeeklyWindow& weekly : calendar_.windows) {
            const std::string name = clock_text(weekly.start_minute) + "-" + clock_text(weekly.end_minute);
            if (weekly.end_minute <= weekly.start_minute) {
                fault("has a window " + name + " that ends before it begins");
            } else if (std::chrono::minutes(weekly.end_minute - weekly.start_minute) <= calendar_.lockout) {
                fault(lockout + "its window " + name);
            }
        }
        for (const auto& [start, end] : calendar_.explicit_windows) {
            if (end <= start) {
                fault("has a window that ends before it begins");
            } else if (end - start <= calendar_.lockout) {
                fault(lockout + "its window of " + format_duration(end - start));
            }
        }
    }

    void add_weekly(const WeeklyWindow& weekly) {
        const auto local_from = LocalTime{zone_.to_local(from_).time_since_epoch()};
        // Two days back: yesterday's window may reach over midnight.
        auto day = std::chrono::floor<date::days>(local_from) - date::days{2};
        for (; Instant{day.time_since_epoch()} <= until_ + std::chrono::hours(48); day += date::days{1}) {
            const auto weekday = static_cast<int>(date::weekday{day}.iso_encoding()) - 1;
            if (!weekly.weekdays.contains(weekday)) continue;
            const auto start = to_instant(zone_, LocalTime{day} + std::chrono::minutes(weekly.start_minute));
            const auto end = to_instant(zone_, LocalTime{day} + std::chrono::minutes(weekly.end_minute));
            if (start.ok() && end.ok() && *start < *end) {
                open_.emplace_back(*start, *end);
                continue;
            }
            const auto shown_start = to_instant_at(
                zone_, LocalTime{day} + std::chrono::minutes(weekly.start_minute), Side::kEarlier);
            const auto shown_end =
                to_instant_at(zone_, LocalTime{day} + std::chrono::minutes(weekly.end_minute), Side::kLater);
            const std::string why = !start.ok() ? start.error().message
                                    : !end.ok() ? end.error().message
                                                : "the clocks' change leaves nothing of it";
            close(shown_start, shown_end,
                  "the window " + clock_text(weekly.start_minute) + "-" + clock_text(weekly.end_minute) +
                      " is left out: " + why);
        }
    }

    void close(Instant start, Instant end, const std::string& why) {
        if (end <= from_ || start > until_) return;
        list_.closed.push_back({start, end, "calendar " + calendar_.id + ": " + why});
    }

    void merge() {
        std::ranges::sort(open_);
        std::vector<std::pair<Instant, Instant>> merged;
        for (const auto& [start, end] : open_) {
            if (!merged.empty() && start <= merged.back().second) {
                merged.back().second = std::max(merged.back().second, end);
            } else {
                merged.emplace_back(start, end);
            }
        }
        open_ = std::move(merged);
    }

    void subtract_freezes(Instant start, Instant end) {
        for (const Freeze& freeze : freezes_) {
            if (freeze.end <= start || freeze.start >= end) continue;
            close(std::max(start, freeze.start), std::min(end, freeze.end), freeze.text);
            if (freeze.start > start) keep(start, freeze.start);
            start = std::max(start, freeze.end);
            if (start >= end) return;
        }
        keep(start, end);
    }

    void keep(Instant start, Instant end) {
        if (end <= from_ || start > until_) return;
        const Instant latest_start = end - calendar_.lockout;
        if (latest_start < start) {
            close(start, end, "what a freeze leaves is shorter than the lockout");
            return;
        }
        list_.windows.push_back({start, end, latest_start});
    }

    const Calendar& calendar_;
    const date::time_zone& zone_;
    DiagnosticList& faults_;
    Instant from_;
    Instant until_;
    std::vector<Freeze> freezes_;
    std::vector<std::pair<Instant, Instant>> open_;
    WindowList list_;
};

const date::time_zone* zone_or_utc(const std::string& timezone) {
    const auto zone = find_zone(timezone);
    if (zone.ok()) return *zone;
    const auto utc = find_zone("UTC");
    return utc.ok() ? *utc : nullptr;
}

std::string formatted(Instant instant, const date::time_zone* zone, bool with_day, bool with_zone) {
    const bool whole_minute = instant == std::chrono::floor<std::chrono::minutes>(instant);
    const std::string format = std::string(with_day ? "%a %Y-%m-%d " : "") +
                               (whole_minute ? "%H:%M" : "%H:%M:%S") + (with_zone ? " %Z" : "");
    const auto seconds = std::chrono::floor<std::chrono::seconds>(instant);
    if (zone == nullptr) return date::format(format, seconds);
    return date::format(format, date::make_zoned(zone, seconds));
}

}  // namespace

std::optional<WindowList> expand(const Calendar& calendar, const std::string& programme_timezone,
                                 Instant from, int horizon_days, DiagnosticList& faults) {
    const auto zone = find_zone(calendar.timezone.empty() ? programme_timezone : calendar.timezone);
    if (!zone.ok()) {
        faults.add(calendar.place, DiagnosticCode::kWrongType,
                   "calendar " + calendar.id + " has an " + zone.error().message);
        return std::nullopt;
    }
    return Expansion(calendar, **zone, from, horizon_days, faults).run();
}

WindowList intersect(const WindowList& a, const WindowList& b) {
    WindowList both;
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < a.windows.size() && j < b.windows.size()) {
        const ChangeWindow& left = a.windows[i];
        const ChangeWindow& right = b.windows[j];
        const ChangeWindow common{std::max(left.start, right.start), std::min(left.end, right.end),
                                  std::min(left.latest_start, right.latest_start)};
        if (common.start < common.end && common.start <= common.latest_start) both.windows.push_back(common);
        left.end < right.end ? ++i : ++j;
    }
    std::ranges::merge(a.closed, b.closed, std::back_inserter(both.closed),
                       [](const ClosedTime& x, const ClosedTime& y) {
                           return std::tie(x.start, x.end, x.why) < std::tie(y.start, y.end, y.why);
                       });
    return both;
}

Result<Instant> instant_of_local(const std::string& timezone, const std::string& date, int minute) {
    ARARAT_ASSIGN_OR_RETURN(const date::time_zone* zone, find_zone(timezone));
    const auto day = parse_date(date);
    if (!day) return Error{ErrorCode::kInvalidArgument, "'" + date + "' is not a date (YYYY-MM-DD)"};
    return to_instant(*zone, LocalTime{*day} + std::chrono::minutes(minute));
}

Result<Instant> end_of_local_day(const std::string& timezone, const std::string& date) {
    ARARAT_ASSIGN_OR_RETURN(const date::time_zone* zone, find_zone(timezone));
    const auto day = parse_date(date);
    if (!day) return Error{ErrorCode::kInvalidArgument, "'" + date + "' is not a date (YYYY-MM-DD)"};
    return to_instant_at(*zone, LocalTime{*day + date::days{1}}, Side::kLater);
}

Result<Instant> begin_of_local_day(const std::string& timezone, const std::string& date) {
    ARARAT_ASSIGN_OR_RETURN(const date::time_zone* zone, find_zone(timezone));
    const auto day = parse_date(date);
    if (!day) return Error{ErrorCode::kInvalidArgument, "'" + date + "' is not a date (YYYY-MM-DD)"};
    return to_instant_at(*zone, LocalTime{*day}, Side::kEarlier);
}

std::string local_month(Instant instant, const std::string& timezone) {
    const date::time_zone* zone = zone_or_utc(timezone);
    const auto seconds = std::chrono::floor<std::chrono::seconds>(instant);
    if (zone == nullptr) return date::format("%Y-%m", seconds);
    return date::format("%Y-%m", date::make_zoned(zone, seconds));
}

std::string local_text(Instant instant, const std::string& timezone) {
    return formatted(instant, zone_or_utc(timezone), true, true);
}

std::string local_text(const ChangeWindow& window, const std::string& timezone) {
    const date::time_zone* zone = zone_or_utc(timezone);
    const auto day_of = [zone](Instant instant) {
        return std::chrono::floor<date::days>(zone == nullptr ? instant.time_since_epoch()
                                                              : zone->to_local(instant).time_since_epoch());
    };
    const bool same_day = day_of(window.start) == day_of(window.end);
    const std::string start = formatted(window.start, zone, true, false);
    return start + (same_day ? "-" : " to ") + formatted(window.end, zone, !same_day, true);
}

Result<void> check_zone(const std::string& timezone) {
    const auto zone = find_zone(timezone);
    if (zone.ok()) return {};
    if (zone_names().empty()) {
        return Error{ErrorCode::kInvalidArgument, "cannot be looked up: there is no time zone database here"};
    }
    return Error{ErrorCode::kInvalidArgument, "is not a known time zone"};
}

std::vector<std::string> zone_names() {
    std::vector<std::string> names;
    try {
        for (const date::time_zone& zone : date::get_tzdb().zones) names.push_back(zone.name());
    } catch (const std::exception&) {
        names.clear();
    }
    std::ranges::sort(names);
    return names;
}

std::string time_zone_database_version() {
    try {
        return date::get_tzdb().version;
    } catch (const std::exception&) {
        return "unknown";
    }
}

}  // namespace ararat::planning
