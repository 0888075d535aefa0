#include "server/control_service.h"

#include <memory>

#include "platform/log.h"
#include "server/methods.h"
#include "transport/grpc_status.h"

namespace ararat::server {
namespace {

constexpr std::size_t kInstallQueueMax = 1'024;

Result<void> check_log_request(const v1::ReadLogsRequest& request) {
    ARARAT_RETURN_IF_ERROR(require_id("run", request.run()));
    return require_id("task", request.task());
}

}  // namespace

Result<Caller> ControlService::caller(const grpc::ServerContextBase& context) const {
    ARARAT_ASSIGN_OR_RETURN(auto peer, transport::peer_of(*context.auth_context()));
    return caller_of(peer.identity, std::move(peer.certificate_pem), deps_.project);
}

grpc::Status ControlService::call(const char* method, const grpc::ServerContextBase& context,
                                  const google::protobuf::Message& request,
                                  google::protobuf::Message& response) const {
    const auto who = caller(context);
    const auto done =
        who.ok() ? deps_.methods->call(method, who.value(), request, response) : Result<void>(who.error());
    if (done.ok()) return grpc::Status::OK;
    const ErrorCode code = done.error().code;
    if (code == ErrorCode::kPermissionDenied || code == ErrorCode::kUnauthenticated) {
        spdlog::warn("alert: {} from {} refused: {}", method, context.peer(), done.error().text());
    }
    return transport::to_status(done.error());
}

Result<Caller> ControlService::admit(const char* method, const grpc::ServerContextBase& context,
                                     const google::protobuf::Message& request) const {
    ARARAT_ASSIGN_OR_RETURN(Caller who, caller(context));
    ARARAT_RETURN_IF_ERROR(deps_.methods->authorise(method, who));
    ARARAT_RETURN_IF_ERROR(check_enums(request));
    return who;
}

grpc::ServerWriteReactor<v1::RunUpdate>* ControlService::WatchRun(grpc::CallbackServerContext* context,
                                                                  const v1::DescribeRunRequest* request) {
    const auto writer = WatchHub::Writer::open(*context, kWatchQueueMax);
    const auto admitted = admit("WatchRun", *context, *request);
    const auto valid = admitted.ok() ? require_id("run", request->run()) : Result<void>(admitted.error());
    if (valid.ok()) {
        deps_.watchers->watch(writer, RunId(request->run()));
    } else {
        writer->end(transport::to_status(valid.error()));
    }
    return writer.get();
}

grpc::ServerWriteReactor<v1::LogChunk>* ControlService::ReadLogs(grpc::CallbackServerContext* context,
                                                                 const v1::ReadLogsRequest* request) {
    const auto writer = LogStreams::Writer::open(*context, kLogQueueMax);
    const auto admitted = admit("ReadLogs", *context, *request);
    const auto valid = admitted.ok() ? check_log_request(*request) : Result<void>(admitted.error());
    if (valid.ok()) {
        deps_.logs->read(writer, RunId(request->run()), TaskId(request->task()), request->follow());
    } else {
        writer->end(transport::to_status(valid.error()));
    }
    return writer.get();
}

grpc::ServerWriteReactor<v1::InstallAgentUpdate>* ControlService::InstallAgent(
    grpc::CallbackServerContext* context, const v1::InstallAgentRequest* request) {
    const auto writer = AgentInstaller::Writer::open(*context, kInstallQueueMax);
    const auto admitted = admit("InstallAgent", *context, *request);
    if (admitted.ok()) {
        deps_.installer->install(writer, admitted->principal, *request);
    } else {
        writer->end(transport::to_status(admitted.error()));
    }
    return writer.get();
}

}  // namespace ararat::server
