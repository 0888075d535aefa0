// The plan language as JSON Schema (draft 7), for completion and checks in editors. Made from the table of
// fields; published as plans/plan.schema.json.
// Thread promise: pure.
#pragma once

#include <string>

namespace ararat::planning {

// Indented, ends with a line end. The root describes a plan file; "#/definitions/runbook-file" and
// "#/definitions/action-file" the other two kinds of file.
[[nodiscard]] std::string plan_json_schema();

}  // namespace ararat::planning
