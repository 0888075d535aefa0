#include "server/enrol_service.h"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "base/identifier.h"
#include "platform/log.h"
#include "server/enrol_tokens.h"
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
    // First of all: the token must still be good where it is asked for next.
    if (const auto leads = deps_.engine->check_writable(); !leads.ok()) {
        spdlog::info("enrolment from {} is sent on: {}", peer, leads.error().message);
        return Error{ErrorCode::kUnavailable, "read-only: this orchestrator does not lead"};
    }
    if (request.token().empty() || request.token().size() > kTokenBytesMax) {
        return Error{ErrorCode::kInvalidArgument, "is missing or too long", "token"};
    }
    if (!request.host().empty()) {
        if (const auto valid = check_identifier(request.host()); !valid.ok()) {
            return Error{ErrorCode::kInvalidArgument, valid.error().message, "host"};
        }
    }
    if (request.csr_pem().empty() || request.csr_pem().size() > kCsrBytesMax) {
        return Error{ErrorCode::kInvalidArgument, "is missing or too long", "csr_pem"};
    }
    // A request that cannot be signed must not cost the token: try it with a name that is nobody's.
    const Instant now = deps_.clock->now();
    ARARAT_RETURN_IF_ERROR(platform::issue(deps_.ca, request.csr_pem(),
                                           platform::agent_identity(deps_.project, "nobody"), now, 1));
    ARARAT_ASSIGN_OR_RETURN(const store::Enrolment enrolment, use_token(request, peer, now));
    const bool is_agent = enrolment.kind == store::EnrolKind::kAgent;
    const platform::Identity identity = identity_of(deps_.project, enrolment);
    std::vector<std::string> dns_names;
    if (is_agent) dns_names.push_back(enrolment.name);
    ARARAT_ASSIGN_OR_RETURN(std::string certificate, platform::issue(deps_.ca, request.csr_pem(), identity,
                                                                     now, kCertificateDays, dns_names));
    ARARAT_ASSIGN_OR_RETURN(std::string fingerprint, platform::certificate_fingerprint(certificate));
    // No certificate leaves that the journal does not know of.
    ARARAT_RETURN_IF_ERROR(deps_.engine->submit(execution::NoteFact{
        execution::Enrolled{platform::identity_uri(identity), std::move(fingerprint), peer}}));
    v1::EnrolResponse response;
    if (is_agent) {
        const auto warning = deps_.engine->read([host = HostId(enrolment.name)](const EngineView& engine) {
            return warning_about_agent(engine.state.plan.get(), host);
        });
        if (warning.ok() && warning.value()) response.add_warnings(*warning.value());
    }
    response.set_certificate_pem(std::move(certificate));
    response.set_ca_pem(deps_.ca.certificate_pem);
    response.set_project(deps_.project);
    response.set_identity(platform::identity_uri(identity));
    spdlog::info("enrolled {} from {}", response.identity(), peer);
    return response;
}

// The stranger is told only what helps who holds a good token; the log and the journal know the rest.
Result<store::Enrolment> EnrolService::use_token(const v1::EnrolRequest& request, const std::string& peer,
                                                 Instant now) {
    auto enrolment = deps_.registry->use_token(request.token(), request.host(), now);
    if (enrolment.ok()) return enrolment;
    refuse(request.host(), peer, enrolment.error(), now);
    if (enrolment.error().code == ErrorCode::kPermissionDenied) {
        return Error{ErrorCode::kPermissionDenied,
                     "the token is for another name than " +
                         (request.host().empty() ? "a person's" : request.host()) + "; it is not used up"};
    }
    return Error{ErrorCode::kPermissionDenied, "the token is not valid: unknown, used before or expired"};
}

void EnrolService::refuse(const std::string& host, const std::string& peer, const Error& why, Instant now) {
    spdlog::warn("alert: enrolment from {} as '{}' refused: {}", peer, host, why.text());
    execution::EnrolmentRefused refused{host, why.text(), peer, 0};
    {
        const std::lock_guard lock(mutex_);
        if (now - minute_began_ >= std::chrono::minutes(1) || now < minute_began_) {
            minute_began_ = now;
            recorded_ = 0;
        }
        if (recorded_ >= kRefusalsRecordedMax) {
            ++not_recorded_;
            return;
        }
        ++recorded_;
        refused.not_recorded = std::exchange(not_recorded_, 0);
    }
    const auto recorded = deps_.engine->submit(execution::NoteFact{std::move(refused)});
    if (!recorded.ok()) spdlog::error("a refused enrolment is not journalled: {}", recorded.error().text());
}

}  // namespace ararat::server
