#include "channel/interrupt.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

namespace ararat::channel {

Result<std::shared_ptr<Interrupt>> Interrupt::make() {
    platform::UniqueFd event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (event.get() < 0) {
        return Error{ErrorCode::kResourceExhausted, "eventfd: " + std::generic_category().message(errno)};
    }
    return std::make_shared<Interrupt>(std::move(event));
}

void Interrupt::raise() {
    if (raised_.exchange(true, std::memory_order_acq_rel)) return;
    const std::uint64_t one = 1;
    // Cannot fail: the counter is at 0 and only this write adds to it.
    [[maybe_unused]] const auto written = ::write(event_.get(), &one, sizeof one);
}

}  // namespace ararat::channel
