// SQLite's file system over a VirtualDisk, so that the real store can lose power in the middle of a commit.
// Exclusive locking only, which is how the store opens its database.
// Thread promise: one simulation a thread, one thread a process.
#pragma once

#include "tests/simulation/virtual_disk.h"

namespace ararat::simulation {

inline constexpr const char* kVirtualVfs = "ararat-virtual";

// From now on databases opened under kVirtualVfs are on this disk, as its present image has them. The disk
// must outlive every connection; connections of a process that has died are closed before the disk begins
// again.
void mount_virtual_vfs(VirtualDisk& disk);

}  // namespace ararat::simulation
