// The connection to the orchestrator's Control service: mutual TLS with the person's certificate.
// One thread. Errors: the server's status as an Error; unavailable when nothing answers.
#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <memory>
#include <string>

#include "ararat/v1/control.grpc.pb.h"
#include "base/result.h"
#include "cli/context.h"

namespace ararat::cli {

[[nodiscard]] Error error_of(const grpc::Status& status);

// Errors: failed-precondition, saying which side is the older one.
[[nodiscard]] Result<void> check_protocol(const v1::GetVersionResponse& orchestrator);

class Client {
public:
    // Reads the identity's files; nothing is sent yet. Errors: not-found with the file's name.
    [[nodiscard]] static Result<Client> open(const Context& context);
    // open(), and both sides speak the same protocol. Errors: open()'s, the call's, check_protocol()'s.
    [[nodiscard]] static Result<Client> connect(const Context& context);

    // One unary call: client.call(&v1::Control::Stub::ListRuns, request).
    template <typename Request, typename Response>
    [[nodiscard]] Result<Response> call(grpc::Status (v1::Control::Stub::*method)(grpc::ClientContext*,
                                                                                  const Request&, Response*),
                                        const Request& request) {
        grpc::ClientContext call_context;
        call_context.set_deadline(std::chrono::system_clock::now() + timeout_);
        Response response;
        const grpc::Status status = (stub_.get()->*method)(&call_context, request, &response);
        if (!status.ok()) return error_of(status);
        return response;
    }

    [[nodiscard]] v1::Control::Stub& stub() { return *stub_; }
    // The person's private key, to sign approvals with.
    [[nodiscard]] const std::string& key_pem() const { return key_pem_; }
    [[nodiscard]] const std::string& project() const { return project_; }

private:
    Client() = default;
    std::unique_ptr<v1::Control::Stub> stub_;
    std::chrono::seconds timeout_{30};
    std::string key_pem_;
    std::string project_;  // of the person's certificate
};

}  // namespace ararat::cli
