// A programme of a few jobs, said in as few words as a test needs.
#pragma once

#include <vector>

#include "planning/scheduler/programme.h"

namespace ararat::planning::scheduler {

class SmallProgramme {
public:
    SmallProgramme() {
        programme_.horizon = 10'000;
        programme_.month_starts = {0, 1000, 2000};
    }

    // A job in one way, of no group.
    JobIndex job(Minute duration, JobKind kind = JobKind::kTask) {
        Job job;
        job.kind = kind;
        job.ways = {static_cast<std::uint32_t>(programme_.ways.size()), 1};
        Way way;
        way.duration = duration;
        programme_.ways.push_back(way);
        programme_.jobs.push_back(job);
        return static_cast<JobIndex>(programme_.jobs.size()) - 1;
    }
    // One more way of the job made last.
    Way& other_way(Minute duration) {
        ++programme_.jobs.back().ways.count;
        programme_.ways.emplace_back().duration = duration;
        return programme_.ways.back();
    }
    Job& at(JobIndex job) { return programme_.jobs[static_cast<std::size_t>(job)]; }
    Way& way(JobIndex job) { return programme_.ways[at(job).ways.first]; }

    std::int32_t resource(std::vector<CapacityStep> steps) {
        programme_.resources.push_back({std::move(steps)});
        return static_cast<std::int32_t>(programme_.resources.size()) - 1;
    }
    std::int32_t stock(std::int32_t level, std::vector<Delivery> deliveries = {}) {
        programme_.stocks.push_back({level, std::move(deliveries)});
        return static_cast<std::int32_t>(programme_.stocks.size()) - 1;
    }
    std::int32_t calendar(std::vector<OpenTime> windows) {
        programme_.calendars.push_back({std::move(windows)});
        return static_cast<std::int32_t>(programme_.calendars.size()) - 1;
    }
    std::int32_t service(std::vector<Minute> left) {
        programme_.budgets.push_back({std::move(left)});
        return static_cast<std::int32_t>(programme_.budgets.size()) - 1;
    }
    void asks(JobIndex job, std::int32_t resource, std::int32_t amount) {
        way(job).demands = {static_cast<std::uint32_t>(programme_.demands.size()), 1};
        programme_.demands.push_back({resource, amount});
    }
    void changes(JobIndex job, std::int32_t stock, std::int32_t at_start, std::int32_t at_end) {
        way(job).stock_changes = {static_cast<std::uint32_t>(programme_.stock_changes.size()), 1};
        programme_.stock_changes.push_back({stock, at_start, at_end});
    }
    void is_out(JobIndex job, std::int32_t service, Minute offset, Minute length) {
        way(job).outages = {static_cast<std::uint32_t>(programme_.outages.size()), 1};
        programme_.outages.push_back({service, offset, length});
    }
    void lag(JobIndex from, JobIndex to, Minute lag, bool from_end = true) {
        programme_.lags.push_back({from, to, lag, from_end, 0});
    }
    void apart(JobIndex a, JobIndex b) { programme_.apart.push_back({a, b, true, false, false, 0}); }

    [[nodiscard]] Programme& programme() { return programme_; }

private:
    Programme programme_;
};

}  // namespace ararat::planning::scheduler
