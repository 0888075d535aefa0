#include "base/units.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include "base/utf8.h"

namespace ararat {
namespace {

struct Unit {
    std::string_view name;
    std::uint64_t factor;
};

constexpr std::uint64_t kKilo = 1000;
constexpr std::uint64_t kKibi = 1024;
constexpr std::array<Unit, 11> kByteUnits{{
    {"B", 1},
    {"kB", kKilo},
    {"MB", kKilo* kKilo},
    {"GB", kKilo* kKilo* kKilo},
    {"TB", kKilo* kKilo* kKilo* kKilo},
    {"PB", kKilo* kKilo* kKilo* kKilo* kKilo},
    {"KiB", kKibi},
    {"MiB", kKibi* kKibi},
    {"GiB", kKibi* kKibi* kKibi},
    {"TiB", kKibi* kKibi* kKibi* kKibi},
    {"PiB", kKibi* kKibi* kKibi* kKibi* kKibi},
}};
constexpr std::array<Unit, 5> kBitUnits{{
    {"bit", 1},
    {"kbit", kKilo},
    {"Mbit", kKilo* kKilo},
    {"Gbit", kKilo* kKilo* kKilo},
    {"Tbit", kKilo* kKilo* kKilo* kKilo},
}};
constexpr std::array<Unit, 4> kPeriodSeconds{{{"s", 1}, {"min", 60}, {"h", 3600}, {"d", 86400}}};
// From large to small: parse_duration and duration_text rely on it.
constexpr std::array<Unit, 6> kDurationUnits{
    {{"w", 604'800'000}, {"d", 86'400'000}, {"h", 3'600'000}, {"min", 60'000}, {"s", 1000}, {"ms", 1}}};

template <std::size_t N>
const Unit* find_unit(const std::array<Unit, N>& units, std::string_view name) {
    for (const Unit& unit : units) {
        if (unit.name == name) return &unit;
    }
    return nullptr;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

Error refused(std::string_view text, std::string_view what, std::string_view example) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("'{}' is not {} (write it like {})", displayable(text), what, example)};
}

struct Quantity {
    long double number = 0;  // 64 bits of mantissa: every uint64 exactly
    std::string_view unit;
};

// "32 GiB": digits, perhaps a point and digits, perhaps one space, a unit. No sign, no exponent.
std::optional<Quantity> read_quantity(std::string_view text) {
    std::size_t at = 0;
    long double number = 0;
    constexpr std::size_t kDigitsMax = 18;
    while (at < text.size() && is_digit(text[at])) number = number * 10 + (text[at++] - '0');
    if (at == 0 || at > kDigitsMax) return std::nullopt;
    if (at < text.size() && text[at] == '.') {
        const std::size_t point = at++;
        long double scale = 1;
        while (at < text.size() && is_digit(text[at])) number += (text[at++] - '0') / (scale *= 10);
        if (at == point + 1 || at - point > kDigitsMax) return std::nullopt;
    }
    if (at < text.size() && text[at] == ' ') ++at;
    return Quantity{number, text.substr(at)};
}

std::optional<std::uint64_t> whole(long double value) {
    if (value >= 18'446'744'073'709'551'615.0L) return std::nullopt;
    // 0.1 is no binary fraction: 1.1 GB must not become one byte less.
    return static_cast<std::uint64_t>(std::floor(value + 1e-6L));
}

Result<std::uint64_t> parse_rate(std::string_view text, std::uint64_t period_s) {
    constexpr std::string_view kWhat = "a rate";
    constexpr std::string_view kExample = "1 Gbit/s or 2 GiB/h";
    const std::string_view body = trimmed(text);
    const std::size_t slash = body.find('/');
    if (slash == std::string_view::npos) return refused(text, kWhat, kExample);
    const Unit* period = find_unit(kPeriodSeconds, body.substr(slash + 1));
    const auto quantity = read_quantity(body.substr(0, slash));
    if (period == nullptr || !quantity) return refused(text, kWhat, kExample);
    long double bytes = 0;
    if (const Unit* unit = find_unit(kByteUnits, quantity->unit)) {
        bytes = quantity->number * static_cast<long double>(unit->factor);
    } else if (const Unit* bits = find_unit(kBitUnits, quantity->unit)) {
        bytes = quantity->number * static_cast<long double>(bits->factor) / 8;
    } else {
        return refused(text, kWhat, kExample);
    }
    const auto rate =
        whole(bytes * static_cast<long double>(period_s) / static_cast<long double>(period->factor));
    if (!rate) return refused(text, "a rate that fits into 64 bits", kExample);
    return *rate;
}

std::string with_one_decimal(double value, std::string_view unit) {
    return fmt::format("{:.1f} {}", value, unit);
}

}  // namespace

Result<std::uint64_t> parse_bytes(std::string_view text) {
    constexpr std::string_view kExample = "32 GiB or 500 MB";
    const auto quantity = read_quantity(trimmed(text));
    const Unit* unit = quantity ? find_unit(kByteUnits, quantity->unit) : nullptr;
    if (unit == nullptr) return refused(text, "a size", kExample);
    const auto bytes = whole(quantity->number * static_cast<long double>(unit->factor));
    if (!bytes) return refused(text, "a size that fits into 64 bits", kExample);
    return *bytes;
}

Result<std::uint64_t> parse_bytes_per_second(std::string_view text) { return parse_rate(text, 1); }
Result<std::uint64_t> parse_bytes_per_hour(std::string_view text) { return parse_rate(text, 3600); }

Result<Duration> parse_duration(std::string_view text) {
    constexpr std::string_view kExample = "45min, 1h 30min or 200ms";
    const Error fault = refused(text, "a duration", kExample);
    std::string_view rest = trimmed(text);
    if (rest.empty()) return fault;
    std::int64_t total_ms = 0;
    std::uint64_t above = std::numeric_limits<std::uint64_t>::max();
    while (!rest.empty()) {
        std::uint64_t number = 0;
        const auto read = std::from_chars(rest.data(), rest.data() + rest.size(), number);
        if (read.ec != std::errc{} || !is_digit(rest.front())) return fault;
        rest.remove_prefix(static_cast<std::size_t>(read.ptr - rest.data()));
        if (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
        std::size_t letters = 0;
        while (letters < rest.size() && rest[letters] >= 'a' && rest[letters] <= 'z') ++letters;
        const Unit* unit = find_unit(kDurationUnits, rest.substr(0, letters));
        if (unit == nullptr || unit->factor >= above) return fault;
        above = unit->factor;
        std::int64_t part_ms = 0;
        if (number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) ||
            __builtin_mul_overflow(static_cast<std::int64_t>(number), static_cast<std::int64_t>(unit->factor),
                                   &part_ms) ||
            __builtin_add_overflow(total_ms, part_ms, &total_ms)) {
            return fault;
        }
        rest.remove_prefix(letters);
        if (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
    }
    return Duration{total_ms};
}

Result<double> parse_percent(std::string_view text) {
    const auto quantity = read_quantity(trimmed(text));
    if (!quantity || quantity->unit != "%" || quantity->number > 100) {
        return refused(text, "a percentage from 0% to 100%", "60% or 99.5%");
    }
    return static_cast<double>(quantity->number);
}

std::string format_bytes(std::uint64_t bytes) {
    static constexpr std::array<std::string_view, 7> kNames{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    if (bytes < kKibi) return fmt::format("{} B", bytes);
    double value = static_cast<double>(bytes);
    std::size_t unit = 0;
    // 1023.96 KiB would be shown as "1024.0 KiB".
    while (value >= 1023.95 && unit + 1 < kNames.size()) {
        value /= 1024;
        ++unit;
    }
    return with_one_decimal(value, kNames.at(unit));
}

std::string format_bytes_per_second(std::uint64_t bytes_per_second) {
    return format_bytes(bytes_per_second) + "/s";
}

std::string format_duration(Duration duration) {
    const std::int64_t ms = duration.count();
    if (ms < 0) return "-" + format_duration(-duration);
    if (ms < 1000) return fmt::format("{}ms", ms);
    if (ms < 60'000) return fmt::format("{}.{:02}s", ms / 1000, ms % 1000 / 10);
    std::string text;
    int parts = 0;
    std::int64_t rest = ms;
    for (const Unit& unit : kDurationUnits) {
        const auto factor = static_cast<std::int64_t>(unit.factor);
        const bool shown = unit.name != "w" && unit.name != "ms";
        if (!shown || (parts == 0 && rest < factor)) continue;
        if (rest >= factor) text += fmt::format("{}{}{}", parts == 0 ? "" : " ", rest / factor, unit.name);
        rest %= factor;
        if (++parts == 2) break;
    }
    return text;
}

std::string duration_text(Duration duration) {
    std::int64_t rest = duration.count();
    if (rest == 0) return "0ms";
    if (rest < 0) return "-" + duration_text(-duration);
    std::string text;
    for (const Unit& unit : kDurationUnits) {
        const auto factor = static_cast<std::int64_t>(unit.factor);
        if (rest >= factor) text += fmt::format("{}{}", rest / factor, unit.name);
        rest %= factor;
    }
    return text;
}

std::string format_count(std::uint64_t count) {
    std::string text = std::to_string(count);
    for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, 1, ',');
    return text;
}

}  // namespace ararat
