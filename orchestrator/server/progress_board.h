// How many bytes each channel has carried, and how fast: what hosts report, for those who watch. Both ends
// of a channel report; the larger count is shown, so that one that lags or restarts does not jump back.
// Thread promise: any thread.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "ararat/v1/control.pb.h"
#include "base/instant.h"
#include "model/ids.h"
#include "transport/host_link.h"

namespace ararat::server {

inline constexpr std::size_t kProgressEntriesMax = 20'000;
inline constexpr Duration kStalledAfter{2'000};

class ProgressBoard {
public:
    // `at`: boot time, for the rate.
    void note(const transport::ChannelBytes& report, Duration at);
    [[nodiscard]] std::vector<v1::ProgressView> of_run(const RunId& run) const;
    // The channel's ticket is revoked: no more will come, whatever a late report says.
    void close(const RunId& run, const ChannelId& channel, std::uint32_t generation);
    // Every view that changed since the last call. A channel that has carried nothing for kStalledAfter is
    // shown at rate 0, also when nobody reports about it any more.
    [[nodiscard]] std::vector<std::pair<RunId, v1::ProgressView>> take_changes(Duration at);
    // A run that is over reports no more.
    void forget(const RunId& run);

private:
    struct Entry {
        std::uint32_t generation = 0;
        std::uint64_t bytes = 0;
        std::uint64_t bytes_total = 0;
        double bytes_per_second = 0;
        std::uint64_t rate_bytes = 0;  // count at the rate's last sample
        Duration rate_at{0};
        Duration grew_at{0};
        bool closed = false;
        bool changed = false;
    };
    [[nodiscard]] static v1::ProgressView view_of(const ChannelId& channel, const Entry& entry);

    mutable std::mutex mutex_;
    std::map<std::pair<RunId, ChannelId>, Entry> entries_;
};

}  // namespace ararat::server
