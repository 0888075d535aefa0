// Approvals: what waits for whom, and signed decisions.
#include "model/approval.h"

#include <fmt/format.h>

#include "platform/pki.h"
#include "server/methods.h"
#include "server/views.h"

namespace ararat::server {
namespace {

constexpr std::size_t kCommentBytesMax = 4096;
constexpr std::size_t kSignatureBytesMax = 256;

Result<v1::ListApprovalsResponse> list_approvals(const ControlDeps& deps) {
    return deps.engine->read([project = deps.about.project](const EngineView& engine) {
        v1::ListApprovalsResponse response;
        response.set_project(project.str());
        if (!engine.state.plan) return response;
        for (const Wave& wave : engine.state.plan->waves) {
            for (auto& view : approval_views(engine.state, *engine.state.plan, wave)) {
                *response.add_approvals() = std::move(view);
            }
        }
        return response;
    });
}

// The connection proves who calls; the signature proves, later and to others, what was decided.
Result<v1::DecideApprovalResponse> decide_approval(const ControlDeps& deps, const Caller& caller,
                                                   const v1::DecideApprovalRequest& request) {
    ARARAT_RETURN_IF_ERROR(require_id("wave", request.wave()));
    ARARAT_RETURN_IF_ERROR(require_id("gate", request.gate()));
    ARARAT_RETURN_IF_ERROR(require_id("subtree", request.subtree()));
    ARARAT_RETURN_IF_ERROR(require_text("comment", request.comment(), kCommentBytesMax));
    if (request.signature().empty() || request.signature().size() > kSignatureBytesMax) {
        return Error{ErrorCode::kInvalidArgument, "is missing or too long", "signature"};
    }
    const Approval approval{deps.about.project,      WaveId(request.wave()), GateId(request.gate()),
                            Hash(request.subtree()), request.granted(),      request.comment()};
    if (const auto verified =
            platform::verify_p256(caller.certificate_pem, approval_bytes(approval), request.signature());
        !verified.ok()) {
        return Error{ErrorCode::kPermissionDenied,
                     fmt::format("the signature is not {}'s over this decision: {}", caller.principal.name,
                                 verified.error().message)};
    }
    ARARAT_ASSIGN_OR_RETURN(
        const Committed committed,
        deps.engine->submit(execution::DecideGate{caller.principal, approval.wave, approval.gate,
                                                  approval.granted, approval.comment, approval.subtree,
                                                  request.signature(), caller.certificate_pem}));
    v1::DecideApprovalResponse response;
    response.set_sequence(committed.sequence);
    return response;
}

}  // namespace

void add_approval_methods(MethodTable& table, const ControlDeps& deps) {
    table.add<v1::ListApprovalsRequest, v1::ListApprovalsResponse>(
        "ListApprovals", [deps](const Caller&, const auto&) { return list_approvals(deps); });
    table.add<v1::DecideApprovalRequest, v1::DecideApprovalResponse>(
        "DecideApproval",
        [deps](const Caller& caller, const auto& request) { return decide_approval(deps, caller, request); });
}

}  // namespace ararat::server
