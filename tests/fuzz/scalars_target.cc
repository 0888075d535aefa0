// Single values of plans: what is accepted has one way to be written, and means the same when it is written
// again.
#include "base/identifier.h"
#include "base/units.h"
#include "base/utf8.h"
#include "planning/calendar.h"
#include "planning/scalar_types.h"
#include "planning/template_text.h"
#include "platform/identity.h"
#include "tests/fuzz/target.h"

namespace ararat::fuzzing {
namespace {

constexpr std::int64_t kNowMs = 1'709'546'400'000;  // 2024-03-04T10:00:00Z

void try_numbers(std::string_view text) {
    if (const auto number = planning::read_integer(text); number.ok())
        ARARAT_CHECK(std::to_string(*number) == text, "a number with two ways to be written");
    if (const auto duration = parse_duration(text); duration.ok()) {
        ARARAT_CHECK(duration->count() >= 0, "a duration below zero");
        const auto again = parse_duration(duration_text(*duration));
        ARARAT_CHECK(again.ok() && *again == *duration, "a duration that is not read back");
        (void)format_duration(*duration);
    }
    if (const auto share = parse_percent(text); share.ok())
        ARARAT_CHECK(*share >= 0 && *share <= 100, "a share of more than everything");
    if (const auto bytes = parse_bytes(text); bytes.ok()) (void)format_bytes(*bytes);
    if (const auto rate = parse_bytes_per_second(text); rate.ok()) (void)format_bytes_per_second(*rate);
    (void)parse_bytes_per_hour(text);
}

void try_times(std::string_view text) {
    (void)planning::read_windows(text);
    (void)planning::read_date_range(text);
    (void)planning::read_date(text);
    const auto moment = planning::read_moment(text, from_unix_ms(kNowMs));
    if (moment.ok()) (void)planning::local_text(*moment, "Europe/London");
}

void try_names(std::string_view text) {
    if (is_identifier(text)) {
        ARARAT_CHECK(!find_line_fault(text) && text.find('/') == std::string_view::npos,
                     "an identifier that is no file name");
    }
    (void)planning::check_address(text);
    (void)planning::check_timezone(text);
    if (planning::check_absolute_path(text).ok())
        ARARAT_CHECK(text.front() == '/' && text.find("/../") == std::string_view::npos,
                     "a path that climbs");
    if (planning::check_relative_path(text).ok())
        ARARAT_CHECK(!text.starts_with('/') && !text.starts_with("../"), "a path that leaves its folder");
    if (const auto identity = platform::parse_identity_uri(text); identity.ok())
        ARARAT_CHECK(platform::identity_uri(*identity) == text, "an identity with two ways to be written");
}

// What takes a reference's place is never read for references again.
void try_template(std::string_view text) {
    const auto parts = planning::split_template(text);
    const auto expanded =
        planning::expand(text, [](const std::string&) -> Result<std::string> { return std::string("$"); });
    ARARAT_CHECK(parts.ok() || !expanded.ok(), "a template that cannot be split was expanded");
    if (expanded.ok()) ARARAT_CHECK(!planning::has_late_reference(*expanded), "text became a reference");
}

void try_display(std::string_view text) {
    const std::string shown = displayable(text);
    for (std::size_t at = 0; at < shown.size();) {
        const auto decoded = decode_utf8(shown, at);
        ARARAT_CHECK(decoded.has_value(), "what is shown is not UTF-8");
        at += decoded->bytes;
    }
    ARARAT_CHECK(displayable(shown) == shown, "what is shown has faults left");
}

}  // namespace

void fuzz_scalars(std::string_view bytes) {
    if (bytes.empty()) return;
    const auto [way, rest] = choose(bytes, 5);
    switch (way) {
        case 0: try_numbers(rest); break;
        case 1: try_times(rest); break;
        case 2: try_names(rest); break;
        case 3: try_template(rest); break;
        default: try_display(rest);
    }
}

}  // namespace ararat::fuzzing
