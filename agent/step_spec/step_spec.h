// What a supervisor is told to do for one attempt, and its encoding: the `spec` file of an attempt's
// folder and the standard input of `ararat-supervisor start`.
// The encoding is a sequence of fields, each ended by NUL: a version, then the members in the order
// below, lists preceded by their count. No escaping, hence no field may hold a NUL itself.
// Purpose: one definition for the agent and for the SSH transport. Thread promise: values, pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/operation.h"

namespace ararat::agent {

// `name` is one of check, perform, verify, probe, undo. Stages run in the order given; a check that is
// judged good leaves out the perform that follows it.
struct StageSpec {
    std::string name;
    Operation operation;
    friend bool operator==(const StageSpec&, const StageSpec&) = default;
};

// A file that the step ships. Its bytes were placed beforehand at ROOT/../files/SHA256 (see
// shipped_file_path); the supervisor verifies them before use.
struct SpecFile {
    std::string name;
    std::string sha256;
    friend bool operator==(const SpecFile&, const SpecFile&) = default;
};

inline constexpr std::uint64_t kOutputBytesMax = 16ULL * 1024 * 1024;
inline constexpr std::size_t kSpecBytesMax = 4UL * 1024 * 1024;

struct StepSpec {
    std::string key;          // AttemptKey's text: project|run|task|purpose|attempt
    std::uint64_t epoch = 0;  // lower than the highest the root has seen: refused
    std::uint64_t output_bytes_max = kOutputBytesMax;
    // Names that the step may set; it fails where it sets another.
    std::vector<std::string> outputs;
    std::vector<SpecFile> files;
    std::vector<StageSpec> stages;
    friend bool operator==(const StepSpec&, const StepSpec&) = default;
};

// Errors: invalid-argument where a field holds a NUL, the whole exceeds kSpecBytesMax, or there are more than
// 16 stages or 4096 entries in a list.
[[nodiscard]] Result<std::string> encode_spec(const StepSpec& spec);
// Errors: data-loss with the number of the field that is wrong. Accepts nothing but a whole spec.
[[nodiscard]] Result<StepSpec> decode_spec(std::string_view bytes);

// The name of an attempt's folder under the root: the first 32 hexadecimal characters of the
// SHA-256 of the key's text. It is the ID of `status`, `wait`, `cancel` and `forget`.
[[nodiscard]] std::string attempt_id(std::string_view key);
// ROOT/../files/SHA256.
[[nodiscard]] std::string shipped_file_path(std::string_view root, std::string_view sha256);
[[nodiscard]] bool is_sha256_hex(std::string_view text);

}  // namespace ararat::agent
