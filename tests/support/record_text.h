// Records and effects as one line of words each, for golden conversations and for messages of tests.
#pragma once

#include <string>

#include "execution/effect.h"
#include "execution/record.h"

namespace ararat::testing {

[[nodiscard]] std::string text_of(const execution::RecordBody& body);
[[nodiscard]] std::string text_of(const execution::Effect& effect);

}  // namespace ararat::testing
