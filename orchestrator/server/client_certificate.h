// Which certificate lets a client in: one of the project's CA, in its time, with exactly one identity. The
// handshake proves that the client has its key; everything else is judged here and not by gRPC, which would
// end the connection without a word about who came and what was wrong.
// Thread promise: any thread.
#pragma once

#include <grpcpp/security/server_credentials.h>

#include <functional>
#include <memory>
#include <string>

#include "base/instant.h"
#include "base/result.h"
#include "platform/identity.h"

namespace ararat::server {

struct ServerIdentity {
    std::string certificate_pem;
    std::string key_pem;
    std::string ca_pem;
};

// Somebody with a certificate of this project that is out of its time. Called from gRPC's threads.
using RefusedClient = std::function<void(const platform::Identity&, const std::string& reason)>;

// Errors: unauthenticated, with whose certificate it was where the CA did issue it; `refused` is told those.
[[nodiscard]] Result<void> check_client(const std::string& ca_pem, const std::string& certificate_pem,
                                        Instant now, const RefusedClient& refused);

// TLS that asks every client for a certificate and lets nobody in without a good one.
[[nodiscard]] std::shared_ptr<grpc::ServerCredentials> mutual_tls(const ServerIdentity& identity,
                                                                  RefusedClient refused);

}  // namespace ararat::server
