// What came of an attempt: the `result` file of its folder, and what `start`, `status` and `wait` print.
// Same field encoding as step_spec.h. Thread promise: values, pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ararat::agent {

// The same five words as on the wire.
enum class Outcome {
    kSucceeded,
    kFailed,
    kUnknown,  // nobody can tell: the supervisor went without writing a result
    kRefused,  // not started
    kCancelled,
};
[[nodiscard]] const char* to_string(Outcome outcome);

struct StepResult {
    Outcome outcome = Outcome::kUnknown;
    bool already = false;  // the check found the wanted state; nothing was performed
    int exit_code = 0;     // of the stage that decided
    std::int64_t duration_ms = 0;
    std::string detail;              // for people
    std::uint64_t output_bytes = 0;  // kept in the `output` file
    bool output_truncated = false;
    std::map<std::string, std::string> outputs;
    friend bool operator==(const StepResult&, const StepResult&) = default;
};

[[nodiscard]] std::string encode_result(const StepResult& result);
[[nodiscard]] Result<StepResult> decode_result(std::string_view bytes);

//            start                    result durable
//  kAbsent ---------> kRunning ------------------------> kFinished
//     |                  | supervisor gone, no result
//     | start refused    v
//     v                kLost  (report Outcome::kUnknown)
//  kRefused (never has a folder)
enum class AttemptState { kAbsent, kRunning, kFinished, kLost, kRefused };
[[nodiscard]] const char* to_string(AttemptState state);

// Printed by `start`, `status` and `wait`. `output` is a piece of the `output` file from
// `output_offset` on (at most kStateOutputBytesMax; empty from start and status). `wait` returns as soon
// as there is more output after the offset asked for, or the state is no longer running.
struct AttemptReport {
    AttemptState state = AttemptState::kAbsent;
    std::string detail;  // kRefused, kLost: why
    std::uint64_t output_offset = 0;
    std::string output;
    bool output_truncated = false;     // the cap was reached
    std::optional<StepResult> result;  // kFinished
    friend bool operator==(const AttemptReport&, const AttemptReport&) = default;
};
inline constexpr std::size_t kStateOutputBytesMax = 256UL * 1024;

// Printed by `list`.
inline constexpr std::size_t kKnownKeysMax = 10'000;
[[nodiscard]] std::string encode_keys(const std::vector<std::string>& keys);
[[nodiscard]] Result<std::vector<std::string>> decode_keys(std::string_view bytes);

[[nodiscard]] std::string encode_report(const AttemptReport& report);
[[nodiscard]] Result<AttemptReport> decode_report(std::string_view bytes);

}  // namespace ararat::agent
