#include "support/programme_in_words.h"

namespace ararat::planning::scheduler {
namespace {

template <typename T>
Slice append(std::vector<T>& to, const std::vector<T>& values) {
    const Slice slice{static_cast<std::uint32_t>(to.size()), static_cast<std::uint32_t>(values.size())};
    to.insert(to.end(), values.begin(), values.end());
    return slice;
}

}  // namespace

JobIndex ProgrammeInWords::job(const std::vector<WayWords>& ways) {
    Job job;
    job.ways = {static_cast<std::uint32_t>(programme.ways.size()), static_cast<std::uint32_t>(ways.size())};
    for (const WayWords& words : ways) {
        Way way{words.duration, words.calendar, words.site, words.cost, {}, {}, {}};
        way.demands = append(programme.demands, words.demands);
        way.stock_changes = append(programme.stock_changes, words.stock_changes);
        way.outages = append(programme.outages, words.outages);
        programme.ways.push_back(way);
    }
    return add(programme.jobs, job);
}

JobIndex ProgrammeInWords::cutover(const WayWords& way) {
    const JobIndex index = job(way);
    at(index).kind = JobKind::kCutover;
    at(index).group = programme.group_count++;
    at(index).hosts = 1;
    return index;
}

}  // namespace ararat::planning::scheduler
