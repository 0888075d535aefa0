#include "cli/client.h"

#include <fmt/format.h>

#include "base/protocol.h"
#include "platform/files.h"
#include "platform/pki.h"
#include "trust/orchestrator_credentials.h"

namespace ararat::cli {

namespace {

// gRPC's numbers are those of ErrorCode's order, from 1 (cancelled) to 16 (unauthenticated).
ErrorCode code_of(grpc::StatusCode code) {
    switch (code) {
        case grpc::StatusCode::CANCELLED: return ErrorCode::kCancelled;
        case grpc::StatusCode::INVALID_ARGUMENT: return ErrorCode::kInvalidArgument;
        case grpc::StatusCode::DEADLINE_EXCEEDED: return ErrorCode::kDeadlineExceeded;
        case grpc::StatusCode::NOT_FOUND: return ErrorCode::kNotFound;
        case grpc::StatusCode::ALREADY_EXISTS: return ErrorCode::kAlreadyExists;
        case grpc::StatusCode::PERMISSION_DENIED: return ErrorCode::kPermissionDenied;
        case grpc::StatusCode::RESOURCE_EXHAUSTED: return ErrorCode::kResourceExhausted;
        case grpc::StatusCode::FAILED_PRECONDITION: return ErrorCode::kFailedPrecondition;
        case grpc::StatusCode::ABORTED: return ErrorCode::kAborted;
        case grpc::StatusCode::OUT_OF_RANGE: return ErrorCode::kOutOfRange;
        case grpc::StatusCode::UNIMPLEMENTED: return ErrorCode::kUnimplemented;
        case grpc::StatusCode::INTERNAL: return ErrorCode::kInternal;
        case grpc::StatusCode::UNAVAILABLE: return ErrorCode::kUnavailable;
        case grpc::StatusCode::DATA_LOSS: return ErrorCode::kDataLoss;
        case grpc::StatusCode::UNAUTHENTICATED: return ErrorCode::kUnauthenticated;
        case grpc::StatusCode::OK:
        case grpc::StatusCode::UNKNOWN:
        case grpc::StatusCode::DO_NOT_USE: return ErrorCode::kUnknown;
    }
    return ErrorCode::kUnknown;
}

}  // namespace

Error error_of(const grpc::Status& status) {
    return Error{code_of(status.error_code()), status.error_message(), {}};
}

Result<void> check_protocol(const v1::GetVersionResponse& orchestrator) {
    if (orchestrator.protocol() == kProtocolVersion) return {};
    const bool is_newer = orchestrator.protocol() > kProtocolVersion;
    return Error{
        ErrorCode::kFailedPrecondition,
        fmt::format("the orchestrator ({}) speaks protocol {}, this program ({}) protocol {}: {} is the "
                    "older one",
                    orchestrator.version(), orchestrator.protocol(), kProgramVersion, kProtocolVersion,
                    is_newer ? "this program" : "the orchestrator")};
}

Result<Client> Client::connect(const Context& context) {
    ARARAT_ASSIGN_OR_RETURN(Client client, open(context));
    ARARAT_ASSIGN_OR_RETURN(const auto version,
                            client.call(&v1::Control::Stub::GetVersion, v1::GetVersionRequest{}));
    ARARAT_RETURN_IF_ERROR(check_protocol(version));
    return client;
}

Result<Client> Client::open(const Context& context) {
    if (context.identity.empty()) {
        return Error{
            ErrorCode::kInvalidArgument,
            "no identity: give --identity PREFIX (PREFIX.crt and PREFIX.key), set ARARAT_IDENTITY, or "
            "write it into .ararat.toml",
            {}};
    }
    const auto slash = context.identity.rfind('/');
    const std::string directory = slash == std::string::npos ? "." : context.identity.substr(0, slash);
    const std::string ca_file = context.ca.empty() ? directory + "/ca.crt" : context.ca;

    trust::OrchestratorTrust trust;
    trust::OwnIdentity own;
    ARARAT_ASSIGN_OR_RETURN(trust.ca_pem, platform::read_file(ca_file));
    ARARAT_ASSIGN_OR_RETURN(own.certificate_pem, platform::read_file(context.identity + ".crt"));
    ARARAT_ASSIGN_OR_RETURN(own.key_pem, platform::read_file(context.identity + ".key"));
    ARARAT_ASSIGN_OR_RETURN(const auto person, platform::parse_identity(own.certificate_pem));
    trust.project = person.project;

    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 20'000);
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
    // The project's own network: a proxy for the web has no business between.
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
    arguments.SetMaxReceiveMessageSize(kAnswerBytesMax);
    Client client;
    client.key_pem_ = own.key_pem;
    client.project_ = person.project;
    client.timeout_ = std::chrono::seconds(context.timeout_s);
    client.stub_ = v1::Control::NewStub(
        grpc::CreateCustomChannel(context.server, trust::orchestrator_credentials(trust, own), arguments));
    return client;
}

}  // namespace ararat::cli
