// The list of orchestrators that an agent may turn to, as it stands in the configuration or on a command
// line. Thread promise: pure function.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace ararat::agent {

// "o1:7401 o2:7401", or with commas between them, in the order in which they are tried. Errors:
// invalid-argument, which names every address that is none or is there twice; none at all.
[[nodiscard]] Result<std::vector<std::string>> parse_orchestrators(const std::string& text);

}  // namespace ararat::agent
