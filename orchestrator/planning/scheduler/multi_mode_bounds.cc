#include "planning/scheduler/multi_mode_bounds.h"

#include <algorithm>
#include <limits>

#include "planning/scheduler/lag_network.h"

namespace ararat::planning::scheduler {

MultiModeBound multi_mode_bound(const Project& project, const ModeChoice& choice) {
    std::vector<std::int32_t> shortest(choice.size());
    const auto duration = [&](std::size_t i, std::int32_t m) {
        return project.activities[i].modes[static_cast<std::size_t>(m)].duration;
    };
    for (std::size_t i = 0; i < choice.size(); ++i) {
        shortest[i] =
            *std::ranges::min_element(choice[i], {}, [&](std::int32_t m) { return duration(i, m); });
    }
    MultiModeBound bound{0, "longest path"};
    const EarliestStarts earliest = earliest_starts(choice.size(), start_arcs(project, shortest));
    for (std::size_t i = 0; i < choice.size(); ++i) {
        bound.makespan = std::max(bound.makespan, earliest.start[i] + duration(i, shortest[i]));
    }
    for (std::size_t r = 0; r < project.capacity.size(); ++r) {
        std::int64_t work = 0;
        for (std::size_t i = 0; i < choice.size(); ++i) {
            std::int64_t least = std::numeric_limits<std::int64_t>::max();
            for (const std::int32_t m : choice[i]) {
                const Mode& mode = project.activities[i].modes[static_cast<std::size_t>(m)];
                least = std::min(least, std::int64_t{mode.duration} * mode.demand[r]);
            }
            work += least;
        }
        const std::int64_t capacity = project.capacity[r];
        if (capacity <= 0 || (work + capacity - 1) / capacity <= bound.makespan) continue;
        bound.makespan = static_cast<Time>((work + capacity - 1) / capacity);
        bound.from = "work of resource " + std::to_string(r);
    }
    return bound;
}

}  // namespace ararat::planning::scheduler
