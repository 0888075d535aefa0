// A compiled plan: what a run executes. Pinned whole by its hash; nothing in it changes afterwards.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/instant.h"
#include "model/ids.h"
#include "model/task.h"

namespace ararat {

// How a host is driven.
enum class HostVia { kAgent, kSsh, kManual };

struct EstateHost {
    HostId id;
    SiteId site;
    std::string address;  // host name or IP address
    HostVia via = HostVia::kAgent;
    std::string ssh_user = "root";
    std::uint16_t ssh_port = 22;
    HostId proxy;          // data-channel end for an SSH host; empty: beside the orchestrator
    HostId ssh_jump = {};  // logged in to before it, on the way to it; empty: it is reached directly
    friend bool operator==(const EstateHost&, const EstateHost&) = default;
};

enum class ChannelKind {
    kTree,    // rsync of one directory: the source end serves `path`, read only
    kSocket,  // a local socket of the source end, exposed on the target end
};

// Which end accepts the connection of the other.
enum class ListenSide { kSource, kTarget };

struct Channel {
    ChannelId id;
    ChannelKind kind = ChannelKind::kTree;
    HostId source;
    HostId target;
    std::string path;          // kTree: the directory; kSocket: the source's Unix socket, or host:port
    std::string expose;        // kSocket: the Unix socket made on the target
    std::string expose_owner;  // the one user who may connect to it; empty: root
    ListenSide listen = ListenSide::kSource;
    std::uint64_t bytes_per_second_max = 0;  // 0: unlimited
    friend bool operator==(const Channel&, const Channel&) = default;
};

struct MoveGroup {
    MoveGroupId id;
    WaveId wave;
    std::vector<ApplicationId> applications;
    std::vector<std::string> reasons;  // why these move together, for people
    friend bool operator==(const MoveGroup&, const MoveGroup&) = default;
};

// The window of a wave that no calendar restricts. Fixed, not counted from the moment of planning: the
// window is part of what approvals bind to, so that planning again must not change it. The end can be
// written by every calendar (9999-12-31), and arithmetic on it does not overflow.
inline constexpr Instant kAnyTimeStart{};
inline constexpr Instant kAnyTimeEnd = from_unix_ms(253'402'214'400'000);

struct Wave {
    WaveId id;
    Instant window_start;  // cutover phases are dispatched from here ...
    Instant window_end;    // ... to here; kAnyTimeEnd: no calendar restricts it
    Instant latest_start;  // lockout: no group begins its quiesce after this
    bool start_auto = false;
    std::vector<MoveGroupId> groups;
    std::vector<WaveId> after;
    std::vector<std::string> reasons;  // why it is where it is, for `why`
    Hash subtree;                      // what approvals bind to
    friend bool operator==(const Wave&, const Wave&) = default;
};

struct Gate {
    GateId id;
    std::vector<RoleId> roles;  // who may decide
    bool all = false;           // every role must approve, else one is enough
    friend bool operator==(const Gate&, const Gate&) = default;
};

struct CompiledPlan {
    ProjectId project;
    std::string author;  // principal who applied it; not part of the hash
    Hash hash;           // Merkle root over the waves' subtrees, hosts, channels and gates
    std::string timezone;
    std::vector<EstateHost> hosts;      // sorted by id
    std::vector<Channel> channels;      // sorted by id
    std::vector<Gate> gates;            // sorted by id
    std::vector<Wave> waves;            // in order of start
    std::vector<MoveGroup> groups;      // sorted by id
    std::vector<Task> tasks;            // topological order, ties by id
    std::map<Hash, std::string> files;  // shipped files' bytes by hash

    friend bool operator==(const CompiledPlan&, const CompiledPlan&) = default;
};

using CompiledPlanPtr = std::shared_ptr<const CompiledPlan>;

// Canonical bytes (length-prefixed fields in declaration order) and the hashes made of them.
// Sets Wave::subtree of every wave and CompiledPlan::hash.
void seal(CompiledPlan& plan);
[[nodiscard]] Hash hash_of(const Task& task);

}  // namespace ararat
