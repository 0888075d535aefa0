// The gRPC service Enrol: a single-use token and a certificate request become a certificate. The token
// says who this is; the request gives a public key, and a name that must be the token's.
// Enrolments and refusals are journalled; where nothing is written, the call is unavailable and uses up no
// token.
// Owner: the orchestrator's wiring. Lives until its server has shut down.
// Thread promise: gRPC's threads.
#pragma once

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <mutex>
#include <string>

#include "ararat/v1/enrol.grpc.pb.h"
#include "base/result.h"
#include "platform/clock.h"
#include "platform/pki.h"
#include "server/engine.h"
#include "store/registry.h"

namespace ararat::server {

struct EnrolDeps {
    std::string project;
    platform::CertificateAuthority ca;
    store::Registry* registry = nullptr;
    Engine* engine = nullptr;
    platform::Clock* clock = nullptr;
};

// Strangers cause refusals: this many a minute are journalled, the others counted.
inline constexpr std::uint64_t kRefusalsRecordedMax = 10;

class EnrolService final : public v1::Enrol::Service {
public:
    explicit EnrolService(EnrolDeps deps) : deps_(std::move(deps)) {}

    grpc::Status Enrol(grpc::ServerContext* context, const v1::EnrolRequest* request,
                       v1::EnrolResponse* response) override;

private:
    [[nodiscard]] Result<v1::EnrolResponse> enrol(const v1::EnrolRequest& request, const std::string& peer);

    Result<store::Enrolment> use_token(const v1::EnrolRequest& request, const std::string& peer, Instant now);
    void refuse(const std::string& host, const std::string& peer, const Error& why, Instant now);

    EnrolDeps deps_;
    std::mutex mutex_;
    Instant minute_began_;
    std::uint64_t recorded_ = 0;      // refusals of this minute
    std::uint64_t not_recorded_ = 0;  // refusals since the last that was
};

}  // namespace ararat::server
