#include "planning/scheduler/population_search.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "planning/scheduler/lower_bound.h"

namespace ararat::planning::scheduler {
namespace {

constexpr std::int64_t kSchedulesBetweenQuestions = 64;

std::size_t at(std::int32_t number) { return static_cast<std::size_t>(number); }

}  // namespace

PopulationSearch::PopulationSearch(const Network& network, Time bound, const SearchLimits& limits)
    : network_(network),
      mirror_(network.mirrored()),
      bound_(bound),
      limits_(limits),
      forward_(network),
      backward_(mirror_),
      dice_(limits.seed),
      latest_(tails_of(network)),
      keys_(at(network.count)),
      order_(at(network.count)),
      mirrored_(at(network.count)) {
    for (std::size_t i = 0; i < latest_.size(); ++i) latest_[i] = bound - latest_[i] - network.duration[i];
}

bool PopulationSearch::over() {
    if (schedules_ >= limits_.schedules_max || best_.makespan <= bound_) return true;
    if (!limits_.stop || schedules_ < asked_at_) return false;
    asked_at_ = schedules_ + kSchedulesBetweenQuestions;
    return limits_.stop();
}

void PopulationSearch::note(const Member& member) {
    if (best_.start.empty() || member.makespan < best_.makespan) best_ = member;
}

// Counting sort, ties by number. Precondition: keys in 0 ... most.
void PopulationSearch::order_by(const std::vector<Time>& keys, Time most) {
    buckets_.assign(at(most) + 2, 0);
    for (const Time key : keys) ++buckets_[at(key) + 1];
    std::partial_sum(buckets_.begin(), buckets_.end(), buckets_.begin());
    for (std::int32_t i = 0; i < network_.count; ++i) order_[at(buckets_[at(keys[at(i)])]++)] = i;
}

// Both directions, from the keys: the later an activity's key, the earlier its turn against time.
void PopulationSearch::backward_and_forward(Member& member) {
    const std::int32_t last = network_.count - 1;
    const Time most = *std::max_element(keys_.begin(), keys_.end());
    for (std::int32_t i = 0; i <= last; ++i) mirrored_[at(i)] = most - keys_[at(last - i)];
    order_by(mirrored_, most);
    const Time length = backward_.by_priority(order_, mirrored_);
    for (std::int32_t i = 0; i <= last; ++i)
        keys_[at(i)] = length - mirrored_[at(last - i)] - network_.duration[at(i)];
    order_by(keys_, length);
    member.makespan = forward_.by_list(order_, member.start);
    schedules_ += 2;
    note(member);
}

// By latest start, each delayed by up to the spread.
void PopulationSearch::sampled(Member& member, Time spread) {
    const Time least = *std::min_element(latest_.begin(), latest_.end());
    for (std::size_t i = 0; i < latest_.size(); ++i) {
        const auto shift = spread <= 0 ? 0 : dice_.below(static_cast<std::uint32_t>(spread));
        keys_[i] = latest_[i] - least + static_cast<Time>(shift);
    }
    order_by(keys_, *std::max_element(keys_.begin(), keys_.end()));
    member.makespan = forward_.by_priority(order_, member.start);
    ++schedules_;
    note(member);
    for (std::size_t i = 0; i < latest_.size(); ++i) keys_[i] = member.start[i] + network_.duration[i];
    backward_and_forward(member);
}

void PopulationSearch::crossed(const Member& mother, const Member& father, Member& child) {
    const auto length = static_cast<std::uint32_t>(father.makespan);
    const std::uint32_t width = length / 4 + dice_.below(length / 2 + 1);
    const auto from = static_cast<Time>(dice_.below(length - std::min(width, length - 1)));
    const Time to = from + static_cast<Time>(width);
    const Time span = std::max(mother.makespan, father.makespan) + 1;
    for (std::size_t i = 0; i < keys_.size(); ++i) {
        const Time end = father.start[i] + network_.duration[i];
        if (end > from && end <= to) {
            keys_[i] = span + end;
        } else {
            const Time other = mother.start[i] + network_.duration[i];
            keys_[i] = other <= from ? other : 2 * span + other;
        }
    }
    const std::uint32_t changes = dice_.below(4);
    for (std::uint32_t k = 0; k < changes; ++k) {
        const std::size_t i = dice_.below(static_cast<std::uint32_t>(keys_.size()));
        const std::size_t j = dice_.below(static_cast<std::uint32_t>(keys_.size()));
        if (std::abs(mother.start[i] - mother.start[j]) < mother.makespan / 4) std::swap(keys_[i], keys_[j]);
    }
    backward_and_forward(child);
}

const PopulationSearch::Member& PopulationSearch::chosen() {
    const auto size = static_cast<std::uint32_t>(members_.size());
    const Member& one = members_[dice_.below(size)];
    const Member& two = members_[dice_.below(size)];
    return one.makespan <= two.makespan ? one : two;
}

// The child takes the place of the worst of a few, unless it is worse still or there already.
bool PopulationSearch::replace(Member& child) {
    for (const Member& member : members_) {
        if (member.makespan == child.makespan && member.start == child.start) return false;
    }
    Member* worst = &members_[dice_.below(static_cast<std::uint32_t>(members_.size()))];
    for (int k = 0; k < 3; ++k) {
        Member& other = members_[dice_.below(static_cast<std::uint32_t>(members_.size()))];
        if (other.makespan > worst->makespan) worst = &other;
    }
    if (child.makespan > worst->makespan) return false;
    std::swap(*worst, child);
    return true;
}

void PopulationSearch::run() {
    if (network_.count == 0) return;
    const std::int64_t size = std::clamp<std::int64_t>(limits_.schedules_max / 50, 10, 150);
    Member child;
    std::size_t refused = 0;
    for (std::int64_t i = 0; i < size && (i == 0 || !over()); ++i) {
        sampled(child, i == 0 ? 0 : bound_ / 3);
        members_.push_back(child);
    }
    while (!over()) {
        crossed(chosen(), chosen(), child);
        refused = replace(child) ? 0 : refused + 1;
        if (refused < members_.size()) continue;
        // Nothing new comes of these any more: fresh blood, whatever its length.
        refused = 0;
        sampled(members_[dice_.below(static_cast<std::uint32_t>(members_.size()))], 2 * bound_);
    }
}

}  // namespace ararat::planning::scheduler
