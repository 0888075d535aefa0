// Identifiers: what people name projects, hosts, applications and steps. Narrow on purpose: they become
// file names, DNS labels and parts of keys.
// Thread promise: pure functions.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"

namespace ararat {

inline constexpr std::size_t kIdentifierLengthMax = 63;

// `[a-z0-9._-]{1,63}`, beginning with a letter or a digit. Errors: invalid-argument, naming the first
// offending code point and its place.
[[nodiscard]] Result<void> check_identifier(std::string_view text);
[[nodiscard]] bool is_identifier(std::string_view text);

}  // namespace ararat
