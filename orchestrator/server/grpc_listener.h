// One gRPC server behind a ListenSocket: limits, keepalive and TLS the same for all of them.
// Owner: the orchestrator's wiring. Services outlive it.
// Thread promise: start() and stop() by the owner.
#pragma once

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "server/client_certificate.h"
#include "server/listen_socket.h"

namespace ararat::server {

enum class ClientCertificate {
    kRequired,  // no handshake without one of the project's CA
    kNone,      // enrolment: the caller has none yet
};

struct GrpcListenerOptions {
    std::string address;  // host:port
    ServerIdentity identity;
    ClientCertificate client_certificate = ClientCertificate::kRequired;
    std::vector<grpc::Service*> services;
    ListenLimits limits = {};
    int memory_mib_max = 512;
    RefusedClient refused = {};
};

class GrpcListener {
public:
    [[nodiscard]] static Result<std::unique_ptr<GrpcListener>> start(GrpcListenerOptions options);
    ~GrpcListener();

    [[nodiscard]] std::uint16_t port() const { return socket_->port(); }
    // What the health service says; serving from the start. Calls are answered either way.
    void set_serving(bool serving);
    // Accepts no more; calls under way get until `grace` has passed, then they are cancelled. Returns when
    // no call is left.
    void stop(Duration grace);

private:
    GrpcListener() = default;

    std::unique_ptr<ListenSocket> socket_;
    std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor_;
    std::unique_ptr<grpc::Server> server_;
};

}  // namespace ararat::server
