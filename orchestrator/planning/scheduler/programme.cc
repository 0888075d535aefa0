#include "planning/scheduler/programme.h"

#include <algorithm>

namespace ararat::planning::scheduler {

ProgrammeScore score_of(const Programme& programme, const ProgrammeTimes& times) {
    constexpr Minute kMinutesOfADay = 1440;
    constexpr std::int32_t kLeastUrgent = 10;
    ProgrammeScore score;
    for (JobIndex index = 0; index < static_cast<JobIndex>(programme.jobs.size()); ++index) {
        const auto at = static_cast<std::size_t>(index);
        const Job& job = programme.jobs[at];
        const Minute end = end_of(programme, times, index);
        if (job.counts) score.finish = std::max(score.finish, end);
        score.cost_pence += programme.ways_of(job)[static_cast<std::size_t>(times.way[at])].cost;
        if (job.due != kNoMinute && end > job.due) {
            const Minute days = (end - job.due + kMinutesOfADay - 1) / kMinutesOfADay;
            score.late_pence += days * job.price_per_day;
        }
        if (job.kind != JobKind::kCutover) continue;
        score.urgency_minutes +=
            static_cast<std::int64_t>(end) * std::max(1, kLeastUrgent - job.urgency) * std::max(1, job.hosts);
        if (job.published_start != kNoMinute && job.published_start != times.start[at])
            score.changed_hosts += job.hosts;
    }
    return score;
}

}  // namespace ararat::planning::scheduler
