// Addresses of servers as people write them: host:port, an IPv6 address in brackets.
// Thread promise: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace ararat {

// Whether `text` is a name or IP address and a port of 1 to 65535. Errors: invalid-argument, which names
// the text.
[[nodiscard]] Result<void> check_host_port(std::string_view text);

}  // namespace ararat
