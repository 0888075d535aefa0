#include "channel/ticket_entry.h"

#include <algorithm>
#include <utility>

#include "channel/endpoint.h"

namespace ararat::channel {
namespace {

constexpr std::size_t kJoinedMax = std::size_t{kStreamsPerTicketMax} + kParkedConnections;
constexpr std::size_t kParkedMax = std::size_t{kParkedConnections} * 2;
constexpr Duration kParkedPoll{100};  // how often a waiting stream looks for its own end

}  // namespace

TicketEntry::TicketEntry(Ticket ticket, Duration now)
    : ticket_(std::move(ticket)), bucket_(ticket_.bytes_per_second_max, now), lease_ends_(Duration::max()) {
    renew(ticket_.lease, now);
}

Result<void> TicketEntry::join(const std::shared_ptr<Interrupt>& interrupt) {
    const std::lock_guard lock(mutex_);
    if (closed()) return Error{ErrorCode::kNotFound, "the channel's ticket is closed"};
    if (joined_.size() >= kJoinedMax) {
        return Error{ErrorCode::kResourceExhausted, "the channel has too many streams"};
    }
    joined_.push_back(interrupt);
    return {};
}

void TicketEntry::leave(const std::shared_ptr<Interrupt>& interrupt) {
    const std::lock_guard lock(mutex_);
    std::erase(joined_, interrupt);
}

void TicketEntry::close() {
    std::deque<Connection> dropped;
    {
        const std::lock_guard lock(mutex_);
        closed_.store(true, std::memory_order_release);
        for (const auto& interrupt : joined_) interrupt->raise();
        dropped.swap(parked_);
    }
    parked_changed_.notify_all();
}

void TicketEntry::renew(Duration lease, Duration now) {
    const std::lock_guard lock(mutex_);
    lease_ends_ = lease.count() == 0 ? Duration::max() : now + lease;
}

bool TicketEntry::expired(Duration now) const {
    const std::lock_guard lock(mutex_);
    return now >= lease_ends_;
}

std::uint64_t TicketEntry::available(Duration now) {
    if (ticket_.bytes_per_second_max == 0) return TokenBucket::kUnlimited;
    const std::lock_guard lock(mutex_);
    return bucket_.available(now);
}

Duration TicketEntry::wait(Duration now) {
    const std::lock_guard lock(mutex_);
    return bucket_.wait(now);
}

void TicketEntry::moved(std::uint64_t bytes) {
    bytes_.fetch_add(bytes, std::memory_order_relaxed);
    if (ticket_.bytes_per_second_max == 0) return;
    const std::lock_guard lock(mutex_);
    bucket_.spend(bytes);
}

Result<void> TicketEntry::park(Connection connection) {
    {
        const std::lock_guard lock(mutex_);
        if (closed()) return Error{ErrorCode::kNotFound, "the channel's ticket is closed"};
        // The oldest goes: the peer that dials again has most likely lost it.
        if (parked_.size() >= kParkedMax) parked_.pop_front();
        parked_.push_back(std::move(connection));
    }
    parked_changed_.notify_one();
    return {};
}

Result<Connection> TicketEntry::take_parked(Duration deadline, const Interrupt& interrupt) {
    std::unique_lock lock(mutex_);
    while (parked_.empty()) {
        if (closed() || interrupt.raised()) return Error{ErrorCode::kCancelled, "the channel was closed"};
        if (steady_now() >= deadline) {
            return Error{ErrorCode::kDeadlineExceeded, "the source has not connected yet"};
        }
        parked_changed_.wait_for(lock, kParkedPoll);
    }
    auto connection = std::move(parked_.front());
    parked_.pop_front();
    return connection;
}

}  // namespace ararat::channel
