// Time, as an argument: whoever needs it takes a Clock, so that tests and the simulator own it.
// Thread promise: SystemClock may be used from any thread.
#pragma once

#include <string>

#include "base/instant.h"

namespace ararat::platform {

class Clock {
public:
    virtual ~Clock() = default;
    // Wall time: for windows, certificates and display. May jump.
    [[nodiscard]] virtual Instant now() = 0;
    // Time since boot, suspends included: never jumps back; for timeouts and leases.
    [[nodiscard]] virtual Duration boottime() = 0;
    // Another one after every boot: times since boot are comparable only under one. Empty: not known.
    [[nodiscard]] virtual std::string boot_id() { return {}; }
};

class SystemClock final : public Clock {
public:
    [[nodiscard]] Instant now() override;
    [[nodiscard]] Duration boottime() override;
    [[nodiscard]] std::string boot_id() override;
};

}  // namespace ararat::platform
