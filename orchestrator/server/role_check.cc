#include "server/role_check.h"

#include <algorithm>

#include "base/join.h"
#include "planning/nearest_name.h"
#include "platform/files.h"
#include "server/method_table.h"
#include "store/sqlite_store.h"

namespace ararat::server {

GateRoles gate_roles_of(const CompiledPlan* plan) {
    if (plan == nullptr) return std::nullopt;
    std::set<RoleId> roles;
    for (const Gate& gate : plan->gates) roles.insert(gate.roles.begin(), gate.roles.end());
    return roles;
}

Result<GateRoles> read_gate_roles(const DataPaths& paths) {
    if (!platform::file_exists(paths.database())) return GateRoles{};
    // The journal has one owner: who serves, or who holds this lock.
    const auto lock = platform::lock_file(paths.lock());
    if (!lock.ok()) return GateRoles{};
    ARARAT_ASSIGN_OR_RETURN(const DataDirectory directory, open_data_directory(paths));
    ARARAT_ASSIGN_OR_RETURN(const auto store, store::open_sqlite(paths.database(), directory.project));
    ARARAT_ASSIGN_OR_RETURN(const auto restored, store::restore(*store.journal, directory.project));
    return gate_roles_of(restored.state.plan.get());
}

std::vector<std::string> warnings_about_roles(const std::vector<std::string>& roles,
                                              const GateRoles& gate_roles) {
    std::vector<std::string> known;
    for (const auto& [name, role] : kPersonRoles) known.emplace_back(name);
    std::vector<std::string> warnings;
    bool may_call = false;
    for (const std::string& role : roles) {
        if (std::ranges::find(known, role) != known.end()) {
            may_call = true;
            continue;
        }
        if (gate_roles && gate_roles->contains(RoleId(role))) continue;
        const std::string meant = planning::did_you_mean(role, known);
        // Before there is a plan every other name may be a gate's.
        if (!gate_roles && meant.empty()) continue;
        warnings.push_back("role " + role + " opens no method" +
                           (gate_roles ? " and decides no gate of the plan in force" : "") + meant);
    }
    if (!may_call) {
        warnings.push_back("none of these roles opens a method: " + join(known, ", ") + " do");
    }
    return warnings;
}

}  // namespace ararat::server
