// Enrolment: a key made on this host, a certificate for it from the orchestrator, against a single-use token.
// Thread promise: blocks; one caller.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace ararat::agent {

struct EnrolOptions {
    std::vector<std::string> orchestrators;  // host:7403, tried in turn until one answers
    std::string token;
    std::string host;  // who the certificate must name
    std::string directory = "/var/lib/ararat";
    std::string ca_file;    // the project's CA, or
    std::string ca_sha256;  // its fingerprint: one of the two is needed, or anyone could take the token
};

struct Enrolled {
    std::string identity;
    std::vector<std::string> warnings;  // of the orchestrator, for people
};

// From standard input ("-") or a file, so that it stands on no command line, where every user of the host
// can read it. Errors: not-found, invalid-argument when it holds no token.
[[nodiscard]] Result<std::string> read_token(const std::string& file);

// Writes agent.key (0600), ca.crt and agent.crt into the directory, each whole and the certificate last:
// where it stands, the host is enrolled. An orchestrator that is away, or is none of the project's, is passed
// over, and gets no token; one that judges the token has the last word.
[[nodiscard]] Result<Enrolled> enrol(const EnrolOptions& options);

}  // namespace ararat::agent
