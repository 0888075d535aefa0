// Runs: what is going on, why something waits, and what people do about it.
#include <fmt/format.h>

#include <optional>

#include "execution/engine_core.h"
#include "server/explain.h"
#include "server/methods.h"
#include "server/views.h"

namespace ararat::server {
namespace {

constexpr std::size_t kReasonBytesMax = 4096;

Result<v1::ListRunsResponse> list_runs(const ControlDeps& deps) {
    return deps.engine->read([](const EngineView& engine) {
        v1::ListRunsResponse response;
        for (const auto& [id, run] : engine.state.runs) *response.add_runs() = run_summary(engine.state, run);
        return response;
    });
}

Result<v1::DescribeRunResponse> describe_run(const ControlDeps& deps, const v1::DescribeRunRequest& request) {
    ARARAT_RETURN_IF_ERROR(require_id("run", request.run()));
    ARARAT_ASSIGN_OR_RETURN(
        auto found, deps.engine->read([id = RunId(request.run())](const EngineView& engine) {
            const auto run = engine.state.runs.find(id);
            return run == engine.state.runs.end() ? std::nullopt
                                                  : std::optional(run_view(engine.state, run->second));
        }));
    if (!found) return Error{ErrorCode::kNotFound, fmt::format("there is no run {}", request.run())};
    v1::DescribeRunResponse response;
    *response.mutable_run() = std::move(*found);
    for (auto& view : deps.progress->of_run(RunId(request.run()))) {
        *response.mutable_run()->add_progress() = std::move(view);
    }
    return response;
}

Result<execution::RunAction> action_of(v1::RunAction action) {
    switch (action) {
        case v1::RUN_ACTION_PAUSE: return execution::RunAction::kPause;
        case v1::RUN_ACTION_RESUME: return execution::RunAction::kResume;
        case v1::RUN_ACTION_CANCEL: return execution::RunAction::kCancel;
        case v1::RUN_ACTION_STEP: return execution::RunAction::kStep;
        default: return Error{ErrorCode::kInvalidArgument, "is missing", "action"};
    }
}

Result<v1::ControlRunResponse> control_run(const ControlDeps& deps, const Caller& caller,
                                           const v1::ControlRunRequest& request) {
    ARARAT_RETURN_IF_ERROR(require_id("run", request.run()));
    ARARAT_RETURN_IF_ERROR(require_text("reason", request.reason(), kReasonBytesMax));
    ARARAT_ASSIGN_OR_RETURN(const auto action, action_of(request.action()));
    ARARAT_RETURN_IF_ERROR(deps.engine->submit(
        execution::ControlRun{caller.principal, RunId(request.run()), action, request.reason()}));
    return v1::ControlRunResponse();
}

Result<v1::RetryTaskResponse> retry_task(const ControlDeps& deps, const Caller& caller,
                                         const v1::RetryTaskRequest& request) {
    ARARAT_RETURN_IF_ERROR(require_id("run", request.run()));
    ARARAT_RETURN_IF_ERROR(require_id("task", request.task()));
    ARARAT_RETURN_IF_ERROR(require_text("reason", request.reason(), kReasonBytesMax));
    ARARAT_RETURN_IF_ERROR(deps.engine->submit(execution::RetryTask{
        caller.principal, RunId(request.run()), TaskId(request.task()), request.reason()}));
    return v1::RetryTaskResponse();
}

Result<v1::SkipTaskResponse> skip_task(const ControlDeps& deps, const Caller& caller,
                                       const v1::SkipTaskRequest& request) {
    ARARAT_RETURN_IF_ERROR(require_id("run", request.run()));
    ARARAT_RETURN_IF_ERROR(require_id("task", request.task()));
    ARARAT_RETURN_IF_ERROR(require_text("reason", request.reason(), kReasonBytesMax));
    if (request.reason().empty())
        return Error{ErrorCode::kInvalidArgument, "is missing: it is recorded", "reason"};
    ARARAT_RETURN_IF_ERROR(deps.engine->submit(execution::SkipTask{
        caller.principal, RunId(request.run()), TaskId(request.task()), request.reason()}));
    return v1::SkipTaskResponse();
}

Result<v1::BackOutResponse> back_out(const ControlDeps& deps, const Caller& caller,
                                     const v1::BackOutRequest& request) {
    ARARAT_RETURN_IF_ERROR(require_id("run", request.run()));
    if (!request.group().empty()) ARARAT_RETURN_IF_ERROR(require_id("group", request.group()));
    ARARAT_RETURN_IF_ERROR(require_text("reason", request.reason(), kReasonBytesMax));
    execution::BackOut input{caller.principal, RunId(request.run()), std::nullopt, request.reason()};
    if (!request.group().empty()) input.group = MoveGroupId(request.group());
    input.although_needed = request.although_needed();
    ARARAT_RETURN_IF_ERROR(deps.engine->submit(std::move(input)));
    return v1::BackOutResponse();
}

Result<v1::GiveGoResponse> give_go(const ControlDeps& deps, const Caller& caller,
                                   const v1::GiveGoRequest& request) {
    ARARAT_RETURN_IF_ERROR(require_id("run", request.run()));
    if (!request.group().empty()) ARARAT_RETURN_IF_ERROR(require_id("group", request.group()));
    ARARAT_RETURN_IF_ERROR(require_text("reason", request.reason(), kReasonBytesMax));
    if (request.reason().empty())
        return Error{ErrorCode::kInvalidArgument, "is missing: it is recorded", "reason"};
    execution::GiveGo input{caller.principal, RunId(request.run()), std::nullopt, request.reason()};
    if (!request.group().empty()) input.group = MoveGroupId(request.group());
    ARARAT_RETURN_IF_ERROR(deps.engine->submit(std::move(input)));
    return v1::GiveGoResponse();
}

Result<v1::CompleteManualResponse> complete_manual(const ControlDeps& deps, const Caller& caller,
                                                   const v1::CompleteManualRequest& request) {
    ARARAT_RETURN_IF_ERROR(require_id("run", request.run()));
    ARARAT_RETURN_IF_ERROR(require_id("task", request.task()));
    ARARAT_RETURN_IF_ERROR(require_text("note", request.note(), kReasonBytesMax));
    ARARAT_RETURN_IF_ERROR(deps.engine->submit(execution::CompleteManual{
        caller.principal, RunId(request.run()), TaskId(request.task()), request.note()}));
    return v1::CompleteManualResponse();
}

Result<v1::WhyResponse> why(const ControlDeps& deps, const v1::WhyRequest& request) {
    if (!request.run().empty()) ARARAT_RETURN_IF_ERROR(require_id("run", request.run()));
    ARARAT_RETURN_IF_ERROR(require_id("subject", request.subject()));
    ARARAT_ASSIGN_OR_RETURN(auto explained, deps.engine->read([request](const EngineView& engine) {
        return explain(engine, RunId(request.run()), request.subject());
    }));
    return explained;
}

}  // namespace

void add_run_methods(MethodTable& table, const ControlDeps& deps) {
    table.add<v1::ListRunsRequest, v1::ListRunsResponse>(
        "ListRuns", [deps](const Caller&, const auto&) { return list_runs(deps); });
    table.add<v1::DescribeRunRequest, v1::DescribeRunResponse>(
        "DescribeRun", [deps](const Caller&, const auto& request) { return describe_run(deps, request); });
    table.add<v1::ControlRunRequest, v1::ControlRunResponse>(
        "ControlRun",
        [deps](const Caller& caller, const auto& request) { return control_run(deps, caller, request); });
    table.add<v1::RetryTaskRequest, v1::RetryTaskResponse>(
        "RetryTask",
        [deps](const Caller& caller, const auto& request) { return retry_task(deps, caller, request); });
    table.add<v1::SkipTaskRequest, v1::SkipTaskResponse>(
        "SkipTask",
        [deps](const Caller& caller, const auto& request) { return skip_task(deps, caller, request); });
    table.add<v1::BackOutRequest, v1::BackOutResponse>(
        "BackOut",
        [deps](const Caller& caller, const auto& request) { return back_out(deps, caller, request); });
    table.add<v1::GiveGoRequest, v1::GiveGoResponse>(
        "GiveGo",
        [deps](const Caller& caller, const auto& request) { return give_go(deps, caller, request); });
    table.add<v1::CompleteManualRequest, v1::CompleteManualResponse>(
        "CompleteManual",
        [deps](const Caller& caller, const auto& request) { return complete_manual(deps, caller, request); });
    table.add<v1::WhyRequest, v1::WhyResponse>(
        "Why", [deps](const Caller&, const auto& request) { return why(deps, request); });
}

}  // namespace ararat::server
