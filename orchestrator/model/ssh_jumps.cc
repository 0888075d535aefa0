#include "model/ssh_jumps.h"

#include <algorithm>
#include <set>

namespace ararat {

std::vector<EstateHost> ssh_jumps_to(const EstateHost& host,
                                     const std::function<const EstateHost*(const HostId&)>& find) {
    std::vector<EstateHost> jumps;
    std::set<HostId> seen{host.id};
    HostId next = host.ssh_jump;
    while (!next.empty() && jumps.size() < kSshJumpsMax && seen.insert(next).second) {
        const EstateHost* jump = find(next);
        if (jump == nullptr) break;
        jumps.push_back(*jump);
        next = jump->ssh_jump;
    }
    std::ranges::reverse(jumps);
    return jumps;
}

}  // namespace ararat
