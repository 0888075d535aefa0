// A digest as the 32 bytes of a column. Internal to store.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include "base/result.h"
#include "base/sha256.h"

namespace ararat::store::internal {

inline std::string as_bytes(const Sha256Digest& digest) {
    return std::string(reinterpret_cast<const char*>(digest.data()), digest.size());
}

inline Result<Sha256Digest> as_digest(const std::string& bytes, std::int64_t sequence) {
    Sha256Digest digest{};
    if (bytes.size() != digest.size()) {
        return Error{ErrorCode::kDataLoss, "row " + std::to_string(sequence) + " has no whole hash",
                     "journal"};
    }
    std::copy(bytes.begin(), bytes.end(), digest.begin());
    return digest;
}

}  // namespace ararat::store::internal
