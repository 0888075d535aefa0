// Sizes, rates, durations and shares as people write them ("32 GiB", "1 Gbit/s", "45min", "60%"), and
// back as people read them. A number without a unit is refused wherever a unit could be meant.
// Thread promise: pure functions. Errors: invalid-argument, whose message quotes the text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/instant.h"
#include "base/result.h"

namespace ararat {

// "512 B", "32 GiB", "1.5 TB"; decimal (kB, MB, GB, TB, PB) and binary (KiB, MiB, GiB, TiB, PiB).
// A fraction of a byte is cut off.
[[nodiscard]] Result<std::uint64_t> parse_bytes(std::string_view text);

// Bytes a second from "100 MB/s", "2 GiB/h", "1 Gbit/s" (also kbit, Mbit; per s, min, h or d).
[[nodiscard]] Result<std::uint64_t> parse_bytes_per_second(std::string_view text);
// The same text, in bytes an hour: slow rates of change keep their digits.
[[nodiscard]] Result<std::uint64_t> parse_bytes_per_hour(std::string_view text);

// "200ms", "45min", "1h 30min", "2d", "1w"; whole numbers, units from large to small, none twice.
[[nodiscard]] Result<Duration> parse_duration(std::string_view text);

// "99.5%" is 99.5; from 0 to 100.
[[nodiscard]] Result<double> parse_percent(std::string_view text);

// For people: "31.4 GiB", three digits at most before and one after the point.
[[nodiscard]] std::string format_bytes(std::uint64_t bytes);
// "12.5 MiB/s".
[[nodiscard]] std::string format_bytes_per_second(std::uint64_t bytes_per_second);
// The two largest units: "2d 3h", "1min 5s", "1.25s" below a minute, "340ms" below a second.
[[nodiscard]] std::string format_duration(Duration duration);
// Exact, and read back by parse_duration (which refuses negative ones): "1h30min", "0ms".
[[nodiscard]] std::string duration_text(Duration duration);
// 1234567 as "1,234,567".
[[nodiscard]] std::string format_count(std::uint64_t count);

}  // namespace ararat
