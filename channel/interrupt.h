// A signal to a thread that waits in poll(): raised once, it stays raised. Whoever ends a stream raises
// its Interrupt; descriptors themselves are closed only by the thread that owns them.
// Thread promise: all methods from any thread.
#pragma once

#include <atomic>
#include <memory>

#include "base/result.h"
#include "platform/unique_fd.h"

namespace ararat::channel {

class Interrupt {
public:
    [[nodiscard]] static Result<std::shared_ptr<Interrupt>> make();
    explicit Interrupt(platform::UniqueFd event) : event_(std::move(event)) {}

    void raise();
    [[nodiscard]] bool raised() const { return raised_.load(std::memory_order_acquire); }
    // Readable once raised. For poll() only.
    [[nodiscard]] int fd() const { return event_.get(); }

private:
    std::atomic<bool> raised_{false};
    platform::UniqueFd event_;
};
using InterruptPtr = std::shared_ptr<Interrupt>;

}  // namespace ararat::channel
