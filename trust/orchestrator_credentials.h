// TLS credentials that accept the project's orchestrator and nobody else, wherever it is reached: what counts
// is the identity in its certificate, not the name or address that was dialled.
// gRPC's headers stay behind this one for who does not need them. Thread promise: any thread.
#pragma once

#include <grpcpp/security/credentials.h>

#include <memory>
#include <string>

#include "base/result.h"

namespace ararat::trust {

struct OrchestratorTrust {
    std::string ca_pem;     // the project's CA, or empty where only its fingerprint is known
    std::string ca_sha256;  // of the CA certificate's DER form; used where ca_pem is empty
    std::string project;    // empty: any project of that CA
};

struct OwnIdentity {
    std::string certificate_pem;
    std::string key_pem;
};

// `own` empty: server-side TLS only, for enrolment.
[[nodiscard]] std::shared_ptr<grpc::ChannelCredentials> orchestrator_credentials(
    const OrchestratorTrust& trust, const OwnIdentity& own);

// The check itself: the peer's certificate, and the chain it sent (PEM). Errors: unauthenticated.
[[nodiscard]] Result<void> check_orchestrator(const OrchestratorTrust& trust,
                                              const std::string& certificate_pem,
                                              const std::string& chain_pem);

}  // namespace ararat::trust
