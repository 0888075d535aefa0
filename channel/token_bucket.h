// A token bucket (one token is one byte): holds a ticket to its bandwidth. Pure: time is an argument.
// Not thread-safe; TicketEntry guards it.
#pragma once

#include <cstdint>
#include <limits>

#include "base/instant.h"

namespace ararat::channel {

class TokenBucket {
public:
    // `bytes_per_second` 0: unlimited. Starts full. The burst is a tenth of a second's worth, but at
    // least one TLS record (16 KiB), so that slow tickets still move whole records.
    TokenBucket(std::uint64_t bytes_per_second, Duration now);

    // Bytes that may be moved now; 0: none yet.
    [[nodiscard]] std::uint64_t available(Duration now);
    // Several streams may have seen the same tokens as available: the balance then goes below zero and
    // is paid back before anything more moves, so the rate holds over time.
    void spend(std::uint64_t bytes);
    // How long until something is available again; at least 1 ms where nothing is.
    [[nodiscard]] Duration wait(Duration now);
    [[nodiscard]] std::int64_t burst() const { return burst_; }

    static constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();

private:
    void refill(Duration now);

    std::uint64_t rate_;  // bytes per second
    std::int64_t burst_;
    // In thousandths of a byte: whole bytes per millisecond would round a slow rate down to nothing.
    std::int64_t balance_thousandths_;
    Duration filled_at_;
};

}  // namespace ararat::channel
