#include "planning/nearest_name.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace ararat::planning {
namespace {

constexpr std::size_t kLengthMax = 64;
using Row = std::array<std::size_t, kLengthMax + 1>;

std::size_t edit_distance(std::string_view a, std::string_view b) {
    Row before{};
    Row last{};
    Row current{};
    for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        current[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replace = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            current[j] = std::min({last[j] + 1, current[j - 1] + 1, replace});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                current[j] = std::min(current[j], before[j - 2] + 1);
            }
        }
        before = last;
        last = current;
    }
    return last[b.size()];
}

}  // namespace

std::string nearest_name(std::string_view wrong, std::span<const std::string> known) {
    if (wrong.empty() || wrong.size() > kLengthMax) return {};
    std::size_t best = std::min<std::size_t>(3, std::max<std::size_t>(1, wrong.size() / 3)) + 1;
    std::string found;
    for (const std::string& name : known) {
        if (name.empty() || name.size() > kLengthMax) continue;
        const std::size_t longer = std::max(name.size(), wrong.size());
        const std::size_t shorter = std::min(name.size(), wrong.size());
        if (longer - shorter > best) continue;
        const std::size_t distance = edit_distance(wrong, name);
        if (distance < best || (distance == best && !found.empty() && name < found)) {
            best = distance;
            found = name;
        }
    }
    return found;
}

std::string did_you_mean(std::string_view wrong, std::span<const std::string> known) {
    const std::string near = nearest_name(wrong, known);
    return near.empty() ? std::string() : " (did you mean '" + near + "'?)";
}

}  // namespace ararat::planning
