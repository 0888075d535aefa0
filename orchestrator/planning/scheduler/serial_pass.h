// Serial schedule generation: activities in the order of a list, each as early as its predecessors and the
// resources let it. A dense profile of what is free, one packed word a step of time.
// Source: Kelley 1963; Kolisch 1996.
// Thread promise: one thread at a time for each object.
#pragma once

#include <cstdint>
#include <vector>

#include "planning/scheduler/network.h"

namespace ararat::planning::scheduler {

class SerialPass {
public:
    // The network must outlive it.
    explicit SerialPass(const Network& network);

    // Precondition: order holds each activity once, after its predecessors. Returns the makespan.
    Time by_list(const std::vector<std::int32_t>& order, std::vector<Time>& start);
    // The same for an order that may put an activity before its predecessors: of those that may go next, the
    // one that stands first in the order goes. Leaves the list that it followed in order.
    Time by_priority(std::vector<std::int32_t>& order, std::vector<Time>& start);

private:
    Time place(std::int32_t activity, std::vector<Time>& start);
    [[nodiscard]] Time earliest_fit(std::int32_t activity, Time from) const;
    [[nodiscard]] Time earliest_fit_wide(std::int32_t activity, Time from) const;
    void repair(std::vector<std::int32_t>& order);
    void clear();

    const Network& network_;
    std::vector<std::uint64_t> free_;  // horizon x words, with the guards set
    Time touched_ = 0;                 // free_ is full from here on
    std::vector<std::int32_t> waiting_;
    std::vector<std::int32_t> rank_;
    std::vector<std::uint64_t> ready_;
    std::vector<std::int32_t> list_;
};

}  // namespace ararat::planning::scheduler
