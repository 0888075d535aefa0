#include "cli/progress_bar.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace ararat::cli {

std::string bar(std::uint64_t done, std::uint64_t total, int width) {
    const auto cells = static_cast<std::size_t>(width);
    const std::size_t filled =
        total == 0 ? 0 : std::min<std::size_t>(cells, static_cast<std::size_t>(done * cells / total));
    return "[" + std::string(filled, '#') + std::string(cells - filled, '.') + "]";
}

std::string bytes_text(double bytes) {
    constexpr std::array<const char*, 5> kUnits{"B", "KiB", "MiB", "GiB", "TiB"};
    std::size_t unit = 0;
    while (bytes >= 1024 && unit + 1 < kUnits.size()) {
        bytes /= 1024;
        ++unit;
    }
    return unit == 0 ? fmt::format("{:.0f} B", bytes) : fmt::format("{:.1f} {}", bytes, kUnits[unit]);
}

std::string duration_text(std::int64_t ms) {
    if (ms < 1000) return fmt::format("{}ms", ms);
    if (ms < 60'000) return fmt::format("{:.1f}s", static_cast<double>(ms) / 1000.0);
    if (ms < 3'600'000) return fmt::format("{}m{:02}s", ms / 60'000, ms % 60'000 / 1000);
    return fmt::format("{}h{:02}m", ms / 3'600'000, ms % 3'600'000 / 60'000);
}

}  // namespace ararat::cli
