// Values out of a tree that was checked against the table of fields. A value that is missing or was
// reported as faulty reads as the fallback: the plan is not used then, only shown.
// Thread promise: pure functions.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "model/plan.h"
#include "planning/strict_tree.h"

namespace ararat::planning {

[[nodiscard]] std::string text_at(const TreeNode& node, std::string_view key, std::string fallback = {});
[[nodiscard]] std::optional<std::string> optional_text_at(const TreeNode& node, std::string_view key);
[[nodiscard]] int integer_at(const TreeNode& node, std::string_view key, int fallback);
[[nodiscard]] bool boolean_at(const TreeNode& node, std::string_view key);
[[nodiscard]] std::optional<Duration> duration_at(const TreeNode& node, std::string_view key);
[[nodiscard]] std::uint64_t bytes_at(const TreeNode& node, std::string_view key);
[[nodiscard]] std::uint64_t rate_at(const TreeNode& node, std::string_view key);
[[nodiscard]] std::vector<std::string> texts_at(const TreeNode& node, std::string_view key);
[[nodiscard]] std::map<std::string, std::string> text_map_at(const TreeNode& node, std::string_view key);
[[nodiscard]] std::map<std::string, SourcePlace> places_at(const TreeNode& node, std::string_view key);
[[nodiscard]] std::map<std::string, int> counts_at(const TreeNode& node, std::string_view key);
// Names of a list with their places.
[[nodiscard]] std::vector<NamedPlace> names_at(const TreeNode& node, std::string_view key);
// A calendar's `import`: one path or a list of them.
[[nodiscard]] std::vector<NamedPlace> imports_at(const TreeNode& calendar);
[[nodiscard]] std::optional<DayOrMoment> day_or_moment_at(const TreeNode& node, std::string_view key,
                                                          Instant as_of);
// The entries of a mapping under `key`; none when it is not there.
[[nodiscard]] const std::vector<TreeEntry>& entries_at(const TreeNode& node, std::string_view key);
[[nodiscard]] const std::vector<TreeNode>& items_at(const TreeNode& node, std::string_view key);

template <typename Id>
[[nodiscard]] std::vector<Id> ids_at(const TreeNode& node, std::string_view key) {
    std::vector<Id> ids;
    for (std::string& text : texts_at(node, key)) ids.emplace_back(std::move(text));
    return ids;
}

}  // namespace ararat::planning
