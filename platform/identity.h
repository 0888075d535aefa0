// Who somebody is: what a certificate of the project's CA says in its one URI subject alternative name.
//   ararat://PROJECT/orchestrator
//   ararat://PROJECT/agent/HOST
//   ararat://PROJECT/person/NAME/ROLE+ROLE+...
// Thread promise: values and pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ararat::platform {

enum class IdentityKind { kOrchestrator, kAgent, kPerson };

struct Identity {
    IdentityKind kind = IdentityKind::kAgent;
    std::string project;
    std::string name;                // host or person; empty for the orchestrator
    std::vector<std::string> roles;  // of a person, sorted, none twice

    [[nodiscard]] bool has_role(std::string_view role) const;
    friend bool operator==(const Identity&, const Identity&) = default;
};

[[nodiscard]] Identity orchestrator_identity(std::string project);
[[nodiscard]] Identity agent_identity(std::string project, std::string host);
[[nodiscard]] Identity person_identity(std::string project, std::string name, std::vector<std::string> roles);

[[nodiscard]] std::string identity_uri(const Identity& identity);
// Errors: unauthenticated, saying what is wrong with the URI. Accepts exactly what identity_uri writes.
[[nodiscard]] Result<Identity> parse_identity_uri(std::string_view uri);

}  // namespace ararat::platform
