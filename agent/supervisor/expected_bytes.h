// How much a step is about to move through a data channel: `expected` in the attempt's folder, for the agent,
// which counts what passes. Thread promise: free functions, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"

namespace ararat::agent {

struct ExpectedBytes {
    std::string channel;
    std::uint64_t bytes = 0;
    friend bool operator==(const ExpectedBytes&, const ExpectedBytes&) = default;
};

// Whole or not at all, and not synced.
Result<void> write_expected_bytes(const std::string& folder, const ExpectedBytes& expected);
// Nothing: it does not say.
[[nodiscard]] std::optional<ExpectedBytes> read_expected_bytes(const std::string& folder);

}  // namespace ararat::agent
