#include "planning/scheduler/serial_pass.h"

#include <algorithm>
#include <bit>

namespace ararat::planning::scheduler {
namespace {

std::size_t at(std::int32_t number) { return static_cast<std::size_t>(number); }

}  // namespace

SerialPass::SerialPass(const Network& network)
    : network_(network),
      touched_(network.horizon),
      waiting_(at(network.count)),
      rank_(at(network.count)),
      ready_(at(network.count) / 64 + 1),
      list_(at(network.count)) {
    free_.resize((at(network.horizon) + 1) * at(network.words));
    clear();
}

void SerialPass::clear() {
    const std::size_t words = at(network_.words);
    for (std::size_t w = 0; w < words; ++w) {
        const std::uint64_t full = network_.capacity[w] | kLaneGuards;
        for (std::size_t i = w; i < at(touched_) * words; i += words) free_[i] = full;
    }
    touched_ = 0;
}

Time SerialPass::earliest_fit(std::int32_t activity, Time from) const {
    const Time duration = network_.duration[at(activity)];
    const std::uint64_t demand = network_.demand[at(activity)];
    const std::uint64_t* const profile = free_.data();
    Time start = from;
    Time known = from;  // enough is free in [start, known)
    for (;;) {
        const Time end = std::min(start + duration, touched_);
        Time probe = end - 1;
        // From the window's end backwards: a lack there skips the most.
        while (probe >= known && ((profile[probe] - demand) & kLaneGuards) == kLaneGuards) --probe;
        if (probe < known) return start;
        known = std::max(end, probe + 1);
        start = probe + 1;
    }
}

Time SerialPass::earliest_fit_wide(std::int32_t activity, Time from) const {
    const Time duration = network_.duration[at(activity)];
    const std::size_t words = at(network_.words);
    const std::uint64_t* const demand = network_.demand.data() + at(activity) * words;
    Time start = from;
    for (Time probe = start; probe < std::min(start + duration, touched_); ++probe) {
        for (std::size_t w = 0; w < words; ++w) {
            if (((free_[at(probe) * words + w] - demand[w]) & kLaneGuards) == kLaneGuards) continue;
            start = probe + 1;
            break;
        }
    }
    return start;
}

Time SerialPass::place(std::int32_t activity, std::vector<Time>& start) {
    Time earliest = 0;
    const Link* const last = network_.before.end(activity);
    for (const Link* link = network_.before.begin(activity); link != last; ++link)
        earliest = std::max(earliest, start[at(link->to)] + network_.duration[at(link->to)] + link->lag);
    const Time duration = network_.duration[at(activity)];
    if (duration == 0) return start[at(activity)] = earliest;
    const std::size_t words = at(network_.words);
    if (words == 1) {
        earliest = earliest_fit(activity, earliest);
        const std::uint64_t demand = network_.demand[at(activity)];
        for (Time t = earliest; t < earliest + duration; ++t) free_[at(t)] -= demand;
    } else {
        earliest = earliest_fit_wide(activity, earliest);
        const std::uint64_t* const demand = network_.demand.data() + at(activity) * words;
        for (Time t = earliest; t < earliest + duration; ++t) {
            for (std::size_t w = 0; w < words; ++w) free_[at(t) * words + w] -= demand[w];
        }
    }
    touched_ = std::max(touched_, earliest + duration);
    start[at(activity)] = earliest;
    return earliest + duration;
}

Time SerialPass::by_list(const std::vector<std::int32_t>& order, std::vector<Time>& start) {
    clear();
    start.resize(order.size());
    Time makespan = 0;
    for (const std::int32_t activity : order) makespan = std::max(makespan, place(activity, start));
    return makespan;
}

void SerialPass::repair(std::vector<std::int32_t>& order) {
    for (std::int32_t i = 0; i < network_.count; ++i) {
        rank_[at(order[at(i)])] = i;
        waiting_[at(i)] = network_.before.first[at(i) + 1] - network_.before.first[at(i)];
    }
    std::fill(ready_.begin(), ready_.end(), 0);
    for (std::int32_t i = 0; i < network_.count; ++i) {
        if (waiting_[at(i)] == 0)
            ready_[at(rank_[at(i)]) / 64] |= std::uint64_t{1} << (at(rank_[at(i)]) % 64);
    }
    std::size_t word = 0;
    for (std::int32_t done = 0; done < network_.count; ++done) {
        while (ready_[word] == 0) ++word;
        const std::int32_t activity = order[word * 64 + at(std::countr_zero(ready_[word]))];
        ready_[word] &= ready_[word] - 1;
        list_[at(done)] = activity;
        const Link* const last = network_.after.end(activity);
        for (const Link* link = network_.after.begin(activity); link != last; ++link) {
            if (--waiting_[at(link->to)] > 0) continue;
            const std::size_t rank = at(rank_[at(link->to)]);
            ready_[rank / 64] |= std::uint64_t{1} << (rank % 64);
            word = std::min(word, rank / 64);
        }
    }
    order.swap(list_);
}

Time SerialPass::by_priority(std::vector<std::int32_t>& order, std::vector<Time>& start) {
    repair(order);
    return by_list(order, start);
}

}  // namespace ararat::planning::scheduler
