// Whether the roles that somebody is given do anything: a mistyped role is a valid name, and shows only when
// the person needs it.
// Thread promise: gate_roles() reads the directory; the rest are pure functions.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/compiled_plan.h"
#include "server/data_directory.h"

namespace ararat::server {

using GateRoles = std::optional<std::set<RoleId>>;  // none: not known

[[nodiscard]] GateRoles gate_roles_of(const CompiledPlan* plan);
// Of the plan in force. Not known when there is none, or while an orchestrator serves the directory.
// Errors: the journal's.
[[nodiscard]] Result<GateRoles> read_gate_roles(const DataPaths& paths);

// For people, a line each: roles that open no method and decide no gate, and a person who can do nothing.
[[nodiscard]] std::vector<std::string> warnings_about_roles(const std::vector<std::string>& roles,
                                                            const GateRoles& gate_roles);

}  // namespace ararat::server
