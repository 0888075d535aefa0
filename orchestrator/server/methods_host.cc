// Hosts: who is there, and how one joins.
#include <fmt/format.h>

#include "base/identifier.h"
#include "base/sha256.h"
#include "platform/log.h"
#include "platform/pki.h"
#include "server/enrol_tokens.h"
#include "server/methods.h"
#include "server/role_check.h"
#include "server/ssh_public_key.h"
#include "server/views.h"

namespace ararat::server {
namespace {

constexpr Duration kTokenLifetime{3'600'000};
constexpr int kRolesMax = 32;

Result<v1::ListHostsResponse> list_hosts(const ControlDeps& deps) {
    return deps.engine->read([](const EngineView& engine) {
        v1::ListHostsResponse response;
        if (!engine.state.plan) return response;
        for (const EstateHost& host : engine.state.plan->hosts) {
            *response.add_hosts() = host_view(engine.state, engine.connectivity, host);
        }
        return response;
    });
}

Result<store::Enrolment> enrolment_of(const v1::CreateEnrolTokenRequest& request, Instant now) {
    if (const auto name = check_identifier(request.name()); !name.ok()) {
        return Error{ErrorCode::kInvalidArgument, name.error().message, "name"};
    }
    store::Enrolment enrolment;
    enrolment.name = request.name();
    enrolment.expires = now + kTokenLifetime;
    if (request.kind() == "agent") {
        enrolment.kind = store::EnrolKind::kAgent;
    } else if (request.kind() == "person") {
        enrolment.kind = store::EnrolKind::kPerson;
    } else {
        return Error{ErrorCode::kInvalidArgument, "must be agent or person", "kind"};
    }
    if (enrolment.kind == store::EnrolKind::kAgent) {
        // Its certificate will carry the name, and an enrolment that fails then would cost the token.
        if (const auto name = platform::check_host_name(request.name()); !name.ok()) {
            return Error{ErrorCode::kInvalidArgument, name.error().message, "name"};
        }
    }
    const bool is_person = enrolment.kind == store::EnrolKind::kPerson;
    if (is_person == request.roles().empty() || request.roles_size() > kRolesMax) {
        return Error{ErrorCode::kInvalidArgument, is_person ? "a person has roles" : "an agent has no roles",
                     "roles"};
    }
    for (int index = 0; index < request.roles_size(); ++index) {
        if (const auto role = check_identifier(request.roles(index)); !role.ok()) {
            return Error{ErrorCode::kInvalidArgument, role.error().message, fmt::format("roles[{}]", index)};
        }
        enrolment.roles.push_back(request.roles(index));
    }
    return enrolment;
}

Result<std::vector<std::string>> warnings_about(const ControlDeps& deps, const store::Enrolment& enrolment) {
    return deps.engine->read([enrolment](const EngineView& engine) {
        const CompiledPlan* plan = engine.state.plan.get();
        if (enrolment.kind == store::EnrolKind::kPerson) {
            return warnings_about_roles(enrolment.roles, gate_roles_of(plan));
        }
        const auto warning = warning_about_agent(plan, HostId(enrolment.name));
        return warning ? std::vector<std::string>{*warning} : std::vector<std::string>{};
    });
}

Result<v1::CreateEnrolTokenResponse> create_enrol_token(const ControlDeps& deps, const Caller& caller,
                                                        const v1::CreateEnrolTokenRequest& request) {
    ARARAT_ASSIGN_OR_RETURN(const auto enrolment, enrolment_of(request, deps.clock->now()));
    ARARAT_ASSIGN_OR_RETURN(const auto warnings, warnings_about(deps, enrolment));
    ARARAT_ASSIGN_OR_RETURN(const std::string token,
                            make_enrol_token(*deps.engine, *deps.registry, enrolment, caller.principal.name));
    spdlog::info("{} made an enrolment token for {} {}", caller.principal.name, request.kind(),
                 request.name());
    v1::CreateEnrolTokenResponse response;
    response.set_token(token);
    response.set_expires_unix_ms(to_unix_ms(enrolment.expires));
    response.set_ca_pem(deps.about.ca_pem);
    response.set_enrol_address(deps.about.enrol_address);
    for (const std::string& warning : warnings) response.add_warnings(warning);
    return response;
}

Result<v1::PinHostKeyResponse> pin_host_key(const ControlDeps& deps, const Caller& caller,
                                            const v1::PinHostKeyRequest& request) {
    ARARAT_RETURN_IF_ERROR(require_id("host", request.host()));
    ARARAT_ASSIGN_OR_RETURN(const SshPublicKey key, parse_ssh_public_key(request.public_key()));
    ARARAT_RETURN_IF_ERROR(deps.engine->submit(execution::NoteFact{
        execution::HostKeyPinned{HostId(request.host()), key.fingerprint, caller.principal.name}}));
    ARARAT_RETURN_IF_ERROR(deps.registry->pin_host_key(HostId(request.host()), key.text));
    spdlog::info("{} pinned {}'s SSH key {}", caller.principal.name, request.host(), key.fingerprint);
    v1::PinHostKeyResponse response;
    response.set_fingerprint(key.fingerprint);
    return response;
}

}  // namespace

void add_host_methods(MethodTable& table, const ControlDeps& deps) {
    table.add<v1::ListHostsRequest, v1::ListHostsResponse>(
        "ListHosts", [deps](const Caller&, const auto&) { return list_hosts(deps); });
    table.add<v1::CreateEnrolTokenRequest, v1::CreateEnrolTokenResponse>(
        "CreateEnrolToken", [deps](const Caller& caller, const auto& request) {
            return create_enrol_token(deps, caller, request);
        });
    table.add<v1::PinHostKeyRequest, v1::PinHostKeyResponse>(
        "PinHostKey",
        [deps](const Caller& caller, const auto& request) { return pin_host_key(deps, caller, request); });
}

}  // namespace ararat::server
