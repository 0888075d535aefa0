#include "platform/clock.h"

#include <ctime>

#include "platform/files.h"

namespace ararat::platform {

Instant SystemClock::now() { return std::chrono::floor<Duration>(std::chrono::system_clock::now()); }

Duration SystemClock::boottime() {
    timespec time{};
    static_cast<void>(::clock_gettime(CLOCK_BOOTTIME, &time));  // cannot fail for a clock that exists
    return std::chrono::floor<Duration>(std::chrono::seconds{time.tv_sec} +
                                        std::chrono::nanoseconds{time.tv_nsec});
}

std::string SystemClock::boot_id() {
    const auto id = read_file("/proc/sys/kernel/random/boot_id");
    return id ? id->substr(0, id->find('\n')) : std::string();
}

}  // namespace ararat::platform
