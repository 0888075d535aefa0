// The reference page of the plan language, made from the table of fields and the table of faults;
// published as docs/plan-reference.md.
// Thread promise: pure.
#pragma once

#include <string>

namespace ararat::planning {

[[nodiscard]] std::string plan_reference_markdown();

}  // namespace ararat::planning
