// How often an alert that strangers can cause is logged: they must not fill the disk, nor hide one line among
// millions.
// Thread promise: any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "base/instant.h"

namespace ararat::server {

inline constexpr std::size_t kAlertsASecondMax = 10;

class AlertPace {
public:
    // Whether this alert about somebody is logged: how many were left out since the last one that was.
    [[nodiscard]] std::optional<std::uint64_t> admit(const std::string& whose, Duration now) {
        const std::lock_guard lock(mutex_);
        if (now - began_ >= std::chrono::seconds(1)) {
            began_ = now;
            named_.clear();
        }
        if (named_.size() >= kAlertsASecondMax || !named_.insert(whose).second) {
            ++left_out_;
            return std::nullopt;
        }
        return std::exchange(left_out_, 0);
    }

private:
    std::mutex mutex_;
    Duration began_{0};
    std::set<std::string> named_;  // in this second
    std::uint64_t left_out_ = 0;
};

}  // namespace ararat::server
