// Move groups: applications that must move together, because they need each other in a circle, share
// a source host or equipment that moves whole, or the plan says so. A wave moves a group whole.
// Thread promise: functions of their arguments.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/instant.h"
#include "model/compiled_plan.h"
#include "model/plan.h"
#include "planning/dependency_graph.h"

namespace ararat::planning {

// The applications with their hard, soft and pair dependencies; each expects its own cutover's
// duration, or `assumed` when the plan does not say.
[[nodiscard]] DependencyGraph application_graph(const Plan& plan, Duration assumed);

// What the plan says, else `assumed` or the planned outage, whichever is longer.
[[nodiscard]] Duration expected_cutover(const Application& application, Duration assumed);

struct MoveGroups {
    std::vector<MoveGroup> groups;  // sorted by id, the smallest id of its applications; no wave yet
    std::map<ApplicationId, MoveGroupId> group_of;
    std::vector<Cycle> cycles;  // of hard dependencies between applications, with their cheapest cuts
};

[[nodiscard]] MoveGroups make_move_groups(const Plan& plan);

}  // namespace ararat::planning
