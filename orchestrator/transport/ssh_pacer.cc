#include "transport/ssh_pacer.h"

#include <algorithm>

namespace ararat::transport {
namespace {

constexpr std::int64_t kWhole = 1000;  // thousandths in one admission
constexpr std::size_t kBucketsMax = 10'000;

}  // namespace

void SshPacer::refill(Bucket& bucket, const SshPace& pace, Duration now) {
    const auto elapsed = std::clamp<std::int64_t>((now - bucket.filled_at).count(), 0, 3'600'000);
    bucket.filled_at = std::max(now, bucket.filled_at);
    // One admission a second is one thousandth a millisecond.
    bucket.thousandths = std::min<std::int64_t>(bucket.thousandths + elapsed * pace.per_second,
                                                std::int64_t{pace.burst} * kWhole);
}

Duration SshPacer::wait(const Bucket& bucket, const SshPace& pace) {
    const auto missing = kWhole - bucket.thousandths;
    if (missing <= 0) return Duration{0};
    const auto rate = std::max<std::int64_t>(pace.per_second, 1);
    return Duration{(missing + rate - 1) / rate};
}

SshPacer::Bucket& SshPacer::bucket_of(std::map<std::string, Bucket>& buckets, const std::string& name,
                                      const SshPace& pace, Duration now) {
    const auto found = buckets.find(name);
    if (found == buckets.end() && buckets.size() >= kBucketsMax) {
        // A full bucket says nothing that a new one would not.
        for (auto& [other, bucket] : buckets) refill(bucket, pace, now);
        std::erase_if(buckets, [&](const auto& entry) {
            return entry.second.thousandths >= std::int64_t{pace.burst} * kWhole;
        });
    }
    auto& chosen = buckets.try_emplace(name, Bucket{std::int64_t{pace.burst} * kWhole, now}).first->second;
    refill(chosen, pace, now);
    return chosen;
}

Duration SshPacer::admit(const std::string& target, const std::string& gateway, Duration now) {
    const std::lock_guard lock(mutex_);
    const auto delay = delay_locked(target, gateway, now);
    if (delay.count() == 0) take_locked(target, gateway, now);
    return delay;
}

Duration SshPacer::admit(const std::vector<std::string>& way, Duration now) {
    const std::lock_guard lock(mutex_);
    std::string gateway;
    Duration delay{0};
    for (const std::string& target : way) {
        delay = std::max(delay, delay_locked(target, gateway, now));
        gateway = target;
    }
    if (delay.count() > 0) return delay;
    gateway.clear();
    for (const std::string& target : way) {
        take_locked(target, gateway, now);
        gateway = target;
    }
    return delay;
}

std::string SshPacer::busiest(const std::vector<std::string>& way, Duration now) {
    const std::lock_guard lock(mutex_);
    std::string busiest;
    Duration longest{-1};
    const auto look = [&](const std::string& name, Duration delay) {
        if (delay <= longest) return;
        longest = delay;
        busiest = name.empty() ? "this machine" : name;
    };
    std::string gateway;
    for (const std::string& target : way) {
        const SshPace& pace = pace_through(gateway);
        look(gateway, wait(bucket_of(gateways_, gateway, pace, now), pace));
        look(target, wait(bucket_of(targets_, target, target_pace_, now), target_pace_));
        gateway = target;
    }
    return busiest;
}

Duration SshPacer::delay_locked(const std::string& target, const std::string& gateway, Duration now) {
    const SshPace& pace = pace_through(gateway);
    return std::max(wait(bucket_of(targets_, target, target_pace_, now), target_pace_),
                    wait(bucket_of(gateways_, gateway, pace, now), pace));
}

void SshPacer::take_locked(const std::string& target, const std::string& gateway, Duration now) {
    // A bucket that was full may have been dropped since it was looked at.
    bucket_of(targets_, target, target_pace_, now).thousandths -= kWhole;
    bucket_of(gateways_, gateway, pace_through(gateway), now).thousandths -= kWhole;
}

}  // namespace ararat::transport
