// The types of an action's parameters, and whether a value is of one.
// Thread promise: pure functions.
#pragma once

#include <string_view>

#include "base/result.h"
#include "model/plan.h"

namespace ararat::planning {

[[nodiscard]] std::string_view to_string(ParamType type);
// Text as written in manifests; unknown text reads as kText.
[[nodiscard]] ParamType to_param_type(std::string_view text);

// Errors: invalid-argument: "'x' is not a path (meant: ...)". Values become single arguments, so nothing
// in them is special, with one exception: what could be taken for an option is refused for identifiers,
// paths and addresses.
[[nodiscard]] Result<void> check_param_value(ParamType type, std::string_view value);

// A name as systemd, PostgreSQL and file systems have them: letters, digits and . _ @ : - ; begins with
// a letter, a digit or '_'.
[[nodiscard]] bool is_plain_name(std::string_view text);

}  // namespace ararat::planning
