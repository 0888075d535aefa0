#include "channel/token_bucket.h"

#include <algorithm>

namespace ararat::channel {
namespace {

constexpr std::uint64_t kBurstMin = 16 * 1024;
constexpr std::uint64_t kRateMax = 1'000'000'000'000;  // keeps rate * elapsed inside 64 bits
constexpr Duration kElapsedMax = std::chrono::seconds{10};

}  // namespace

TokenBucket::TokenBucket(std::uint64_t bytes_per_second, Duration now)
    : rate_(std::min(bytes_per_second, kRateMax)),
      burst_(static_cast<std::int64_t>(std::max(rate_ / 10, kBurstMin))),
      balance_thousandths_(burst_ * 1000),
      filled_at_(now) {}

void TokenBucket::refill(Duration now) {
    if (now <= filled_at_) return;  // boot time never runs back; equal: nothing to add
    // A debt may need longer than kElapsedMax to pay back only if more was spent than ten seconds'
    // worth, which no set of streams can see as available.
    const auto elapsed = std::min(now - filled_at_, kElapsedMax);
    filled_at_ = now;
    balance_thousandths_ += static_cast<std::int64_t>(rate_) * elapsed.count();
    balance_thousandths_ = std::min(balance_thousandths_, burst_ * 1000);
}

std::uint64_t TokenBucket::available(Duration now) {
    if (rate_ == 0) return kUnlimited;
    refill(now);
    return balance_thousandths_ >= 1000 ? static_cast<std::uint64_t>(balance_thousandths_ / 1000) : 0;
}

void TokenBucket::spend(std::uint64_t bytes) {
    if (rate_ == 0) return;
    balance_thousandths_ -= static_cast<std::int64_t>(bytes) * 1000;
}

Duration TokenBucket::wait(Duration now) {
    if (available(now) > 0) return Duration{0};
    const auto missing = 1000 - balance_thousandths_;
    const auto rate = static_cast<std::int64_t>(rate_);
    return std::max(Duration{1}, Duration{(missing + rate - 1) / rate});
}

}  // namespace ararat::channel
