// Points in time and durations, in milliseconds. Wall time is for windows and for display; nothing
// is ordered by it (the journal's sequence number orders).
#pragma once

#include <chrono>
#include <cstdint>

namespace ararat {

using Duration = std::chrono::milliseconds;
using Instant = std::chrono::sys_time<Duration>;

// Milliseconds since 1970-01-01T00:00:00Z.
[[nodiscard]] constexpr std::int64_t to_unix_ms(Instant instant) {
    return instant.time_since_epoch().count();
}
[[nodiscard]] constexpr Instant from_unix_ms(std::int64_t ms) { return Instant{Duration{ms}}; }

}  // namespace ararat
