// A moment for people and logs.
#pragma once

#include <string>

#include "base/instant.h"

namespace ararat {

// 2017-09-30T18:00:00Z: in UTC, to the second.
[[nodiscard]] std::string time_text(Instant instant);

}  // namespace ararat
