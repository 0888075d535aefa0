#include "server/progress_board.h"

#include <algorithm>

namespace ararat::server {
namespace {

constexpr Duration kRateSample{400};
// Nothing moved for so long: the rate is none, not what is left of an average.
constexpr Duration kStall{1'000};
constexpr double kRateWeight = 0.5;  // of the newest sample, against what was shown before

}  // namespace

void ProgressBoard::note(const transport::ChannelBytes& report, Duration at) {
    const std::lock_guard lock(mutex_);
    const std::pair<RunId, ChannelId> name{report.run, report.channel};
    if (!entries_.contains(name) && entries_.size() >= kProgressEntriesMax) return;
    Entry& entry = entries_[name];
    if (report.generation < entry.generation) return;
    if (report.generation > entry.generation) {
        entry = Entry{};
        entry.generation = report.generation;
        entry.rate_at = entry.grew_at = at;
    }
    if (entry.closed) return;
    if (report.bytes > entry.bytes) {
        entry.changed = true;
        entry.grew_at = at;
    }
    entry.bytes = std::max(entry.bytes, report.bytes);
    entry.bytes_total = std::max(entry.bytes_total, report.bytes_total);
    if (const Duration passed = at - entry.rate_at; passed >= kRateSample) {
        const double sample = static_cast<double>(entry.bytes - entry.rate_bytes) * 1000.0 /
                              static_cast<double>(passed.count());
        const bool stalled = entry.bytes == entry.rate_bytes && passed >= kStall;
        entry.bytes_per_second = entry.rate_bytes == 0 || stalled
                                     ? sample
                                     : kRateWeight * sample + (1 - kRateWeight) * entry.bytes_per_second;
        entry.rate_bytes = entry.bytes;
        entry.rate_at = at;
        entry.changed = true;
    }
}

std::vector<v1::ProgressView> ProgressBoard::of_run(const RunId& run) const {
    const std::lock_guard lock(mutex_);
    std::vector<v1::ProgressView> views;
    for (auto it = entries_.lower_bound({run, ChannelId()}); it != entries_.end() && it->first.first == run;
         ++it) {
        views.push_back(view_of(it->first.second, it->second));
    }
    return views;
}

void ProgressBoard::close(const RunId& run, const ChannelId& channel, std::uint32_t generation) {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find({run, channel});
    if (found == entries_.end() || found->second.generation > generation) return;
    found->second.closed = found->second.changed = true;
    found->second.bytes_per_second = 0;
}

std::vector<std::pair<RunId, v1::ProgressView>> ProgressBoard::take_changes(Duration at) {
    const std::lock_guard lock(mutex_);
    std::vector<std::pair<RunId, v1::ProgressView>> changes;
    for (auto& [name, entry] : entries_) {
        if (entry.bytes_per_second > 0 && at - entry.grew_at >= kStalledAfter) {
            entry.bytes_per_second = 0;
            entry.changed = true;
        }
        if (!entry.changed) continue;
        entry.changed = false;
        changes.emplace_back(name.first, view_of(name.second, entry));
    }
    return changes;
}

void ProgressBoard::forget(const RunId& run) {
    const std::lock_guard lock(mutex_);
    std::erase_if(entries_, [&](const auto& item) { return item.first.first == run; });
}

v1::ProgressView ProgressBoard::view_of(const ChannelId& channel, const Entry& entry) {
    v1::ProgressView view;
    view.set_channel(channel.str());
    view.set_bytes(entry.bytes);
    view.set_bytes_total(entry.bytes_total);
    view.set_bytes_per_second(entry.bytes_per_second);
    view.set_closed(entry.closed);
    return view;
}

}  // namespace ararat::server
