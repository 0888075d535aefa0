// Time as the simulation says it is; wall time may be set off from it, time since boot never jumps.
// Thread promise: one owner.
#pragma once

#include "platform/clock.h"

namespace ararat::simulation {

class VirtualClock final : public platform::Clock {
public:
    explicit VirtualClock(Instant start) : start_(start) {}
    [[nodiscard]] Instant now() override { return start_ + passed_ + set_off_; }
    [[nodiscard]] Duration boottime() override { return passed_; }
    void advance(Duration by) { passed_ += by; }
    [[nodiscard]] std::string boot_id() override { return "boot"; }
    void set_off_by(Duration by) { set_off_ = by; }
    [[nodiscard]] Duration set_off() const { return set_off_; }

private:
    Instant start_;
    Duration passed_{0};
    Duration set_off_{0};
};

}  // namespace ararat::simulation
