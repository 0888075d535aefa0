// Bytes, rates, durations and bars for people.
#pragma once

#include <cstdint>
#include <string>

namespace ararat::cli {

// "[########......]" of `width` cells; a total of 0 shows no share.
[[nodiscard]] std::string bar(std::uint64_t done, std::uint64_t total, int width);
// "1.4 MiB"
[[nodiscard]] std::string bytes_text(double bytes);
// "340ms", "4.2s", "3m07s", "2h05m"
[[nodiscard]] std::string duration_text(std::int64_t ms);

}  // namespace ararat::cli
