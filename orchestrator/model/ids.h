// The strong ids of the model. Each is `[a-z0-9._-]{1,63}`, except TaskId, RunId and ChannelId,
// which are built from such parts with '/' and '@' between them.
#pragma once

#include "base/strong_id.h"

namespace ararat {

using ProjectId = StrongId<struct ProjectTag>;
using SiteId = StrongId<struct SiteTag>;
using HostId = StrongId<struct HostTag>;
using ServiceId = StrongId<struct ServiceTag>;
using ApplicationId = StrongId<struct ApplicationTag>;
using MoveGroupId = StrongId<struct MoveGroupTag>;
using WaveId = StrongId<struct WaveTag>;
using GateId = StrongId<struct GateTag>;
using RoleId = StrongId<struct RoleTag>;
// "housing/db/quiesce", or "housing/web@ark-hsg-web1/configure" where a component has several hosts.
using TaskId = StrongId<struct TaskTag>;
// "housing/db/wal": a data channel of one component.
using ChannelId = StrongId<struct ChannelTag>;
// "wave-1.3": third run of wave-1.
using RunId = StrongId<struct RunTag>;
// Lower-case SHA-256 of a compiled plan, a wave's subtree or a file.
using Hash = StrongId<struct HashTag>;

}  // namespace ararat
