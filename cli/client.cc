#include "cli/client.h"

#include "platform/files.h"

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

Result<Client> Client::connect(const Context& context) {
    if (context.identity.empty()) {
        return Error{ErrorCode::kInvalidArgument,
                     "no identity: give --identity PREFIX (PREFIX.crt and PREFIX.key), set ARARAT_IDENTITY, or "
                     "write it into .ararat.toml",
                     {}};
    }
    const auto slash = context.identity.rfind('/');
    const std::string directory = slash == std::string::npos ? "." : context.identity.substr(0, slash);
    const std::string ca_file = context.ca.empty() ? directory + "/ca.crt" : context.ca;

    grpc::SslCredentialsOptions options;
    ARARAT_ASSIGN_OR_RETURN(options.pem_root_certs, platform::read_file(ca_file));
    ARARAT_ASSIGN_OR_RETURN(options.pem_cert_chain, platform::read_file(context.identity + ".crt"));
    ARARAT_ASSIGN_OR_RETURN(options.pem_private_key, platform::read_file(context.identity + ".key"));

    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 20'000);
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
    Client client;
    client.key_pem_ = options.pem_private_key;
    client.timeout_ = std::chrono::seconds(context.timeout_s);
    client.stub_ = v1::Control::NewStub(
        grpc::CreateCustomChannel(context.server, grpc::SslCredentials(options), arguments));
    return client;
}

}  // namespace ararat::cli
