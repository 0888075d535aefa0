#include "channel/token_bucket.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace ararat::channel {
namespace {

constexpr Duration kStart{1'000'000};

// Moves as fast as the bucket lets it for `time`, in steps of `step`; returns the bytes moved.
std::uint64_t move_for(TokenBucket& bucket, Duration from, Duration time, std::uint64_t chunk) {
    std::uint64_t moved = 0;
    for (auto now = from; now < from + time; now += Duration{1}) {
        while (true) {
            const auto bytes = std::min(bucket.available(now), chunk);
            if (bytes == 0) break;
            bucket.spend(bytes);
            moved += bytes;
        }
    }
    return moved;
}

TEST(TokenBucket, MovesItsRateAndOneBurst) {
    TokenBucket bucket(1'000'000, kStart);
    const auto moved = move_for(bucket, kStart, std::chrono::seconds{10}, 4096);
    EXPECT_LE(moved, 10'000'000U + static_cast<std::uint64_t>(bucket.burst()));
    EXPECT_GE(moved, 10'000'000U);
}

TEST(TokenBucket, KeepsRatesBelowOneByteAMillisecond) {
    TokenBucket bucket(100, kStart);
    bucket.spend(static_cast<std::uint64_t>(bucket.burst()));
    const auto moved = move_for(bucket, kStart, std::chrono::seconds{50}, 64);
    EXPECT_GE(moved, 4'990U);
    EXPECT_LE(moved, 5'000U);
}

TEST(TokenBucket, PaysBackWhatSeveralStreamsTookAtOnce) {
    TokenBucket bucket(1'000'000, kStart);
    const auto seen = bucket.available(kStart);
    bucket.spend(seen);
    bucket.spend(seen);  // a second stream had seen the same tokens
    EXPECT_EQ(bucket.available(kStart), 0U);
    const auto moved = move_for(bucket, kStart, std::chrono::seconds{1}, 4096);
    EXPECT_LE(moved + 2 * seen, 1'000'000U + static_cast<std::uint64_t>(bucket.burst()));
}

TEST(TokenBucket, SaysHowLongToWait) {
    TokenBucket bucket(1'000, kStart);
    EXPECT_EQ(bucket.wait(kStart), Duration{0});
    bucket.spend(static_cast<std::uint64_t>(bucket.burst()) + 500);
    const auto wait = bucket.wait(kStart);
    EXPECT_EQ(wait, Duration{501});
    EXPECT_EQ(bucket.available(kStart + wait - Duration{1}), 0U);
    EXPECT_EQ(bucket.available(kStart + wait), 1U);
}

TEST(TokenBucket, WithoutALimitNeverWaits) {
    TokenBucket bucket(0, kStart);
    bucket.spend(TokenBucket::kUnlimited / 2);
    EXPECT_EQ(bucket.available(kStart), TokenBucket::kUnlimited);
    EXPECT_EQ(bucket.wait(kStart), Duration{0});
}

TEST(TokenBucket, ALongIdleTimeEarnsNoMoreThanOneBurst) {
    TokenBucket bucket(1'000'000, kStart);
    EXPECT_EQ(bucket.available(kStart + std::chrono::hours{24}), static_cast<std::uint64_t>(bucket.burst()));
}

}  // namespace
}  // namespace ararat::channel
