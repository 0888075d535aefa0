#include "platform/clock.h"

#include <ctime>

namespace ararat::platform {

Instant SystemClock::now() { return std::chrono::floor<Duration>(std::chrono::system_clock::now()); }

Duration SystemClock::boottime() {
    timespec time{};
    static_cast<void>(::clock_gettime(CLOCK_BOOTTIME, &time));  // cannot fail for a clock that exists
    return std::chrono::floor<Duration>(std::chrono::seconds{time.tv_sec} +
                                        std::chrono::nanoseconds{time.tv_nsec});
}

}  // namespace ararat::platform
