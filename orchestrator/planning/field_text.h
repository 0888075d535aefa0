// Words about fields and their values for messages, and whether a scalar's text is of a field's type.
// Thread promise: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "base/instant.h"
#include "base/result.h"
#include "planning/field_table.h"
#include "planning/strict_tree.h"

namespace ararat::planning {

// "a list", "a mapping", "text".
[[nodiscard]] std::string_view shape_name(TreeNode::Kind kind);
// At most 80 bytes of a value, safe to print.
[[nodiscard]] std::string shown(const std::string& text);
// "key 'hosts'"
[[nodiscard]] std::string key_text(const Field& field);
// " (meant: true or false)"
[[nodiscard]] std::string meant(FieldType type);
// One name without '/', not hidden, not to be taken for an option.
[[nodiscard]] bool is_file_name(std::string_view text);
// Types without a rule for their text are always good. Errors: invalid-argument.
[[nodiscard]] Result<void> check_field_text(FieldType type, const std::string& text, Instant as_of);

}  // namespace ararat::planning
