// A YAML document as a tree that knows where everything stands. Built from yaml-cpp's events, because its
// own nodes keep the first of two equal keys silently, follow aliases in circles and lose positions.
// Refused: anchors, aliases, tags, merge keys, repeated keys, more than one document, more than 64 levels.
// Thread promise: values; no shared state.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/plan.h"
#include "planning/diagnostic.h"

namespace ararat::planning {

struct TreeEntry;

struct TreeNode {
    enum class Kind {
        kNull,  // nothing was written where a value belongs
        kScalar,
        kMap,
        kList,
        kFaulty,  // already reported; whoever reads it stays silent
    };
    Kind kind = Kind::kNull;
    bool quoted = false;  // a scalar in quotes, or a block scalar
    int line = 0;
    int column = 0;
    std::shared_ptr<const std::string> file;
    std::string text;
    std::vector<TreeEntry> entries;
    std::vector<TreeNode> items;

    [[nodiscard]] SourcePlace place() const { return {file ? *file : std::string(), line, column}; }
    // Linear: for mappings with fixed fields. Null when the key is not there.
    [[nodiscard]] const TreeNode* find(std::string_view key) const;
    [[nodiscard]] const TreeEntry* find_entry(std::string_view key) const;
};

struct TreeEntry {
    std::string key;
    int line = 0;
    int column = 0;
    TreeNode value;

    [[nodiscard]] SourcePlace place() const {
        return {value.file ? *value.file : std::string(), line, column};
    }
};

inline constexpr std::size_t kDepthMax = 64;

// Nothing when the text could not be read as YAML at all; faults are added to `faults` either way.
// Precondition: check_source_text found no fault.
[[nodiscard]] std::optional<TreeNode> build_tree(const std::string& file, const std::string& text,
                                                 DiagnosticList& faults);

}  // namespace ararat::planning
