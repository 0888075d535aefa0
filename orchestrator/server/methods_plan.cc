// Plans: what is current, and exactly this one from now on.
#include <fmt/format.h>

#include "base/protocol.h"
#include "server/methods.h"
#include "wire/convert.h"

namespace ararat::server {
namespace {

Result<v1::GetVersionResponse> get_version(const ControlDeps& deps) {
    return deps.engine->read([about = deps.about](const EngineView& engine) {
        v1::GetVersionResponse response;
        response.set_version(about.version);
        response.set_protocol(kProtocolVersion);
        response.set_project(about.project.str());
        response.set_epoch(engine.state.epoch);
        response.set_sequence(engine.state.sequence);
        response.set_read_only(engine.read_only);
        response.set_read_only_reason(engine.read_only_reason);
        return response;
    });
}

// Converted on the caller's thread: the plan is immutable, only its pointer is the engine's.
Result<v1::GetCurrentPlanResponse> get_current_plan(const ControlDeps& deps,
                                                    const v1::GetCurrentPlanRequest& request) {
    ARARAT_ASSIGN_OR_RETURN(const CompiledPlanPtr plan,
                            deps.engine->read([](const EngineView& engine) { return engine.state.plan; }));
    v1::GetCurrentPlanResponse response;
    response.set_present(plan != nullptr);
    if (!plan) return response;
    *response.mutable_plan() = wire::to_proto(*plan);
    if (!request.with_files()) response.mutable_plan()->clear_files();
    return response;
}

Result<v1::UploadChunkResponse> upload_chunk(const ControlDeps& deps, const Caller& caller,
                                             const v1::UploadChunkRequest& request) {
    ARARAT_RETURN_IF_ERROR(require_id("upload", request.upload()));
    ARARAT_ASSIGN_OR_RETURN(const std::uint64_t received,
                            deps.uploads->add(caller.principal.name, request.upload(), request.offset(),
                                              request.data(), deps.clock->boottime()));
    v1::UploadChunkResponse response;
    response.set_received(received);
    return response;
}

// Nothing in an upload is believed: the hashes are made anew from its content.
Result<CompiledPlanPtr> plan_of(const std::string& bytes, const std::string& hash,
                                const std::string& author) {
    ARARAT_ASSIGN_OR_RETURN(CompiledPlan plan, wire::plan_from_bytes(bytes));
    plan.author = author;
    seal(plan);
    if (plan.hash.str() != hash) {
        return Error{ErrorCode::kInvalidArgument,
                     fmt::format("is {}, but the upload's content has {}", hash, plan.hash.str()), "hash"};
    }
    return CompiledPlanPtr(std::make_shared<const CompiledPlan>(std::move(plan)));
}

Result<v1::ApplyPlanResponse> apply_plan(const ControlDeps& deps, const Caller& caller,
                                         const v1::ApplyPlanRequest& request) {
    ARARAT_RETURN_IF_ERROR(require_id("upload", request.upload()));
    ARARAT_RETURN_IF_ERROR(require_id("hash", request.hash()));
    if (!request.base().empty()) ARARAT_RETURN_IF_ERROR(require_id("base", request.base()));
    ARARAT_ASSIGN_OR_RETURN(const std::string bytes,
                            deps.uploads->take(caller.principal.name, request.upload()));
    ARARAT_ASSIGN_OR_RETURN(const CompiledPlanPtr plan,
                            plan_of(bytes, request.hash(), caller.principal.name));
    ARARAT_ASSIGN_OR_RETURN(const Committed committed, deps.engine->submit(execution::ApplyPlan{
                                                           caller.principal, plan, Hash(request.base())}));
    v1::ApplyPlanResponse response;
    response.set_hash(plan->hash.str());
    response.set_sequence(committed.sequence);
    return response;
}

}  // namespace

void add_plan_methods(MethodTable& table, const ControlDeps& deps) {
    table.add<v1::GetVersionRequest, v1::GetVersionResponse>(
        "GetVersion", [deps](const Caller&, const auto&) { return get_version(deps); });
    table.add<v1::GetCurrentPlanRequest, v1::GetCurrentPlanResponse>(
        "GetCurrentPlan",
        [deps](const Caller&, const auto& request) { return get_current_plan(deps, request); });
    table.add<v1::UploadChunkRequest, v1::UploadChunkResponse>(
        "UploadChunk",
        [deps](const Caller& caller, const auto& request) { return upload_chunk(deps, caller, request); });
    table.add<v1::ApplyPlanRequest, v1::ApplyPlanResponse>(
        "ApplyPlan",
        [deps](const Caller& caller, const auto& request) { return apply_plan(deps, caller, request); });
}

}  // namespace ararat::server
