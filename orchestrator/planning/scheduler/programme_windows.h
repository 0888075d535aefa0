// The windows of a programme's calendars with an index over time, so that the next allowed start is found
// without a search. Units: minutes. Thread promise: immutable once made.
#pragma once

#include <algorithm>
#include <vector>

#include "planning/scheduler/programme.h"

namespace ararat::planning::scheduler {

class WindowIndex {
public:
    explicit WindowIndex(const OpenTimes& times) : windows_(times.windows) {
        std::int32_t window = 0;
        const auto count = static_cast<std::int32_t>(windows_.size());
        const Minute last = count == 0 ? 0 : windows_.back().end;
        for (Minute time = 0; time <= last; time += 1 << kShift) {
            while (window < count && windows_[static_cast<std::size_t>(window)].end < time) ++window;
            first_.push_back(window);
        }
    }

    [[nodiscard]] std::int32_t count() const { return static_cast<std::int32_t>(windows_.size()); }
    [[nodiscard]] const OpenTime& window(std::int32_t index) const {
        return windows_[static_cast<std::size_t>(index)];
    }
    // The first that is not over at this time; count() where all are. A window without length is over at
    // once.
    [[nodiscard]] std::int32_t at_or_after(Minute time) const {
        const auto slot = static_cast<std::size_t>(std::max(0, time) >> kShift);
        if (slot >= first_.size()) return count();
        std::int32_t window = first_[slot];
        while (window < count() && windows_[static_cast<std::size_t>(window)].end < time) ++window;
        return window;
    }
    [[nodiscard]] static Minute last_start(const OpenTime& window, Minute duration) {
        return std::min(window.latest_start, window.end - duration);
    }
    // kNoMinute: no window takes it any more.
    [[nodiscard]] Minute next_start(Minute from, Minute duration) const {
        for (std::int32_t w = at_or_after(from); w < count(); ++w) {
            const Minute start = std::max(from, window(w).start);
            if (start <= last_start(window(w), duration)) return start;
        }
        return kNoMinute;
    }
    // -1: no window took it before.
    [[nodiscard]] Minute previous_start(Minute from, Minute duration) const {
        for (std::int32_t w = std::min(at_or_after(from), count() - 1); w >= 0; --w) {
            const Minute start = std::min(from, last_start(window(w), duration));
            if (start >= window(w).start) return start;
        }
        return -1;
    }

private:
    static constexpr int kShift = 10;
    const std::vector<OpenTime>& windows_;
    std::vector<std::int32_t> first_;  // by slot of 1,024 minutes
};

}  // namespace ararat::planning::scheduler
