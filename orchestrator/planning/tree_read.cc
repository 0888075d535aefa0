#include "planning/tree_read.h"

#include <limits>
#include <utility>

#include "base/units.h"
#include "planning/scalar_types.h"

namespace ararat::planning {
namespace {

const TreeNode* scalar_at(const TreeNode& node, std::string_view key) {
    const TreeNode* value = node.find(key);
    return value != nullptr && value->kind == TreeNode::Kind::kScalar ? value : nullptr;
}

int to_count(const std::string& text, int fallback) {
    const auto value = read_integer(text);
    if (!value.ok() || *value < std::numeric_limits<int>::min() || *value > std::numeric_limits<int>::max()) {
        return fallback;
    }
    return static_cast<int>(*value);
}

}  // namespace

std::optional<std::string> optional_text_at(const TreeNode& node, std::string_view key) {
    const TreeNode* value = scalar_at(node, key);
    if (value == nullptr) return std::nullopt;
    return value->text;
}

std::string text_at(const TreeNode& node, std::string_view key, std::string fallback) {
    const TreeNode* value = scalar_at(node, key);
    return value == nullptr ? std::move(fallback) : value->text;
}

int integer_at(const TreeNode& node, std::string_view key, int fallback) {
    const TreeNode* value = scalar_at(node, key);
    return value == nullptr ? fallback : to_count(value->text, fallback);
}

bool boolean_at(const TreeNode& node, std::string_view key) { return text_at(node, key) == "true"; }

std::optional<Duration> duration_at(const TreeNode& node, std::string_view key) {
    const TreeNode* value = scalar_at(node, key);
    if (value == nullptr) return std::nullopt;
    const auto duration = parse_duration(value->text);
    if (!duration.ok()) return std::nullopt;
    return *duration;
}

std::uint64_t bytes_at(const TreeNode& node, std::string_view key) {
    const TreeNode* value = scalar_at(node, key);
    if (value == nullptr) return 0;
    const auto bytes = parse_bytes(value->text);
    return bytes.ok() ? *bytes : 0;
}

std::uint64_t rate_at(const TreeNode& node, std::string_view key) {
    const TreeNode* value = scalar_at(node, key);
    if (value == nullptr) return 0;
    const auto rate = parse_bytes_per_second(value->text);
    return rate.ok() ? *rate : 0;
}

std::vector<std::string> texts_at(const TreeNode& node, std::string_view key) {
    std::vector<std::string> texts;
    for (const TreeNode& item : items_at(node, key)) {
        if (item.kind == TreeNode::Kind::kScalar) texts.push_back(item.text);
    }
    return texts;
}

std::map<std::string, std::string> text_map_at(const TreeNode& node, std::string_view key) {
    std::map<std::string, std::string> texts;
    for (const TreeEntry& entry : entries_at(node, key)) {
        if (entry.value.kind == TreeNode::Kind::kScalar) texts[entry.key] = entry.value.text;
    }
    return texts;
}

std::map<std::string, SourcePlace> places_at(const TreeNode& node, std::string_view key) {
    std::map<std::string, SourcePlace> places;
    for (const TreeEntry& entry : entries_at(node, key)) places[entry.key] = entry.place();
    return places;
}

std::map<std::string, int> counts_at(const TreeNode& node, std::string_view key) {
    std::map<std::string, int> counts;
    for (const auto& [name, text] : text_map_at(node, key)) counts[name] = to_count(text, 0);
    return counts;
}

std::vector<NamedPlace> names_at(const TreeNode& node, std::string_view key) {
    std::vector<NamedPlace> names;
    for (const TreeNode& item : items_at(node, key)) {
        if (item.kind == TreeNode::Kind::kScalar) names.push_back({item.text, item.place()});
    }
    return names;
}

std::vector<NamedPlace> imports_at(const TreeNode& calendar) {
    std::vector<NamedPlace> paths = names_at(calendar, "import");
    if (const TreeNode* path = scalar_at(calendar, "import")) paths.push_back({path->text, path->place()});
    return paths;
}

std::optional<DayOrMoment> day_or_moment_at(const TreeNode& node, std::string_view key, Instant as_of) {
    const TreeNode* value = scalar_at(node, key);
    if (value == nullptr) return std::nullopt;
    auto moment = read_day_or_moment(value->text, as_of);
    if (!moment.ok()) return std::nullopt;
    return std::move(*moment);
}

const std::vector<TreeEntry>& entries_at(const TreeNode& node, std::string_view key) {
    static const std::vector<TreeEntry> kNone;
    const TreeNode* value = node.find(key);
    return value != nullptr && value->kind == TreeNode::Kind::kMap ? value->entries : kNone;
}

const std::vector<TreeNode>& items_at(const TreeNode& node, std::string_view key) {
    static const std::vector<TreeNode> kNone;
    const TreeNode* value = node.find(key);
    return value != nullptr && value->kind == TreeNode::Kind::kList ? value->items : kNone;
}

}  // namespace ararat::planning
