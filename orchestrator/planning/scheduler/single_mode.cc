#include "planning/scheduler/single_mode.h"

#include <algorithm>
#include <utility>

#include "planning/scheduler/lower_bound.h"
#include "planning/scheduler/network.h"
#include "planning/scheduler/population_search.h"

namespace ararat::planning::scheduler {

Result<SearchResult> solve_single_mode(const Project& project, const SearchLimits& limits) {
    ARARAT_ASSIGN_OR_RETURN(const Network network, network_of(project));
    const LowerBound bound = lower_bound_of(network);
    PopulationSearch search(network, bound.value, limits);
    search.run();

    SearchResult result;
    result.lower_bound = bound.value * network.unit;
    result.bound_name = bound.name;
    result.schedules = search.schedules();
    result.timetable.start.resize(project.activities.size());
    result.timetable.mode.assign(project.activities.size(), 0);
    for (std::size_t i = 0; i < network.original.size(); ++i) {
        const auto activity = static_cast<std::size_t>(network.original[i]);
        const Time start = search.best_start()[i] * network.unit;
        result.timetable.start[activity] = start;
        result.timetable.makespan =
            std::max(result.timetable.makespan, start + project.activities[activity].modes[0].duration);
    }
    return result;
}

}  // namespace ararat::planning::scheduler
