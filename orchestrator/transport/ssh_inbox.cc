#include "transport/ssh_inbox.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <utility>

#include "platform/files.h"

namespace ararat::transport {

Result<platform::UniqueFd> SshInbox::make_event() {
    platform::UniqueFd event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!event.valid()) return platform::errno_error(errno, "eventfd");
    return event;
}

bool SshInbox::post(SshMessage message, std::size_t messages_max) {
    {
        const std::lock_guard lock(mutex_);
        if (messages_.size() >= messages_max) return false;
        messages_.push_back(std::move(message));
    }
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(event_.get(), &one, sizeof one);
    return true;
}

std::deque<SshMessage> SshInbox::take() {
    std::uint64_t ignored = 0;
    [[maybe_unused]] const auto drained = ::read(event_.get(), &ignored, sizeof ignored);
    const std::lock_guard lock(mutex_);
    return std::exchange(messages_, {});
}

}  // namespace ararat::transport
