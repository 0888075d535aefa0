#include "planning/scheduler/programme_edit.h"

#include <algorithm>

namespace ararat::planning::scheduler {

std::span<Way> own_ways(Programme& programme, JobIndex job) {
    Slice& slice = programme.jobs[static_cast<std::size_t>(job)].ways;
    const std::size_t first = programme.ways.size();
    for (std::uint32_t i = 0; i < slice.count; ++i) {
        const Way copied = programme.ways[slice.first + i];  // before the array grows under it
        programme.ways.push_back(copied);
    }
    slice.first = static_cast<std::uint32_t>(first);
    return std::span(programme.ways).subspan(first, slice.count);
}

void add_demand(Programme& programme, Way& way, Demand demand) {
    const std::size_t first = programme.demands.size();
    for (std::uint32_t i = 0; i < way.demands.count; ++i) {
        const Demand copied = programme.demands[way.demands.first + i];
        programme.demands.push_back(copied);
    }
    programme.demands.push_back(demand);
    way.demands = {static_cast<std::uint32_t>(first), way.demands.count + 1};
}

std::int32_t closed_calendar(Programme& programme) {
    const auto closed = std::ranges::find_if(programme.calendars,
                                             [](const OpenTimes& times) { return times.windows.empty(); });
    const auto index = closed - programme.calendars.begin();
    if (closed == programme.calendars.end()) programme.calendars.emplace_back();
    return static_cast<std::int32_t>(index);
}

std::vector<Minute> outage_used(const Programme& programme, const ProgrammeTimes& times) {
    const std::size_t months = programme.month_starts.size();
    std::vector<Minute> used(programme.budgets.size() * months, 0);
    for (std::size_t i = 0; i < programme.jobs.size(); ++i) {
        if (times.start[i] == kNoMinute) continue;
        const Way& way = programme.ways_of(programme.jobs[i])[static_cast<std::size_t>(times.way[i])];
        for (const Outage& outage : programme.outages_of(way)) {
            const Minute down = times.start[i] + outage.offset;
            for (std::size_t month = 0; month < months; ++month) {
                const Minute from = std::max(down, programme.month_starts[month]);
                const Minute to =
                    std::min(down + outage.length,
                             month + 1 < months ? programme.month_starts[month + 1] : programme.horizon);
                if (to > from) used[static_cast<std::size_t>(outage.service) * months + month] += to - from;
            }
        }
    }
    return used;
}

}  // namespace ararat::planning::scheduler
