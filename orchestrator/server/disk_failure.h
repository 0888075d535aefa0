// What ends the process: after a failed write or fsync nobody knows what is on the disk, and asking again may
// answer wrongly that all is well (the kernel drops the dirty pages). Only a new process reads what is really
// there. Thread promise: any thread.
#pragma once

#include <memory>

#include "base/result.h"
#include "store/registry.h"

namespace ararat::server {

// Logs why and aborts.
[[noreturn]] void give_up(const Error& why);

// The same calls; a write that the disk fails (internal) does not return. What is damaged or refuses
// (data-loss, permission-denied, unavailable) has lost nothing that was promised: those errors come back.
[[nodiscard]] std::unique_ptr<store::Registry> giving_up_on_disk_failure(std::unique_ptr<store::Registry> of);

}  // namespace ararat::server
