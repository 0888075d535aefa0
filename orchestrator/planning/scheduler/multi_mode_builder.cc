#include "planning/scheduler/multi_mode_builder.h"

#include <algorithm>
#include <utility>

namespace ararat::planning::scheduler {

void FreeSteps::clear() {
    begin_.assign(1, 0);
    free_ = capacity_;
}

bool FreeSteps::suffices(std::size_t step, const Mode& mode) const {
    const std::size_t resources = capacity_.size();
    for (std::size_t r = 0; r < resources; ++r) {
        if (free_[step * resources + r] < mode.demand[r]) return false;
    }
    return true;
}

// Precondition: the mode fits into the whole capacity.
Time FreeSteps::first_fit(Time from, const Mode& mode) const {
    if (mode.duration == 0) return from;
    auto step =
        static_cast<std::size_t>(std::upper_bound(begin_.begin(), begin_.end(), from) - begin_.begin()) - 1;
    Time start = from;
    while (step < begin_.size() && begin_[step] < start + mode.duration) {
        if (!suffices(step, mode)) start = begin_[step + 1];
        ++step;
    }
    return start;
}

// The step that begins at the moment, made if there is none.
std::size_t FreeSteps::split(Time moment) {
    const auto place = std::lower_bound(begin_.begin(), begin_.end(), moment);
    const auto step = static_cast<std::size_t>(place - begin_.begin());
    if (place != begin_.end() && *place == moment) return step;
    const std::size_t resources = capacity_.size();
    begin_.insert(place, moment);
    const std::size_t width = free_.size();
    free_.resize(width + resources);
    std::copy_backward(free_.begin() + static_cast<std::ptrdiff_t>((step - 1) * resources),
                       free_.begin() + static_cast<std::ptrdiff_t>(width), free_.end());
    return step;
}

void FreeSteps::take(Time start, const Mode& mode) {
    if (mode.duration == 0) return;
    const std::size_t resources = capacity_.size();
    const std::size_t first = split(start);
    const std::size_t last = split(start + mode.duration);
    for (std::size_t step = first; step < last; ++step) {
        for (std::size_t r = 0; r < resources; ++r) free_[step * resources + r] -= mode.demand[r];
    }
}

MultiModeBuilder::MultiModeBuilder(const Project& project, const ModeChoice& choice, StockUse& stock)
    : project_(project), choice_(choice), stock_(stock), free_(project.capacity) {
    for (Side* side : {&forward_, &backward_}) {
        side->before.resize(project.activities.size());
        side->after.resize(project.activities.size());
    }
    for (const Arc& arc : project.arcs) {
        add_edges(forward_, arc.from, arc.to, {arc.from, arc.lag, arc.from_end, false});
        add_edges(backward_, arc.to, arc.from, {arc.to, arc.lag, true, !arc.from_end});
    }
    ordered_ = has_order();
}

void MultiModeBuilder::add_edges(Side& side, std::int32_t from, std::int32_t to, Edge edge) {
    side.before[static_cast<std::size_t>(to)].push_back(edge);
    side.after[static_cast<std::size_t>(from)].push_back(to);
}

bool MultiModeBuilder::has_order() const {
    std::vector<std::size_t> waiting(project_.activities.size());
    std::vector<std::size_t> ready;
    for (std::size_t i = 0; i < waiting.size(); ++i) {
        waiting[i] = forward_.before[i].size();
        if (waiting[i] == 0) ready.push_back(i);
    }
    for (std::size_t next = 0; next < ready.size(); ++next) {
        for (const std::int32_t after : forward_.after[ready[next]]) {
            if (--waiting[static_cast<std::size_t>(after)] == 0)
                ready.push_back(static_cast<std::size_t>(after));
        }
    }
    return ready.size() == waiting.size();
}

Time MultiModeBuilder::earliest(const Side& side, std::size_t activity, const Mode& own,
                                const std::vector<std::int32_t>& mode, const std::vector<Time>& start) const {
    Time least = 0;
    for (const Edge& edge : side.before[activity]) {
        const auto other = static_cast<std::size_t>(edge.other);
        Time from = start[other] + edge.lag;
        if (edge.adds_other) from += mode_of(other, mode[other]).duration;
        if (edge.less_own) from -= own.duration;
        least = std::max(least, from);
    }
    return least;
}

Time MultiModeBuilder::build(Direction direction, std::vector<double>& key, std::vector<std::int32_t>& mode,
                             std::vector<Time>& start, double improve, Dice& dice) {
    const Side& side = direction == Direction::forward ? forward_ : backward_;
    const std::size_t count = project_.activities.size();
    free_.clear();
    ready_.clear();
    waiting_for_.resize(count);
    start.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
        waiting_for_[i] = static_cast<std::int32_t>(side.before[i].size());
        if (waiting_for_[i] == 0) ready_.push_back(static_cast<std::int32_t>(i));
    }
    Time makespan = 0;
    while (!ready_.empty()) {
        const auto place = std::ranges::min_element(
            ready_, {}, [&](std::int32_t i) { return std::pair(key[static_cast<std::size_t>(i)], i); });
        const auto i = static_cast<std::size_t>(*place);
        *place = ready_.back();
        ready_.pop_back();
        std::int32_t chosen = mode[i];
        start[i] = free_.first_fit(earliest(side, i, mode_of(i, chosen), mode, start), mode_of(i, chosen));
        if (choice_[i].size() > 1 && improve > 0 && dice.unit() < improve) {
            const double excess = stock_.excess();
            for (const std::int32_t m : choice_[i]) {
                if (m == mode[i] || stock_.excess_after(i, mode[i], m) > excess) continue;
                const Mode& other = mode_of(i, m);
                const Time least = earliest(side, i, other, mode, start);
                const Time best_end = start[i] + mode_of(i, chosen).duration;
                if (least + other.duration >= best_end) continue;
                const Time at = free_.first_fit(least, other);
                if (at + other.duration >= best_end) continue;
                start[i] = at;
                chosen = m;
            }
            stock_.change(i, mode[i], chosen);
            mode[i] = chosen;
        }
        free_.take(start[i], mode_of(i, chosen));
        makespan = std::max(makespan, start[i] + mode_of(i, chosen).duration);
        for (const std::int32_t after : side.after[i]) {
            if (--waiting_for_[static_cast<std::size_t>(after)] == 0) ready_.push_back(after);
        }
    }
    for (std::size_t i = 0; i < count; ++i)
        key[i] = -static_cast<double>(start[i] + mode_of(i, mode[i]).duration);
    return makespan;
}

}  // namespace ararat::planning::scheduler
