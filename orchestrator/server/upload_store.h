// Plans on their way in, in pieces, before ApplyPlan names them. Kept in memory, bounded and for a while.
// Thread promise: any thread.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "base/instant.h"
#include "base/protocol.h"
#include "base/result.h"

namespace ararat::server {

inline constexpr std::uint64_t kUploadBytesMax = kPlanBytesMax;  // of all together
inline constexpr std::size_t kUploadsMax = 64;
inline constexpr Duration kUploadLifetime{600'000};

class UploadStore {
public:
    // Appends at `offset`, which must be what is there; a piece at 0 begins anew. Returns the size now.
    // `now` is boot time. Errors: failed-precondition (offset), resource-exhausted.
    [[nodiscard]] Result<std::uint64_t> add(const std::string& owner, const std::string& upload,
                                            std::uint64_t offset, const std::string& data, Duration now);
    // Takes it out. Errors: not-found.
    [[nodiscard]] Result<std::string> take(const std::string& owner, const std::string& upload);

private:
    struct Upload {
        std::string bytes;
        Duration touched{0};
    };
    void expire(Duration now);

    std::mutex mutex_;
    std::map<std::pair<std::string, std::string>, Upload> uploads_;  // by owner and name
    std::uint64_t bytes_ = 0;
};

}  // namespace ararat::server
