#include "server/inbox.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

namespace ararat::server {

bool Inbox::put_from_people(Letter letter) { return put(std::move(letter), kPeopleLettersMax); }

bool Inbox::put_from_host(execution::Input input) {
    return put(Submission{std::move(input), {}}, kHostLettersMax);
}

bool Inbox::put(StopWriting stop) { return put(std::move(stop), std::numeric_limits<std::size_t>::max()); }

bool Inbox::put(Letter letter, std::size_t bound) {
    {
        const std::lock_guard lock(mutex_);
        if (closed_ || letters_.size() >= bound) return false;
        letters_.push_back(std::move(letter));
    }
    arrived_.notify_one();
    return true;
}

std::vector<Letter> Inbox::take(Duration timeout) {
    std::unique_lock lock(mutex_);
    arrived_.wait_for(lock, timeout, [this] { return closed_ || !letters_.empty(); });
    if (closed_) return {};
    const auto count = static_cast<std::ptrdiff_t>(std::min(letters_.size(), kBatchMax));
    std::vector<Letter> batch(std::make_move_iterator(letters_.begin()),
                              std::make_move_iterator(letters_.begin() + count));
    letters_.erase(letters_.begin(), letters_.begin() + count);
    return batch;
}

void Inbox::close() {
    {
        const std::lock_guard lock(mutex_);
        closed_ = true;
    }
    arrived_.notify_all();
}

bool Inbox::closed() const {
    const std::lock_guard lock(mutex_);
    return closed_;
}

std::vector<Letter> Inbox::drain() {
    const std::lock_guard lock(mutex_);
    std::vector<Letter> rest(std::make_move_iterator(letters_.begin()),
                             std::make_move_iterator(letters_.end()));
    letters_.clear();
    return rest;
}

}  // namespace ararat::server
