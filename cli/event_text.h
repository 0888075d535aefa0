// One record of the journal as a line for people. Pure.
#pragma once

#include <string>

#include "ararat/v1/journal.pb.h"

namespace ararat::cli {

// "wave-1.1: housing/db/copy succeeded", without its time and sequence. A kind of record that this program
// has no words for is shown as it is.
[[nodiscard]] std::string event_text(const v1::Record& record);

}  // namespace ararat::cli
