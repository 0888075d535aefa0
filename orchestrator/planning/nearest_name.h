// "did you mean ...?": the known name nearest to an unknown one, by edit distance (Levenshtein 1966,
// with neighbouring letters swapped counted as one).
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace ararat::planning {

// Empty when nothing is near enough (a third of the length, at most 3 edits). Ties: the first in
// alphabetical order. Names longer than 64 characters are never near.
[[nodiscard]] std::string nearest_name(std::string_view wrong, std::span<const std::string> known);

// " (did you mean 'hosts'?)", or nothing.
[[nodiscard]] std::string did_you_mean(std::string_view wrong, std::span<const std::string> known);

}  // namespace ararat::planning
