#include "planning/icalendar.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>
#include <utility>

#include "base/join.h"
#include "base/units.h"
#include "planning/calendar.h"
#include "planning/field_text.h"
#include "planning/icalendar_lines.h"
#include "planning/nearest_name.h"

namespace ararat::planning {
namespace {

constexpr int kLastYear = 2100;
constexpr std::string_view kMeantDate = " (meant: YYYYMMDD, YYYYMMDDTHHMMSS or YYYYMMDDTHHMMSSZ)";

// A day, and for a date with a time the seconds since its midnight.
struct When {
    std::chrono::year_month_day day;
    std::optional<int> second;
    bool utc = false;
    std::string zone;
};

std::optional<int> number(std::string_view text) {
    int value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool digits = std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
    if (failure != std::errc{} || end != text.data() + text.size() || !digits) return std::nullopt;
    return value;
}

std::optional<std::chrono::year_month_day> read_day(std::string_view text) {
    if (text.size() != 8) return std::nullopt;
    const auto year = number(text.substr(0, 4));
    const auto month = number(text.substr(4, 2));
    const auto day = number(text.substr(6, 2));
    if (!year || !month || !day) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year{*year},
                                           std::chrono::month{static_cast<unsigned>(*month)},
                                           std::chrono::day{static_cast<unsigned>(*day)}};
    return date.ok() ? std::optional(date) : std::nullopt;
}

std::optional<When> read_when(std::string_view text) {
    When when;
    const auto day = read_day(text.substr(0, 8));
    if (!day) return std::nullopt;
    when.day = *day;
    if (text.size() == 8) return when;
    when.utc = text.ends_with('Z');
    const std::string_view time = text.substr(8, text.size() - 8 - (when.utc ? 1 : 0));
    if (time.size() != 7 || time.front() != 'T') return std::nullopt;
    const auto hour = number(time.substr(1, 2));
    const auto minute = number(time.substr(3, 2));
    const auto second = number(time.substr(5, 2));
    if (!hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
    when.second = *hour * 3600 + *minute * 60 + *second;
    return when;
}

// "P3D", "PT2H30M", "P1W".
std::optional<Duration> read_length(std::string_view text) {
    if (!text.starts_with('P')) return std::nullopt;
    text.remove_prefix(1);
    Duration length{0};
    bool time = false;
    bool any = false;
    while (!text.empty()) {
        if (text.front() == 'T' && !time) {
            time = true;
            text.remove_prefix(1);
            continue;
        }
        const std::size_t end = text.find_first_not_of("0123456789");
        if (end == std::string_view::npos || end > 6) return std::nullopt;
        const auto value = number(text.substr(0, end));
        if (!value) return std::nullopt;
        const std::chrono::hours day{24};
        switch (text[end]) {
            case 'W': length += *value * 7 * day; break;
            case 'D': length += *value * day; break;
            case 'H': length += std::chrono::hours{*value}; break;
            case 'M': length += std::chrono::minutes{*value}; break;
            case 'S': length += std::chrono::seconds{*value}; break;
            default: return std::nullopt;
        }
        const bool fits = time == (std::string_view("HMS").find(text[end]) != std::string_view::npos);
        if (!fits) return std::nullopt;
        any = true;
        text.remove_prefix(end + 1);
    }
    return any ? std::optional(length) : std::nullopt;
}

std::string day_text(std::chrono::year_month_day day) {
    const auto two = [](unsigned value) { return (value < 10 ? "0" : "") + std::to_string(value); };
    std::string year = std::to_string(static_cast<int>(day.year()));
    year.insert(0, 4 - std::min<std::size_t>(4, year.size()), '0');
    return year + "-" + two(static_cast<unsigned>(day.month())) + "-" + two(static_cast<unsigned>(day.day()));
}

std::string unescaped(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\' || i + 1 == text.size()) {
            result += text[i];
            continue;
        }
        ++i;
        result += text[i] == 'n' || text[i] == 'N' ? ' ' : text[i];
    }
    return result;
}

// Every year, every so many years, so often or until a day.
struct Yearly {
    int interval = 1;
    std::optional<int> count;
    std::optional<std::chrono::year_month_day> until;
};

class IcalendarReader {
public:
    IcalendarReader(const std::string& file, const std::string& zone, DiagnosticList& faults)
        : file_(file), timezone_(zone), faults_(faults) {}

