// An orchestrator played by a test, over mutual TLS on loopback, and the command line against it: what was
// asked, what was printed, how it ended. A method that no test plays answers UNIMPLEMENTED.
#pragma once

#include <grpcpp/grpcpp.h>

#include <string>
#include <vector>

#include "ararat/v1/control.grpc.pb.h"
#include "cli/commands.h"
#include "platform/files.h"

namespace ararat::cli {

class PlayedControl final : public v1::Control::Service {
public:
    PlayedControl();
    ~PlayedControl() override;

    struct Ended {
        ExitCode code = ExitCode::kDone;
        std::string out;
        std::string err;
    };
    // "run skip w.1 a -m why": words are separated by spaces, a quoted word is not known here.
    Ended run(const std::string& words, const std::string& output = "table");

    // Each call as "Method fields".
    std::vector<std::string> heard;

    // Asked for at each connection, and not noted.
    grpc::Status GetVersion(grpc::ServerContext* context, const v1::GetVersionRequest* request,
                            v1::GetVersionResponse* response) override;

    // What WatchEvents answers: one of these a call.
    struct Stream {
        std::vector<v1::EventUpdate> updates;
        grpc::Status end = grpc::Status::OK;
    };
    std::vector<Stream> event_streams;

    grpc::Status SkipTask(grpc::ServerContext* context, const v1::SkipTaskRequest* request,
                          v1::SkipTaskResponse* response) override;
    grpc::Status GiveGo(grpc::ServerContext* context, const v1::GiveGoRequest* request,
                        v1::GiveGoResponse* response) override;
    grpc::Status ControlRun(grpc::ServerContext* context, const v1::ControlRunRequest* request,
                            v1::ControlRunResponse* response) override;
    grpc::Status WatchEvents(grpc::ServerContext* context, const v1::WatchEventsRequest* request,
                             grpc::ServerWriter<v1::EventUpdate>* writer) override;
    grpc::Status InstallAgent(grpc::ServerContext* context, const v1::InstallAgentRequest* request,
                              grpc::ServerWriter<v1::InstallAgentUpdate>* writer) override;

private:
    void note(const char* method, const google::protobuf::Message& request);

    platform::TemporaryDirectory place_;
    std::unique_ptr<grpc::Server> server_;
    int port_ = 0;
};

}  // namespace ararat::cli
