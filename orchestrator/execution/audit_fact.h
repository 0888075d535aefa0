// Facts about who may take part: enrolment and host keys. They change no run; they are journalled because
// the journal is what is audited, and its chain shows when one is taken out.
// Thread promise: values.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/instant.h"
#include "model/ids.h"

namespace ararat::execution {

struct EnrolTokenMade {
    std::string name;  // the host's or the person's
    std::string kind;  // "agent", "person"
    std::vector<RoleId> roles;
    Instant expires;
    std::string by;
};
struct Enrolled {
    std::string identity;  // the certificate's URI
    std::string certificate_sha256;
    std::string peer;  // from where
};
// Strangers can cause these, so only some are recorded; `not_recorded` counts those since the last one.
struct EnrolmentRefused {
    std::string host;  // who the stranger said to be
    std::string reason;
    std::string peer;
    std::uint64_t not_recorded = 0;
};
struct HostKeyPinned {
    HostId host;
    std::string fingerprint;
    std::string by;
};

using AuditFact = std::variant<EnrolTokenMade, Enrolled, EnrolmentRefused, HostKeyPinned>;

}  // namespace ararat::execution
