#include "planning/scalar_types.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <optional>

#include "base/join.h"
#include "base/units.h"

namespace ararat::planning {
namespace {

Error bad(std::string message) { return Error{ErrorCode::kInvalidArgument, std::move(message)}; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Exactly `digits` digits at the front of `text`, which is shortened.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
    if (text.size() < digits) return std::nullopt;
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
        if (!is_digit(text[i])) return std::nullopt;
        value = value * 10 + (text[i] - '0');
    }
    text.remove_prefix(digits);
    return value;
}

bool take(std::string_view& text, char c) {
    if (text.empty() || text.front() != c) return false;
    text.remove_prefix(1);
    return true;
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\n')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\n')) text.remove_suffix(1);
    return text;
}

std::optional<std::chrono::sys_days> take_date(std::string_view& text) {
    const auto year = take_number(text, 4);
    if (!year || !take(text, '-')) return std::nullopt;
    const auto month = take_number(text, 2);
    if (!month || !take(text, '-')) return std::nullopt;
    const auto day = take_number(text, 2);
    if (!day) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year{*year},
                                           std::chrono::month{static_cast<unsigned>(*month)},
                                           std::chrono::day{static_cast<unsigned>(*day)}};
    if (!date.ok()) return std::nullopt;
    return std::chrono::sys_days{date};
}

// "19:00" as minutes of the day; 24:00 is the end of the day.
std::optional<int> take_clock(std::string_view& text) {
    const auto hour = take_number(text, 2);
    if (!hour || !take(text, ':')) return std::nullopt;
    const auto minute = take_number(text, 2);
    if (!minute || *minute > 59 || *hour > 24 || (*hour == 24 && *minute != 0)) return std::nullopt;
    return *hour * 60 + *minute;
}

std::optional<Duration> take_offset(std::string_view& text) {
    if (take(text, 'Z')) return Duration{0};
    const bool west = !text.empty() && text.front() == '-';
    if (!take(text, '+') && !take(text, '-')) return std::nullopt;
    const auto minutes = take_clock(text);
    if (!minutes || *minutes >= 24 * 60) return std::nullopt;
    const Duration offset = std::chrono::minutes{*minutes};
    return west ? -offset : offset;
}

std::optional<int> take_weekday(std::string_view& text) {
    constexpr std::array<std::string_view, 7> kDays = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    const auto* const day = std::find(kDays.begin(), kDays.end(), text.substr(0, 3));
    if (day == kDays.end()) return std::nullopt;
    text.remove_prefix(3);
    return static_cast<int>(day - kDays.begin());
}

std::optional<WeeklyWindow> take_window(std::string_view text) {
    WeeklyWindow window;
    const auto first = take_weekday(text);
    if (!first) return std::nullopt;
    int last = *first;
    if (take(text, '-')) {
        const auto day = take_weekday(text);
        if (!day) return std::nullopt;
        last = *day;
    }
    for (int day = *first;; day = (day + 1) % 7) {
        window.weekdays.insert(day);
        if (day == last) break;
    }
    if (!take(text, ' ')) return std::nullopt;
    const auto start = take_clock(text);
    if (!start || *start == 24 * 60 || !take(text, '-')) return std::nullopt;
    const auto end = take_clock(text);
    if (!end || !text.empty() || *end == *start) return std::nullopt;
    window.start_minute = *start;
    window.end_minute = *end > *start ? *end : *end + 24 * 60;
    return window;
}

std::optional<Instant> take_rfc3339(std::string_view text) {
    const auto day = take_date(text);
    if (!day) return std::nullopt;
    if (text.empty()) return Instant{*day};
    if (!take(text, 'T')) return std::nullopt;
    const auto minutes = take_clock(text);
    if (!minutes || *minutes == 24 * 60 || !take(text, ':')) return std::nullopt;
    const auto seconds = take_number(text, 2);
    if (!seconds || *seconds > 59) return std::nullopt;
    const auto offset = take_offset(text);
    if (!offset || !text.empty()) return std::nullopt;
    return Instant{*day} + std::chrono::minutes{*minutes} + std::chrono::seconds{*seconds} - *offset;
}

}  // namespace

Result<std::int64_t> read_integer(std::string_view text) {
    const std::string_view digits = text.substr(!text.empty() && text.front() == '-' ? 1 : 0);
    const bool zeros = digits != text ? digits.starts_with('0') : digits.size() > 1 && digits.front() == '0';
    if (digits.empty() || zeros || !std::all_of(digits.begin(), digits.end(), is_digit)) {
        return bad("not a whole number");
    }
    std::int64_t value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc{} || end != text.data() + text.size()) return bad("not a number of 64 bits");
    return value;
}

Result<bool> read_boolean(std::string_view text) {
    if (text == "true") return true;
    if (text == "false") return false;
    return bad("not a boolean");
}

Result<std::string> read_date(std::string_view text) {
    std::string_view rest = text;
    if (!take_date(rest) || !rest.empty()) return bad("not a date");
    return std::string(text);
}

