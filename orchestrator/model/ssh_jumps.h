// The way to a host that only other hosts can reach: each host names the one to log in to before it, if any.
// Thread promise: pure function.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "model/compiled_plan.h"

namespace ararat {

// A longer way is refused: every hop adds its own time-outs, and a thread for each session.
inline constexpr std::size_t kSshJumpsMax = 4;

// The jump hosts on the way to `host`, the nearest to this machine first. `find` answers null for a host that
// is not known; the way ends there, as it does before a host would come twice and after kSshJumpsMax.
[[nodiscard]] std::vector<EstateHost> ssh_jumps_to(
    const EstateHost& host, const std::function<const EstateHost*(const HostId&)>& find);

}  // namespace ararat
