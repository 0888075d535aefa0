// Between our Errors and gRPC's statuses, and who a connection's certificate says it is.
// Thread promise: pure functions.
#pragma once

#include <grpcpp/grpcpp.h>

#include <string>

#include "base/result.h"
#include "platform/identity.h"

namespace ararat::transport {

[[nodiscard]] grpc::Status to_status(const Error& error);
[[nodiscard]] Error from_status(const grpc::Status& status);

struct Peer {
    platform::Identity identity;
    std::string certificate_pem;
};
// Errors: unauthenticated: no certificate, or not exactly one identity in it. That the project's CA issued
// it was checked by the handshake.
[[nodiscard]] Result<Peer> peer_of(const grpc::AuthContext& context);

}  // namespace ararat::transport
