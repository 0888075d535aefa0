// Facts that are not part of any run: enrolment tokens and pinned SSH host keys.
// Errors of every call: internal when the disk fails (nobody knows what is on it then, and the process must
// end: server/disk_failure.h), data-loss, unavailable and permission-denied as the journal's. Thread promise:
// calls are serialised inside; any thread may call.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "model/ids.h"

namespace ararat::store {

enum class EnrolKind { kAgent, kPerson };

// What a token entitles to. The token itself is never stored, only its SHA-256.
struct Enrolment {
    std::string name;  // the host's or the person's
    EnrolKind kind = EnrolKind::kAgent;
    std::vector<std::string> roles;  // persons only
    Instant expires;
};

class Registry {
public:
    virtual ~Registry() = default;

    // already-exists when the same token was added before.
    virtual Result<void> add_token(const std::string& token, const Enrolment& enrolment) = 0;
    // Uses the token up, durably, and says what it was for. `host`: who wants to be an agent; empty: a
    // person. Errors, which a caller reports without telling the first three apart to the stranger:
    // not-found (no such token), failed-precondition (used before), deadline-exceeded (expired);
    // permission-denied (good, but for somebody else: it is not used up). Never succeeds twice.
    virtual Result<Enrolment> use_token(const std::string& token, const std::string& host, Instant now) = 0;

    // One key per host, as "ssh-ed25519 AAAA...". Pinning again replaces it; the caller decides who may.
    virtual Result<void> pin_host_key(const HostId& host, const std::string& public_key) = 0;
    virtual Result<std::optional<std::string>> host_key(const HostId& host) = 0;
};

}  // namespace ararat::store