Result<Instant> read_moment(std::string_view text, Instant as_of) {
    if (text.substr(0, 3) == "now") {
        const std::string_view rest = text.substr(3);
        if (rest.empty()) return as_of;
        if (rest.front() != '+' && rest.front() != '-') return bad("not a moment");
        ARARAT_ASSIGN_OR_RETURN(const Duration distance, parse_duration(rest.substr(1)));
        return rest.front() == '+' ? as_of + distance : as_of - distance;
    }
    if (const auto moment = take_rfc3339(text)) return *moment;
    return bad("not a moment");
}

Result<DayOrMoment> read_day_or_moment(std::string_view text, Instant as_of) {
    ARARAT_ASSIGN_OR_RETURN(const Instant moment, read_moment(text, as_of));
    if (read_date(text).ok()) return DayOrMoment{std::string(text), moment};
    return DayOrMoment{{}, moment};
}

Result<Money> read_money(std::string_view text) {
    constexpr std::int64_t kUnitsMax = 10'000'000'000;
    const std::size_t space = text.find(' ');
    if (space == std::string_view::npos) return bad("not an amount of money");
    const std::string_view currency = text.substr(space + 1);
    const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
    if (currency.size() != 3 || !std::all_of(currency.begin(), currency.end(), upper)) {
        return bad("not an amount of money");
    }
    std::string_view amount = text.substr(0, space);
    Pence hundredths = 0;
    if (const std::size_t dot = amount.find('.'); dot != std::string_view::npos) {
        std::string_view decimals = amount.substr(dot + 1);
        const auto value = take_number(decimals, 2);
        if (!value || !decimals.empty()) return bad("not an amount of money");
        hundredths = *value;
        amount = amount.substr(0, dot);
    }
    ARARAT_ASSIGN_OR_RETURN(const std::int64_t units, read_integer(amount));
    if (units < 0 || units > kUnitsMax) return bad("not an amount of money");
    return Money{units * 100 + hundredths, std::string(currency)};
}

Result<std::string> read_month(std::string_view text) {
    if (!read_date(std::string(text) + "-01").ok()) return bad("not a month");
    return std::string(text);
}

Result<std::vector<WeeklyWindow>> read_windows(std::string_view text) {
    std::vector<WeeklyWindow> windows;
    for (const std::string& part : split(text, ',')) {
        const auto window = take_window(trimmed(part));
        if (!window) return bad("'" + std::string(trimmed(part)) + "' is not a weekly window");
        windows.push_back(*window);
    }
    return windows;
}

Result<DateRange> read_date_range(std::string_view text) {
    const std::size_t slash = text.find('/');
    DateRange range;
    range.first = text.substr(0, slash);
    range.last = slash == std::string_view::npos ? range.first : text.substr(slash + 1);
    if (!read_date(range.first).ok() || !read_date(range.last).ok()) return bad("is not a date range");
    if (range.last < range.first) return bad("ends before it begins");
    return range;
}

Result<void> check_absolute_path(std::string_view text) {
    if (text.empty() || text.front() != '/') return bad("not an absolute path");
    for (const std::string& part : split(text, '/')) {
        if (part == ".." || part == ".") return bad("a path with '" + part + "' in it");
    }
    return {};
}

Result<void> check_relative_path(std::string_view text) {
    if (text.empty()) return bad("an empty path");
    if (text.front() == '/') return bad("an absolute path");
    std::vector<std::string> resolved;
    bool leaves = false;
    for (const std::string& part : split(text, '/')) {
        if (part == "." || part.empty()) continue;
        if (part == ".." && !resolved.empty() && resolved.back() != "..") {
            resolved.pop_back();
            continue;
        }
        leaves = leaves || part == "..";
        resolved.push_back(part);
    }
    if (leaves) return bad("a path that leaves its root: it resolves to '" + join(resolved, "/") + "'");
    return {};
}

Result<void> check_address(std::string_view text) {
    if (text.empty() || text.size() > 253) return bad("not an address");
    const auto belongs = [](char c) {
        return is_letter(c) || is_digit(c) || c == '.' || c == '-' || c == ':' || c == '_';
    };
    const bool ends_well = text.front() != '-' && text.front() != '.' && text.back() != '-';
    if (!ends_well || !std::all_of(text.begin(), text.end(), belongs)) return bad("not an address");
    const bool colon = text.find(':') != std::string_view::npos;
    const auto hexadecimal = [](char c) {
        return is_digit(c) || c == ':' || c == '.' || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    };
    if (colon && (std::count(text.begin(), text.end(), ':') < 2 ||
                  !std::all_of(text.begin(), text.end(), hexadecimal))) {
        return bad("not an address");
    }
    return {};
}

Result<void> check_timezone(std::string_view text) {
    const auto belongs = [](char c) {
        return is_letter(c) || is_digit(c) || c == '/' || c == '_' || c == '-' || c == '+';
    };
    if (text.empty() || !is_letter(text.front()) || !std::all_of(text.begin(), text.end(), belongs)) {
        return bad("not a time zone");
    }
    return {};
}

}  // namespace ararat::planning
