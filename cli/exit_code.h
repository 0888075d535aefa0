// What the command line ends with; scripts rely on it, so a number never changes its meaning.
#pragma once

#include "base/result.h"

namespace ararat::cli {

enum class ExitCode : int {
    kDone = 0,
    kError = 1,
    kChanges = 2,  // only with --detailed-exitcode
    kInvalid = 3,  // invalid input or usage
    kNotAuthorised = 4,
    kInfeasible = 5,
    kRunFailed = 6,
    kBackedOut = 7,
    kStale = 8,
    kWaitsForApproval = 9,
    kTimeout = 124,
    kInterrupted = 130,
};

[[nodiscard]] constexpr ExitCode exit_code_of(ErrorCode code) {
    switch (code) {
        case ErrorCode::kInvalidArgument:
        case ErrorCode::kOutOfRange: return ExitCode::kInvalid;
        case ErrorCode::kPermissionDenied:
        case ErrorCode::kUnauthenticated: return ExitCode::kNotAuthorised;
        case ErrorCode::kAborted: return ExitCode::kStale;
        case ErrorCode::kDeadlineExceeded: return ExitCode::kTimeout;
        case ErrorCode::kCancelled: return ExitCode::kInterrupted;
        case ErrorCode::kUnknown:
        case ErrorCode::kNotFound:
        case ErrorCode::kAlreadyExists:
        case ErrorCode::kResourceExhausted:
        case ErrorCode::kFailedPrecondition:
        case ErrorCode::kUnimplemented:
        case ErrorCode::kInternal:
        case ErrorCode::kUnavailable:
        case ErrorCode::kDataLoss: return ExitCode::kError;
    }
    return ExitCode::kError;
}

}  // namespace ararat::cli
