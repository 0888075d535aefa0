// In which order the effects of one turn leave. Thread promise: pure function.
#pragma once

#include <vector>

#include "execution/effect.h"

namespace ararat::server {

// What was given up ends before its successor, which this very turn may send, begins. A host that has just
// come up is told what it may have missed, which includes what this turn sends it.
[[nodiscard]] std::vector<execution::Effect> in_order(std::vector<execution::Effect> effects,
                                                      std::vector<execution::Effect> replies);

}  // namespace ararat::server
