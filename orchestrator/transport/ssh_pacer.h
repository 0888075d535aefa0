// Admission of new SSH connections: sshd's MaxStartups drops bursts, so connections to one host, and all
// connections through one gateway, are spread out. Those made directly have no sshd in common, only this
// machine: they are held to what it can carry, or the last of thousands would time out in their handshakes.
// Pure: time is an argument.
// Thread promise: any thread.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/instant.h"

namespace ararat::transport {

struct SshPace {
    std::uint32_t burst = 1;  // connections at once, after a pause
    std::uint32_t per_second = 1;
};

class SshPacer {
public:
    // Debian's MaxStartups begins to drop at 10 unauthenticated connections.
    explicit SshPacer(SshPace target = {4, 2}, SshPace gateway = {50, 50}, SshPace direct = {200, 200})
        : target_pace_(target), gateway_pace_(gateway), direct_pace_(direct) {}

    // 0: connect now, the admission is used up. Else: ask again after that time; nothing was used up.
    // `gateway` empty: connections made from this machine directly, which are paced together too.
    [[nodiscard]] Duration admit(const std::string& target, const std::string& gateway, Duration now);
    // All connections of one way through several hosts, or none of them: `way` has the addresses in the order
    // in which they are connected to, each from the one before.
    [[nodiscard]] Duration admit(const std::vector<std::string>& way, Duration now);
    // Which host of the way is waited for longest, for words; "this machine" where it is that.
    [[nodiscard]] std::string busiest(const std::vector<std::string>& way, Duration now);

private:
    struct Bucket {
        std::int64_t thousandths = 0;  // of an admission
        Duration filled_at{0};
    };
    static void refill(Bucket& bucket, const SshPace& pace, Duration now);
    static Duration wait(const Bucket& bucket, const SshPace& pace);
    Bucket& bucket_of(std::map<std::string, Bucket>& buckets, const std::string& name, const SshPace& pace,
                      Duration now);
    [[nodiscard]] const SshPace& pace_through(const std::string& gateway) const {
        return gateway.empty() ? direct_pace_ : gateway_pace_;
    }
    Duration delay_locked(const std::string& target, const std::string& gateway, Duration now);
    void take_locked(const std::string& target, const std::string& gateway, Duration now);

    const SshPace target_pace_;
    const SshPace gateway_pace_;
    const SshPace direct_pace_;
    std::mutex mutex_;  // guards what follows
    std::map<std::string, Bucket> targets_;
    std::map<std::string, Bucket> gateways_;
};

}  // namespace ararat::transport
