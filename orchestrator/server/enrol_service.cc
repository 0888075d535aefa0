#include "server/enrol_service.h"

#include <string>
#include <utility>
#include <vector>

#include "platform/log.h"
#include "transport/grpc_status.h"

namespace ararat::server {
namespace {

constexpr int kCertificateDays = 365;
constexpr std::size_t kTokenBytesMax = 256;
constexpr std::size_t kCsrBytesMax = 16'384;

platform::Identity identity_of(const std::string& project, const store::Enrolment& enrolment) {
    switch (enrolment.kind) {
        case store::EnrolKind::kAgent: return platform::agent_identity(project, enrolment.name);
        case store::EnrolKind::kPerson:
            return platform::person_identity(project, enrolment.name, enrolment.roles);
    }
    return platform::agent_identity(project, enrolment.name);
}

}  // namespace

grpc::Status EnrolService::Enrol(grpc::ServerContext* context, const v1::EnrolRequest* request,
                                 v1::EnrolResponse* response) {
    auto enrolled = enrol(*request, context->peer());
    if (!enrolled.ok()) return transport::to_status(enrolled.error());
    *response = std::move(enrolled).value();
    return grpc::Status::OK;
}

Result<v1::EnrolResponse> EnrolService::enrol(const v1::EnrolRequest& request, const std::string& peer) {
    if (request.token().empty() || request.token().size() > kTokenBytesMax) {
        return Error{ErrorCode::kInvalidArgument, "is missing or too long", "token"};
    }
    if (request.csr_pem().empty() || request.csr_pem().size() > kCsrBytesMax) {
        return Error{ErrorCode::kInvalidArgument, "is missing or too long", "csr_pem"};
    }
    // A request that cannot be signed must not cost the token: try it with a name that is nobody's.
    const Instant now = deps_.clock->now();
    ARARAT_RETURN_IF_ERROR(platform::issue(deps_.ca, request.csr_pem(),
                                           platform::agent_identity(deps_.project, "nobody"), now, 1));
    const auto enrolment = deps_.registry->use_token(request.token(), now);
    if (!enrolment.ok()) {
        // The stranger is not told which of these it was; the log is.
        spdlog::warn("alert: enrolment from {} refused: {}", peer, enrolment.error().text());
        return Error{ErrorCode::kPermissionDenied, "the token is not valid: unknown, used before or expired"};
    }
    const platform::Identity identity = identity_of(deps_.project, enrolment.value());
    std::vector<std::string> dns_names;
    if (enrolment->kind == store::EnrolKind::kAgent) dns_names.push_back(enrolment->name);
    ARARAT_ASSIGN_OR_RETURN(std::string certificate, platform::issue(deps_.ca, request.csr_pem(), identity,
                                                                     now, kCertificateDays, dns_names));
    v1::EnrolResponse response;
    response.set_certificate_pem(std::move(certificate));
    response.set_ca_pem(deps_.ca.certificate_pem);
    response.set_project(deps_.project);
    response.set_identity(platform::identity_uri(identity));
    spdlog::info("enrolled {} from {}", response.identity(), peer);
    return response;
}

}  // namespace ararat::server
