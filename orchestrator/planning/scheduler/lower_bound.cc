#include "planning/scheduler/lower_bound.h"

#include <algorithm>
#include <array>

namespace ararat::planning::scheduler {

std::vector<Time> heads_of(const Network& network) {
    std::vector<Time> heads(static_cast<std::size_t>(network.count), 0);
    for (std::int32_t i = 0; i < network.count; ++i) {
        Time& head = heads[static_cast<std::size_t>(i)];
        for (const Link* link = network.before.begin(i); link != network.before.end(i); ++link) {
            const auto other = static_cast<std::size_t>(link->to);
            head = std::max(head, heads[other] + network.duration[other] + link->lag);
        }
    }
    return heads;
}

std::vector<Time> tails_of(const Network& network) {
    std::vector<Time> tails(static_cast<std::size_t>(network.count), 0);
    for (std::int32_t i = network.count - 1; i >= 0; --i) {
        Time& tail = tails[static_cast<std::size_t>(i)];
        for (const Link* link = network.after.begin(i); link != network.after.end(i); ++link) {
            const auto other = static_cast<std::size_t>(link->to);
            tail = std::max(tail, tails[other] + network.duration[other] + link->lag);
        }
    }
    return tails;
}

LowerBound lower_bound_of(const Network& network) {
    LowerBound bound{0, "critical path"};
    const std::vector<Time> heads = heads_of(network);
    for (std::size_t i = 0; i < heads.size(); ++i)
        bound.value = std::max(bound.value, heads[i] + network.duration[i]);
    const auto words = static_cast<std::size_t>(network.words);
    for (std::size_t lane = 0; lane < words * kLanes; ++lane) {
        const std::size_t shift = 16 * (lane % kLanes);
        const auto capacity =
            static_cast<std::int64_t>((network.capacity[lane / kLanes] >> shift) & kLaneMost);
        if (capacity == 0) continue;
        std::int64_t work = 0;
        for (std::size_t i = 0; i < heads.size(); ++i) {
            const std::uint64_t demand = network.demand[i * words + lane / kLanes] >> shift;
            work += static_cast<std::int64_t>(demand & kLaneMost) * network.duration[i];
        }
        const std::int64_t least = (work + capacity - 1) / capacity;
        if (least > bound.value) bound = {static_cast<Time>(least), "resource"};
    }
    return bound;
}

}  // namespace ararat::planning::scheduler
