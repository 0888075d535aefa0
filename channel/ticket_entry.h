// An open ticket on one end: who streams under it, what they may move, when its lease ends.
// Shared by the endpoint and the streams. Thread promise: all methods from any thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "channel/connection.h"
#include "channel/interrupt.h"
#include "channel/ticket.h"
#include "channel/token_bucket.h"

namespace ararat::channel {

class TicketEntry {
public:
    TicketEntry(Ticket ticket, Duration now);

    [[nodiscard]] const Ticket& ticket() const { return ticket_; }

    // A thread works under this ticket from join() to leave(); closing raises its Interrupt. Errors:
    // not-found (closed: it may be opened again), resource-exhausted (too many).
    Result<void> join(const std::shared_ptr<Interrupt>& interrupt);
    void leave(const std::shared_ptr<Interrupt>& interrupt);
    // Nothing moves under it afterwards. Parked connections are dropped.
    void close();
    [[nodiscard]] bool closed() const { return closed_.load(std::memory_order_acquire); }

    // `lease` 0: none.
    void renew(Duration lease, Duration now);
    [[nodiscard]] bool expired(Duration now) const;

    // Bandwidth and bytes, for all its streams together.
    [[nodiscard]] std::uint64_t available(Duration now);
    [[nodiscard]] Duration wait(Duration now);
    void moved(std::uint64_t bytes);
    [[nodiscard]] std::uint64_t bytes() const { return bytes_.load(std::memory_order_relaxed); }

    void stream_opened() { streams_.fetch_add(1, std::memory_order_relaxed); }
    void stream_ended() { streams_.fetch_sub(1, std::memory_order_relaxed); }
    [[nodiscard]] std::uint32_t streams() const { return streams_.load(std::memory_order_relaxed); }

    // Connections that the peer dialled ahead of need, where the source end dials. Error: too many.
    Result<void> park(Connection connection);
    // Waits until one is there. Errors: deadline-exceeded, cancelled.
    [[nodiscard]] Result<Connection> take_parked(Duration deadline, const Interrupt& interrupt);

private:
    const Ticket ticket_;
    std::atomic<bool> closed_{false};
    std::atomic<std::uint64_t> bytes_{0};
    std::atomic<std::uint32_t> streams_{0};

    mutable std::mutex mutex_;  // guards what follows
    std::vector<std::shared_ptr<Interrupt>> joined_;
    TokenBucket bucket_;
    Duration lease_ends_;
    std::deque<Connection> parked_;
    std::condition_variable parked_changed_;
};

using TicketEntryPtr = std::shared_ptr<TicketEntry>;

}  // namespace ararat::channel
