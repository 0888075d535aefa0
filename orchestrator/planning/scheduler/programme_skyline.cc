#include "planning/scheduler/programme_skyline.h"

#include <algorithm>

namespace ararat::planning::scheduler {

void Skyline::reset(std::int32_t level) {
    blocks_.resize(1);
    blocks_[0].count = 1;
    blocks_[0].added = 0;
    blocks_[0].from[0] = 0;
    blocks_[0].level[0] = level;
    ids_.assign(1, 0);
    firsts_.assign(1, 0);
    least_.assign(1, level);
    most_.assign(1, level);
}

Skyline::Position Skyline::position_of(Minute time) const {
    const auto after = std::upper_bound(firsts_.begin() + 1, firsts_.end(), time);
    Position position{static_cast<std::size_t>(after - firsts_.begin()) - 1, 0};
    const Block& in = block(position.place);
    const auto* first = in.from.data();
    position.step = static_cast<std::size_t>(std::upper_bound(first + 1, first + in.count, time) - first) - 1;
    return position;
}

Minute Skyline::end_of(Position position) const {
    const Block& in = block(position.place);
    if (position.step + 1 < in.count) return in.from[position.step + 1];
    return position.place + 1 < firsts_.size() ? firsts_[position.place + 1] : kNoMinute;
}

Minute Skyline::step_end(Minute time) const { return end_of(position_of(time)); }

std::int32_t Skyline::at(Minute time) const {
    const Position position = position_of(time);
    const Block& in = block(position.place);
    return in.level[position.step] + in.added;
}

std::int32_t Skyline::most() const { return *std::max_element(most_.begin(), most_.end()); }
std::int32_t Skyline::least() const { return *std::min_element(least_.begin(), least_.end()); }

std::int32_t Skyline::least_from(Minute time) const {
    const Position position = position_of(time);
    std::int32_t least = at(time);
    const Block& in = block(position.place);
    for (std::size_t i = position.step; i < in.count; ++i) least = std::min(least, in.level[i] + in.added);
    for (std::size_t place = position.place + 1; place < ids_.size(); ++place)
        least = std::min(least, least_[place]);
    return least;
}

void Skyline::measure(std::size_t place) {
    const Block& in = block(place);
    const auto* first = in.level.data();
    std::int32_t least = first[0];
    std::int32_t most = first[0];
    for (std::size_t i = 1; i < in.count; ++i) {
        least = std::min(least, first[i]);
        most = std::max(most, first[i]);
    }
    least_[place] = least + in.added;
    most_[place] = most + in.added;
}

void Skyline::split(std::size_t place) {
    constexpr std::size_t kHalf = kSteps / 2;
    const auto id = static_cast<std::uint32_t>(blocks_.size());
    blocks_.emplace_back();
    Block& left = block(place);
    Block& right = blocks_.back();
    right.added = left.added;
    right.count = kSteps - kHalf;
    left.count = kHalf;
    std::copy(left.from.begin() + kHalf, left.from.end(), right.from.begin());
    std::copy(left.level.begin() + kHalf, left.level.end(), right.level.begin());
    const auto after = static_cast<std::ptrdiff_t>(place) + 1;
    ids_.insert(ids_.begin() + after, id);
    firsts_.insert(firsts_.begin() + after, right.from[0]);
    least_.insert(least_.begin() + after, 0);
    most_.insert(most_.begin() + after, 0);
    measure(place);
    measure(place + 1);
}

// A step begins at this time.
void Skyline::cut(Minute time) {
    Position position = position_of(time);
    if (block(position.place).from[position.step] == time) return;
    if (block(position.place).count == kSteps) {
        split(position.place);
        position = position_of(time);
    }
    Block& in = block(position.place);
    const std::size_t next = position.step + 1;
    std::copy_backward(in.from.begin() + next, in.from.begin() + in.count, in.from.begin() + in.count + 1);
    std::copy_backward(in.level.begin() + next, in.level.begin() + in.count, in.level.begin() + in.count + 1);
    in.from[next] = time;
    in.level[next] = in.level[position.step];
    ++in.count;
}

// A step that begins here on the level of the one before it is none. Blocks keep their first steps.
void Skyline::join(Minute time) {
    const Position position = position_of(time);
    Block& in = block(position.place);
    const std::size_t step = position.step;
    if (step == 0 || in.from[step] != time || in.level[step] != in.level[step - 1]) return;
    std::copy(in.from.begin() + step + 1, in.from.begin() + in.count, in.from.begin() + step);
    std::copy(in.level.begin() + step + 1, in.level.begin() + in.count, in.level.begin() + step);
    --in.count;
}

void Skyline::add(Minute from, Minute to, std::int32_t change) {
    if (from >= to || change == 0) return;
    cut(from);
    if (to != kNoMinute) cut(to);
    Position position = position_of(from);
    for (; position.place < ids_.size() && firsts_[position.place] < to;
         ++position.place, position.step = 0) {
        const std::size_t place = position.place;
        Block& in = block(place);
        const bool whole =
            position.step == 0 && (place + 1 < firsts_.size() ? firsts_[place + 1] <= to : to == kNoMinute);
        if (whole) {
            in.added += change;
            least_[place] += change;
            most_[place] += change;
            continue;
        }
        for (std::size_t i = position.step; i < in.count && in.from[i] < to; ++i) in.level[i] += change;
        measure(place);
    }
    join(from);
    if (to != kNoMinute) join(to);
}

Minute Skyline::fit(Minute from, Minute duration, std::int32_t amount, Minute until) const {
    Position position = position_of(from);
    const std::size_t places = ids_.size();
    Minute start = from;
    for (; position.place < places; ++position.place, position.step = 0) {
        const std::size_t place = position.place;
        const Minute block_end = place + 1 < places ? firsts_[place + 1] : kNoMinute;
        if (least_[place] >= amount) {
            if (block_end - duration >= start) return start;
            continue;
        }
        if (most_[place] < amount) {
            start = block_end;
            if (start > until) return start;
            continue;
        }
        const Block& in = block(place);
        const std::int32_t needed = amount - in.added;
        for (std::size_t i = position.step; i < in.count; ++i) {
            const Minute end = i + 1 < in.count ? in.from[i + 1] : block_end;
            if (in.level[i] < needed) {
                start = end;
                if (start > until) return start;
            } else if (end - duration >= start) {
                return start;
            }
        }
    }
    return kNoMinute;
}

Minute Skyline::always_from(std::int32_t amount) const {
    for (std::size_t place = ids_.size(); place > 0; --place) {
        if (least_[place - 1] >= amount) continue;
        const Block& in = block(place - 1);
        for (std::size_t i = in.count; i > 0; --i) {
            if (in.level[i - 1] + in.added < amount) return end_of({place - 1, i - 1});
        }
    }
    return 0;
}

Minute Skyline::first_below(std::int32_t amount) const {
    for (std::size_t place = 0; place < ids_.size(); ++place) {
        if (least_[place] >= amount) continue;
        const Block& in = block(place);
        for (std::size_t i = 0; i < in.count; ++i) {
            if (in.level[i] + in.added < amount) return in.from[i];
        }
    }
    return kNoMinute;
}

std::int64_t Skyline::area(Minute from, Minute to) const {
    std::int64_t sum = 0;
    for (Position position = position_of(from); position.place < ids_.size(); ++position.place) {
        const Block& in = block(position.place);
        for (; position.step < in.count; ++position.step) {
            const Minute begin = std::max(from, in.from[position.step]);
            if (begin >= to) return sum;
            const Minute end = std::min(to, end_of(position));
            sum += std::int64_t{std::max(0, in.level[position.step] + in.added)} * (end - begin);
        }
        position.step = 0;
    }
    return sum;
}

}  // namespace ararat::planning::scheduler
