// What the current plan says about hosts, for transport threads: how a host is driven, where it is, and
// what its agent must be able to do.
// Thread promise: any thread.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model/compiled_plan.h"
#include "model/ids.h"

namespace ararat::transport {

// "verb.copy-tree": the capability an agent needs for it.
[[nodiscard]] std::string capability_of(Verb verb);
[[nodiscard]] std::string capability_of(ChannelKind kind);

class EstateDirectory {
public:
    // The plan that is current from now on. Hosts of earlier plans stay known: a run may still pin one.
    void follow(const CompiledPlan& plan);

    [[nodiscard]] std::optional<EstateHost> host(const HostId& id) const;
    // Sorted, none twice; empty for a host that no plan names.
    [[nodiscard]] std::vector<std::string> required_capabilities(const HostId& id) const;
    // The hosts that an SSH connection to it goes through, the nearest to this machine first.
    [[nodiscard]] std::vector<EstateHost> jumps_to(const HostId& id) const;
    [[nodiscard]] std::vector<EstateHost> hosts() const;

private:
    mutable std::mutex mutex_;
    std::map<HostId, EstateHost> hosts_;
    std::map<HostId, std::set<std::string>> required_;
};

}  // namespace ararat::transport