    std::vector<CalendarEvent> read(const std::vector<IcalendarLine>& lines) {
        if (lines.empty() || lines.front().name != "BEGIN" || lines.front().value != "VCALENDAR") {
            const SourcePlace place = lines.empty() ? SourcePlace{file_, 1, 1} : lines.front().place;
            fault(place, "not an iCalendar file (meant: BEGIN:VCALENDAR at its beginning)");
            return {};
        }
        for (const IcalendarLine& line : lines) take(line);
        if (!open_.empty()) {
            fault(open_.back()->place, "'" + open_.back()->value + "' has no end");
        }
        return std::move(events_);
    }

private:
    void fault(const SourcePlace& place, std::string what) {
        faults_.add(place, DiagnosticCode::kBadCalendar, std::move(what));
    }

    void take(const IcalendarLine& line) {
        if (line.name == "BEGIN") {
            open_.push_back(&line);
            if (line.value == "VEVENT") event_.clear();
            return;
        }
        if (line.name != "END") {
            if (!open_.empty() && open_.back()->value == "VEVENT") event_.push_back(&line);
            return;
        }
        if (open_.empty() || open_.back()->value != line.value) {
            fault(line.place, "'END:" + shown(line.value) + "' without its beginning");
            return;
        }
        const SourcePlace begun = open_.back()->place;
        open_.pop_back();
        if (line.value == "VEVENT") finish_event(begun);
    }

    [[nodiscard]] const IcalendarLine* find(std::string_view name) const {
        const auto found =
            std::ranges::find_if(event_, [name](const IcalendarLine* line) { return line->name == name; });
        return found == event_.end() ? nullptr : *found;
    }

    void finish_event(const SourcePlace& begun) {
        if (const IcalendarLine* status = find("STATUS"); status != nullptr && status->value == "CANCELLED") {
            return;
        }
        const IcalendarLine* start_line = find("DTSTART");
        if (start_line == nullptr) {
            fault(begun, "an event without DTSTART");
            return;
        }
        const std::size_t before = faults_.count();
        for (const char* name : {"RDATE", "EXDATE", "RECURRENCE-ID"}) {
            if (const IcalendarLine* line = find(name)) {
                fault(line->place, std::string(name) + " is not taken (meant: an event of its own for each)");
            }
        }
        const auto start = when_of(*start_line);
        const auto length = start ? length_of(*start, begun) : std::nullopt;
        const auto yearly = start ? yearly_of(*start) : std::nullopt;
        if (faults_.count() != before || !length) return;
        CalendarEvent event;
        const IcalendarLine* summary = find("SUMMARY");
        event.summary = summary == nullptr ? "an event without a name" : shown(unescaped(summary->value));
        event.place = begun;
        if (!find("RRULE")) {
            add_once(*start, *length, event, start_line->value_place);
        } else if (yearly) {
            add_yearly(*start, *length, *yearly, event, start_line->value_place);
        }
    }

    std::optional<When> when_of(const IcalendarLine& line) {
        auto when = read_when(line.value);
        const bool day_only = line.param("VALUE") == "DATE";
        if (!when || (day_only && when->second)) {
            fault(line.value_place,
                  line.name + ": '" + shown(line.value) + "' is not a date" + std::string(kMeantDate));
            return std::nullopt;
        }
        when->zone = when->utc ? "UTC" : std::string(line.param("TZID"));
        if (when->zone.empty()) when->zone = timezone_;
        if (const auto known = check_zone(when->zone); !known.ok()) {
            fault(line.param_place("TZID"), line.name + ": '" + shown(when->zone) + "' " +
                                                known.error().message +
                                                did_you_mean(when->zone, zone_names()));
            return std::nullopt;
        }
        return when;
    }

    // Whole days for a day.
    std::optional<Duration> length_of(const When& start, const SourcePlace& begun) {
        const IcalendarLine* end_line = find("DTEND");
        const IcalendarLine* length_line = find("DURATION");
        std::optional<Duration> length;
        SourcePlace place = begun;
        if (end_line != nullptr) {
            place = end_line->value_place;
            const auto end = when_of(*end_line);
            if (!end) return std::nullopt;
            if (end->second.has_value() != start.second.has_value()) {
                fault(place, "DTEND is a " + std::string(end->second ? "time" : "day") +
                                 " where DTSTART is a " + (start.second ? "time" : "day"));
                return std::nullopt;
            }
            length = distance(start, *end, place);
        } else if (length_line != nullptr) {
            place = length_line->value_place;
            length = read_length(length_line->value);
            const bool whole = length && *length % std::chrono::hours{24} == Duration{0};
            if (!length || (!start.second && !whole)) {
                fault(place, "DURATION: '" + shown(length_line->value) + "' is not " +
                                 (start.second ? "a duration (meant: such as P1D or PT2H30M)"
                                               : "a number of whole days (meant: such as P3D)"));
                return std::nullopt;
            }
        } else if (!start.second) {
            length = std::chrono::hours{24};
        } else {
            length = Duration{0};
        }
        if (length && *length <= Duration{0}) {
            fault(place, "the event takes no time (meant: an end after its beginning)");
            return std::nullopt;
        }
        return length;
    }

