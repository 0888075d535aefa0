#include "server/control_service.h"

#include <fmt/format.h>

#include <memory>

#include "platform/log.h"
#include "server/methods.h"
#include "transport/grpc_status.h"
#include "wire/convert.h"

namespace ararat::server {
namespace {

constexpr std::size_t kInstallQueueMax = 1'024;

constexpr int kLogPositionsMax = 5'000;

Result<LogQuery> log_query_of(const v1::ReadLogsRequest& request) {
    ARARAT_RETURN_IF_ERROR(require_id("run", request.run()));
    if (!request.task().empty()) ARARAT_RETURN_IF_ERROR(require_id("task", request.task()));
    if (request.from_size() > kLogPositionsMax) {
        return Error{ErrorCode::kInvalidArgument, "has too many positions", "from"};
    }
    LogQuery query{RunId(request.run()), TaskId(request.task()), request.follow(), {}};
    for (int index = 0; index < request.from_size(); ++index) {
        const std::string path = fmt::format("from[{}].key", index);
        auto key = wire::from_proto(request.from(index).key());
        if (!key.ok()) return Error{ErrorCode::kInvalidArgument, key.error().text(), path};
        ARARAT_RETURN_IF_ERROR(require_id(path.c_str(), key->task.str()));  // it becomes a file's name
        query.from.push_back({std::move(key).value(), request.from(index).offset()});
    }
    return query;
}

}  // namespace

grpc::Status ControlService::refusal(const char* method, const grpc::ServerContextBase& context,
                                     const Error& error) {
    if (error.code == ErrorCode::kPermissionDenied || error.code == ErrorCode::kUnauthenticated) {
        spdlog::warn("alert: {} from {} refused: {}", method, context.peer(), error.text());
    }
    return transport::to_status(error);
}

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
    return done.ok() ? grpc::Status::OK : refusal(method, context, done.error());
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
        writer->end(refusal("WatchRun", *context, valid.error()));
    }
    return writer.get();
}

grpc::ServerWriteReactor<v1::LogChunk>* ControlService::ReadLogs(grpc::CallbackServerContext* context,
                                                                 const v1::ReadLogsRequest* request) {
    const auto writer = LogStreams::Writer::open(*context, kLogQueueMax);
    const auto admitted = admit("ReadLogs", *context, *request);
    const auto query = admitted.ok() ? log_query_of(*request) : Result<LogQuery>(admitted.error());
    if (query.ok()) {
        deps_.logs->read(writer, *query);
    } else {
        writer->end(refusal("ReadLogs", *context, query.error()));
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
        writer->end(refusal("InstallAgent", *context, admitted.error()));
    }
    return writer.get();
}

grpc::ServerWriteReactor<v1::EventUpdate>* ControlService::WatchEvents(
    grpc::CallbackServerContext* context, const v1::WatchEventsRequest* request) {
    const auto writer = EventStreams::Writer::open(*context, kEventQueueMax);
    const auto admitted = admit("WatchEvents", *context, *request);
    auto valid = admitted.ok() ? Result<void>() : Result<void>(admitted.error());
    if (valid.ok() && !request->run().empty()) valid = require_id("run", request->run());
    if (valid.ok()) {
        deps_.events->read(writer, {request->since(), RunId(request->run()), request->follow()});
    } else {
        writer->end(transport::to_status(valid.error()));
    }
    return writer.get();
}

}  // namespace ararat::server
