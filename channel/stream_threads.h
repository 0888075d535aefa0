// The threads that carry streams: one each, bounded in number, joined when they end or are stopped.
// Thread promise: start() and count() from any thread; reap() and stop() from the endpoint's own.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <thread>

#include "base/result.h"
#include "channel/interrupt.h"

namespace ararat::channel {

inline constexpr std::size_t kStreamThreadsMax = 256;

class StreamThreads {
public:
    using Work = std::function<void(const std::shared_ptr<Interrupt>&)>;
    ~StreamThreads() { stop(); }

    // Runs `work` on a thread of its own. Errors: resource-exhausted, cancelled (stopped).
    Result<void> start(Work work);
    // Joins those that have ended.
    void reap();
    // Interrupts and joins all; nothing starts afterwards.
    void stop();
    [[nodiscard]] std::size_t count() const;

private:
    struct Stream {
        std::shared_ptr<Interrupt> interrupt;
        std::atomic<bool> ended{false};
        std::thread thread;
    };

    mutable std::mutex mutex_;
    bool stopped_ = false;
    std::list<Stream> streams_;
};

}  // namespace ararat::channel
