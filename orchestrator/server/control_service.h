// The gRPC service Control: who calls, from the connection's certificate; then the method table or the
// streams' own classes. Nothing is decided here.
// Owner: the orchestrator's wiring. Lives until the gRPC server has shut down.
// Thread promise: gRPC's threads.
#pragma once

#include <grpcpp/grpcpp.h>

#include <string>

#include "ararat/v1/control.grpc.pb.h"
#include "server/agent_installer.h"
#include "server/event_streams.h"
#include "server/log_streams.h"
#include "server/method_table.h"
#include "server/watch_hub.h"

namespace ararat::server {

struct ControlServiceDeps {
    std::string project;
    const MethodTable* methods = nullptr;
    WatchHub* watchers = nullptr;
    LogStreams* logs = nullptr;
    AgentInstaller* installer = nullptr;
    EventStreams* events = nullptr;
};

// Unary calls by the synchronous interface, streams by the callback interface.
using ControlBase = v1::Control::WithCallbackMethod_WatchRun<
    v1::Control::WithCallbackMethod_ReadLogs<v1::Control::WithCallbackMethod_InstallAgent<
        v1::Control::WithCallbackMethod_WatchEvents<v1::Control::Service>>>>;

class ControlService final : public ControlBase {
public:
    explicit ControlService(ControlServiceDeps deps) : deps_(std::move(deps)) {}

    grpc::ServerWriteReactor<v1::RunUpdate>* WatchRun(grpc::CallbackServerContext* context,
                                                      const v1::DescribeRunRequest* request) override;
    grpc::ServerWriteReactor<v1::LogChunk>* ReadLogs(grpc::CallbackServerContext* context,
                                                     const v1::ReadLogsRequest* request) override;
    grpc::ServerWriteReactor<v1::InstallAgentUpdate>* InstallAgent(
        grpc::CallbackServerContext* context, const v1::InstallAgentRequest* request) override;

    grpc::ServerWriteReactor<v1::EventUpdate>* WatchEvents(grpc::CallbackServerContext* context,
                                                           const v1::WatchEventsRequest* request) override;

#define ARARAT_UNARY(Method)                                                              \
    grpc::Status Method(grpc::ServerContext* context, const v1::Method##Request* request, \
                        v1::Method##Response* response) override {                        \
        return call(#Method, *context, *request, *response);                              \
    }
    ARARAT_UNARY(GetVersion)
    ARARAT_UNARY(GetCurrentPlan)
    ARARAT_UNARY(UploadChunk)
    ARARAT_UNARY(ApplyPlan)
    ARARAT_UNARY(ListWaves)
    ARARAT_UNARY(StartWave)
    ARARAT_UNARY(ControlRun)
    ARARAT_UNARY(RetryTask)
    ARARAT_UNARY(SkipTask)
    ARARAT_UNARY(GiveGo)
    ARARAT_UNARY(BackOut)
    ARARAT_UNARY(CompleteManual)
    ARARAT_UNARY(ListRuns)
    ARARAT_UNARY(DescribeRun)
    ARARAT_UNARY(Why)
    ARARAT_UNARY(ListApprovals)
    ARARAT_UNARY(DecideApproval)
    ARARAT_UNARY(ListHosts)
    ARARAT_UNARY(CreateEnrolToken)
    ARARAT_UNARY(PinHostKey)
    ARARAT_UNARY(ListAudit)
    ARARAT_UNARY(VerifyAudit)
#undef ARARAT_UNARY

private:
    // The status of a call that is refused; an alert where the caller may not.
    [[nodiscard]] static grpc::Status refusal(const char* method, const grpc::ServerContextBase& context,
                                              const Error& error);
    [[nodiscard]] Result<Caller> caller(const grpc::ServerContextBase& context) const;
    grpc::Status call(const char* method, const grpc::ServerContextBase& context,
                      const google::protobuf::Message& request, google::protobuf::Message& response) const;
    // Well if the caller may use the stream and its request is well formed.
    [[nodiscard]] Result<Caller> admit(const char* method, const grpc::ServerContextBase& context,
                                       const google::protobuf::Message& request) const;

    ControlServiceDeps deps_;
};

}  // namespace ararat::server
