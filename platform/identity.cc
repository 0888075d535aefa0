#include "platform/identity.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/identifier.h"
#include "base/join.h"
#include "base/utf8.h"

namespace ararat::platform {
namespace {

constexpr std::string_view kScheme = "ararat://";

Error refused(std::string_view uri, std::string_view why) {
    return Error{ErrorCode::kUnauthenticated,
                 fmt::format("'{}' is no identity: {}", displayable(uri.substr(0, 200)), why)};
}

}  // namespace

bool Identity::has_role(std::string_view role) const {
    return std::find(roles.begin(), roles.end(), role) != roles.end();
}

Identity orchestrator_identity(std::string project) {
    return Identity{IdentityKind::kOrchestrator, std::move(project), {}, {}};
}

Identity agent_identity(std::string project, std::string host) {
    return Identity{IdentityKind::kAgent, std::move(project), std::move(host), {}};
}

Identity person_identity(std::string project, std::string name, std::vector<std::string> roles) {
    std::sort(roles.begin(), roles.end());
    roles.erase(std::unique(roles.begin(), roles.end()), roles.end());
    return Identity{IdentityKind::kPerson, std::move(project), std::move(name), std::move(roles)};
}

std::string identity_uri(const Identity& identity) {
    std::string start = std::string(kScheme) + identity.project;
    switch (identity.kind) {
        case IdentityKind::kOrchestrator: return start + "/orchestrator";
        case IdentityKind::kAgent: return start + "/agent/" + identity.name;
        case IdentityKind::kPerson:
            return start + "/person/" + identity.name + "/" + join(identity.roles, "+");
    }
    return start;
}

Result<Identity> parse_identity_uri(std::string_view uri) {
    if (uri.substr(0, kScheme.size()) != kScheme) return refused(uri, "it does not begin with ararat://");
    const std::vector<std::string> parts = split(uri.substr(kScheme.size()), '/');
    if (!is_identifier(parts[0])) return refused(uri, "it names no project");
    Identity identity;
    if (parts.size() == 2 && parts[1] == "orchestrator") {
        identity = orchestrator_identity(parts[0]);
    } else if (parts.size() == 3 && parts[1] == "agent") {
        if (!is_identifier(parts[2])) return refused(uri, "it names no host");
        identity = agent_identity(parts[0], parts[2]);
    } else if (parts.size() == 4 && parts[1] == "person") {
        if (!is_identifier(parts[2])) return refused(uri, "it names no person");
        const std::vector<std::string> roles = split(parts[3], '+');
        for (const std::string& role : roles) {
            if (!is_identifier(role)) return refused(uri, "it names a role that is no identifier");
        }
        identity = person_identity(parts[0], parts[2], roles);
    } else {
        return refused(uri, "it is neither an orchestrator's, an agent's nor a person's");
    }
    // One spelling only: two URIs never mean the same identity.
    if (identity_uri(identity) != uri) return refused(uri, "its roles are not sorted, or one is there twice");
    return identity;
}

}  // namespace ararat::platform