    std::optional<Duration> distance(const When& start, const When& end, const SourcePlace& place) {
        if (!start.second) return std::chrono::sys_days{end.day} - std::chrono::sys_days{start.day};
        const auto from = instant_of(start, place);
        const auto to = instant_of(end, place);
        if (!from || !to) return std::nullopt;
        return *to - *from;
    }

    std::optional<Instant> instant_of(const When& when, const SourcePlace& place) {
        const int second = when.second.value_or(0);
        const auto minute = instant_of_local(when.zone, day_text(when.day), second / 60);
        if (!minute.ok()) {
            fault(place, minute.error().message);
            return std::nullopt;
        }
        return *minute + std::chrono::seconds{second % 60};
    }

    std::optional<Yearly> yearly_of(const When& start) {
        const IcalendarLine* rule = find("RRULE");
        if (rule == nullptr) return std::nullopt;
        Yearly yearly;
        bool every_year = false;
        for (const std::string& part : split(rule->value, ';')) {
            const std::size_t equals = part.find('=');
            const std::string name = part.substr(0, equals);
            const std::string value = equals == std::string::npos ? "" : part.substr(equals + 1);
            const auto count = number(value);
            bool taken = name == "WKST";
            if (name == "FREQ") taken = every_year = value == "YEARLY";
            if (name == "BYMONTH") {
                taken = count && static_cast<unsigned>(*count) == static_cast<unsigned>(start.day.month());
            }
            if (name == "BYMONTHDAY") {
                taken = count && static_cast<unsigned>(*count) == static_cast<unsigned>(start.day.day());
            }
            if (name == "INTERVAL" && count && *count > 0) {
                yearly.interval = *count;
                taken = true;
            }
            if (name == "COUNT" && count && *count > 0) {
                yearly.count = count;
                taken = true;
            }
            if (name == "UNTIL") {
                yearly.until = read_day(std::string_view(value).substr(0, 8));
                taken = yearly.until.has_value();
            }
            if (!taken) {
                fault(rule->value_place, "RRULE: '" + shown(part) +
                                             "' is not taken (meant: FREQ=YEARLY with INTERVAL, COUNT or "
                                             "UNTIL, or an event of its own for each)");
                return std::nullopt;
            }
        }
        if (every_year) return yearly;
        fault(rule->value_place, "RRULE without FREQ=YEARLY");
        return std::nullopt;
    }

    void add_once(const When& start, Duration length, CalendarEvent event, const SourcePlace& place) {
        if (!start.second) {
            const std::chrono::sys_days first{start.day};
            const auto days = std::chrono::duration_cast<std::chrono::days>(length);
            event.days = DateRange{day_text(start.day), day_text(first + days - std::chrono::days{1})};
        } else if (const auto from = instant_of(start, place)) {
            event.start = *from;
            event.end = *from + length;
        } else {
            return;
        }
        events_.push_back(std::move(event));
    }

    // A 29th of February is only where there is one.
    void add_yearly(const When& first, Duration length, const Yearly& yearly, const CalendarEvent& event,
                    const SourcePlace& place) {
        int left = yearly.count.value_or(kLastYear);
        for (When when = first; static_cast<int>(when.day.year()) <= kLastYear && left > 0;
             when.day += std::chrono::years{yearly.interval}) {
            if (!when.day.ok()) continue;
            if (yearly.until && std::chrono::sys_days{when.day} > std::chrono::sys_days{*yearly.until})
                return;
            add_once(when, length, event, place);
            --left;
        }
    }

    const std::string& file_;
    const std::string& timezone_;
    DiagnosticList& faults_;
    std::vector<const IcalendarLine*> open_;   // BEGIN lines
    std::vector<const IcalendarLine*> event_;  // of the event that is being read
    std::vector<CalendarEvent> events_;
};

}  // namespace

std::vector<CalendarEvent> read_icalendar(const std::string& file, const std::string& text,
                                          const std::string& timezone, DiagnosticList& faults) {
    const std::size_t before = faults.count();
    const std::vector<IcalendarLine> lines = icalendar_lines(file, text, faults);
    if (faults.count() != before) return {};
    return IcalendarReader(file, timezone, faults).read(lines);
}

}  // namespace ararat::planning
