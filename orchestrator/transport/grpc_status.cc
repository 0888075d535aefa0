#include "transport/grpc_status.h"

#include <vector>

#include "platform/pki.h"

namespace ararat::transport {
namespace {

grpc::StatusCode to_grpc(ErrorCode code) {
    switch (code) {
        case ErrorCode::kCancelled: return grpc::StatusCode::CANCELLED;
        case ErrorCode::kUnknown: return grpc::StatusCode::UNKNOWN;
        case ErrorCode::kInvalidArgument: return grpc::StatusCode::INVALID_ARGUMENT;
        case ErrorCode::kDeadlineExceeded: return grpc::StatusCode::DEADLINE_EXCEEDED;
        case ErrorCode::kNotFound: return grpc::StatusCode::NOT_FOUND;
        case ErrorCode::kAlreadyExists: return grpc::StatusCode::ALREADY_EXISTS;
        case ErrorCode::kPermissionDenied: return grpc::StatusCode::PERMISSION_DENIED;
        case ErrorCode::kResourceExhausted: return grpc::StatusCode::RESOURCE_EXHAUSTED;
        case ErrorCode::kFailedPrecondition: return grpc::StatusCode::FAILED_PRECONDITION;
        case ErrorCode::kAborted: return grpc::StatusCode::ABORTED;
        case ErrorCode::kOutOfRange: return grpc::StatusCode::OUT_OF_RANGE;
        case ErrorCode::kUnimplemented: return grpc::StatusCode::UNIMPLEMENTED;
        case ErrorCode::kInternal: return grpc::StatusCode::INTERNAL;
        case ErrorCode::kUnavailable: return grpc::StatusCode::UNAVAILABLE;
        case ErrorCode::kDataLoss: return grpc::StatusCode::DATA_LOSS;
        case ErrorCode::kUnauthenticated: return grpc::StatusCode::UNAUTHENTICATED;
    }
    return grpc::StatusCode::UNKNOWN;
}

ErrorCode from_grpc(grpc::StatusCode code) {
    for (int value = 0; value <= static_cast<int>(ErrorCode::kUnauthenticated); ++value) {
        const auto candidate = static_cast<ErrorCode>(value);
        if (to_grpc(candidate) == code) return candidate;
    }
    return ErrorCode::kUnknown;
}

}  // namespace

grpc::Status to_status(const Error& error) { return {to_grpc(error.code), error.text()}; }

Error from_status(const grpc::Status& status) {
    return {from_grpc(status.error_code()), status.error_message()};
}

Result<Peer> peer_of(const grpc::AuthContext& context) {
    const auto refused = [](const char* words) { return Error{ErrorCode::kUnauthenticated, words}; };
    if (!context.IsPeerAuthenticated()) return refused("no certificate was shown");
    const auto certificates = context.FindPropertyValues("x509_pem_cert");
    if (certificates.size() != 1) return refused("no certificate was shown");
    // The transport's own reading of the names must agree with ours that there is one and no more.
    if (context.FindPropertyValues("peer_uri").size() != 1) {
        return refused("the certificate must carry exactly one identity");
    }
    Peer peer;
    peer.certificate_pem.assign(certificates.front().data(), certificates.front().size());
    ARARAT_ASSIGN_OR_RETURN(peer.identity, platform::parse_identity(peer.certificate_pem));
    return peer;
}

}  // namespace ararat::transport
