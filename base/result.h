// Result<T>: a value or an Error. The only way a failure travels inside Ararat; exceptions of
// libraries are caught in the adapter that calls them and become an Error there.
// Thread promise: values; no shared state.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "base/check.h"

namespace ararat {

// Mirrors gRPC's status codes, so that an Error crosses the wire without a table of guesses.
enum class ErrorCode {
    kCancelled,
    kUnknown,
    kInvalidArgument,
    kDeadlineExceeded,
    kNotFound,
    kAlreadyExists,
    kPermissionDenied,
    kResourceExhausted,
    kFailedPrecondition,
    kAborted,
    kOutOfRange,
    kUnimplemented,
    kInternal,
    kUnavailable,
    kDataLoss,
    kUnauthenticated,
};

[[nodiscard]] constexpr const char* to_string(ErrorCode code) {
    switch (code) {
        case ErrorCode::kCancelled: return "cancelled";
        case ErrorCode::kUnknown: return "unknown";
        case ErrorCode::kInvalidArgument: return "invalid-argument";
        case ErrorCode::kDeadlineExceeded: return "deadline-exceeded";
        case ErrorCode::kNotFound: return "not-found";
        case ErrorCode::kAlreadyExists: return "already-exists";
        case ErrorCode::kPermissionDenied: return "permission-denied";
        case ErrorCode::kResourceExhausted: return "resource-exhausted";
        case ErrorCode::kFailedPrecondition: return "failed-precondition";
        case ErrorCode::kAborted: return "aborted";
        case ErrorCode::kOutOfRange: return "out-of-range";
        case ErrorCode::kUnimplemented: return "unimplemented";
        case ErrorCode::kInternal: return "internal";
        case ErrorCode::kUnavailable: return "unavailable";
        case ErrorCode::kDataLoss: return "data-loss";
        case ErrorCode::kUnauthenticated: return "unauthenticated";
    }
    return "unknown";
}

struct Error {
    ErrorCode code = ErrorCode::kUnknown;
    std::string message;
    // Where it happened: a file and line of a plan, a host, a step. May be empty.
    std::string context = {};

    // "context: message", as shown to people.
    [[nodiscard]] std::string text() const { return context.empty() ? message : context + ": " + message; }
};

template <typename T>
class [[nodiscard]] Result {
public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

    [[nodiscard]] bool ok() const { return state_.index() == 0; }
    explicit operator bool() const { return ok(); }

    // Precondition: ok().
    [[nodiscard]] T& value() & {
        ARARAT_CHECK(ok(), "value() of a Result that holds an error");
        return std::get<0>(state_);
    }
    [[nodiscard]] const T& value() const& {
        ARARAT_CHECK(ok(), "value() of a Result that holds an error");
        return std::get<0>(state_);
    }
    // By value: a reference into a temporary would dangle in `for (x : f().value())`.
    [[nodiscard]] T value() && {
        ARARAT_CHECK(ok(), "value() of a Result that holds an error");
        return std::get<0>(std::move(state_));
    }
    [[nodiscard]] T& operator*() & { return value(); }
    [[nodiscard]] const T& operator*() const& { return value(); }
    [[nodiscard]] T operator*() && { return std::move(*this).value(); }
    [[nodiscard]] T* operator->() { return &value(); }
    [[nodiscard]] const T* operator->() const { return &value(); }

    // Precondition: !ok().
    [[nodiscard]] const Error& error() const {
        ARARAT_CHECK(!ok(), "error() of a Result that holds a value");
        return std::get<1>(state_);
    }

private:
    std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
public:
    Result() = default;
    Result(Error error) : error_(std::move(error)) {}

    [[nodiscard]] bool ok() const { return !error_.has_value(); }
    explicit operator bool() const { return ok(); }
    // Precondition: !ok().
    [[nodiscard]] const Error& error() const {
        ARARAT_CHECK(!ok(), "error() of a Result that holds no error");
        return *error_;
    }

private:
    std::optional<Error> error_;
};

}  // namespace ararat

// Returns the error of `expr` from the enclosing function, or goes on.
#define ARARAT_RETURN_IF_ERROR(expr)                            \
    do {                                                        \
        if (auto ararat_result = (expr); !ararat_result.ok()) { \
            return ararat_result.error();                       \
        }                                                       \
    } while (false)

#define ARARAT_CONCAT_INNER(a, b) a##b
#define ARARAT_CONCAT(a, b) ARARAT_CONCAT_INNER(a, b)
#define ARARAT_ASSIGN_INNER(tmp, lhs, expr) \
    auto tmp = (expr);                      \
    if (!tmp.ok()) return tmp.error();      \
    lhs = std::move(tmp).value()
// ARARAT_ASSIGN_OR_RETURN(auto x, f()): x is f()'s value, or the enclosing function returns its error.
#define ARARAT_ASSIGN_OR_RETURN(lhs, expr) \
    ARARAT_ASSIGN_INNER(ARARAT_CONCAT(ararat_tmp_, __LINE__), lhs, expr)
