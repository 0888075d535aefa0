// The gRPC service Enrol: a single-use token and a certificate request become a certificate. The token
// says who this is; the request gives a public key and nothing else.
// Owner: the orchestrator's wiring. Lives until its server has shut down.
// Thread promise: gRPC's threads.
#pragma once

#include <grpcpp/grpcpp.h>

#include <string>

#include "ararat/v1/enrol.grpc.pb.h"
#include "base/result.h"
#include "platform/clock.h"
#include "platform/pki.h"
#include "store/registry.h"

namespace ararat::server {

struct EnrolDeps {
    std::string project;
    platform::CertificateAuthority ca;
    store::Registry* registry = nullptr;
    platform::Clock* clock = nullptr;
};

class EnrolService final : public v1::Enrol::Service {
public:
    explicit EnrolService(EnrolDeps deps) : deps_(std::move(deps)) {}

    grpc::Status Enrol(grpc::ServerContext* context, const v1::EnrolRequest* request,
                       v1::EnrolResponse* response) override;

private:
    [[nodiscard]] Result<v1::EnrolResponse> enrol(const v1::EnrolRequest& request, const std::string& peer);

    EnrolDeps deps_;
};

}  // namespace ararat::server
