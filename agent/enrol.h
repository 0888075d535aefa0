// Enrolment: a key made on this host, a certificate for it from the orchestrator, against a single-use token.
// Thread promise: blocks; one caller.
#pragma once

#include <string>

#include "base/result.h"

namespace ararat::agent {

struct EnrolOptions {
    std::string orchestrator;  // host:7403
    std::string token;
    std::string host;  // who the certificate must name
    std::string directory = "/var/lib/ararat";
    std::string ca_file;    // the project's CA, or
    std::string ca_sha256;  // its fingerprint: one of the two is needed, or anyone could take the token
};

// Writes agent.key (0600), agent.crt and ca.crt into the directory; nothing where it fails. Returns the
// identity.
[[nodiscard]] Result<std::string> enrol(const EnrolOptions& options);

}  // namespace ararat::agent
