// Programmes of a few jobs, with their schedules, for tests. Times in minutes.
#pragma once

#include <utility>
#include <vector>

#include "planning/scheduler/forecast.h"
#include "planning/scheduler/programme.h"

namespace ararat::planning::scheduler {

class SmallProgramme {
public:
    SmallProgramme() {
        programme.horizon = 1'000'000;
        programme.month_starts = {0};
    }

    // A job of one way, planned to begin then.
    JobIndex job(Minute start, Minute duration, JobKind kind = JobKind::kTask) {
        Job added;
        added.kind = kind;
        added.ways = {static_cast<std::uint32_t>(programme.ways.size()), 1};
        Way way;
        way.duration = duration;
        programme.ways.push_back(way);
        programme.jobs.push_back(added);
        times.start.push_back(start);
        times.way.push_back(0);
        return static_cast<JobIndex>(programme.jobs.size()) - 1;
    }
    JobIndex cutover(Minute start, Minute duration, std::int32_t calendar) {
        const JobIndex added = job(start, duration, JobKind::kCutover);
        way(added).calendar = calendar;
        return added;
    }
    Job& at(JobIndex index) { return programme.jobs[static_cast<std::size_t>(index)]; }
    // The first way of a job.
    Way& way(JobIndex index) { return programme.ways[at(index).ways.first]; }

    void after(JobIndex from, JobIndex to, Minute lag = 0) {
        programme.lags.push_back({from, to, lag, true, 0});
    }

    // Windows of equal length, each `every` minutes, in which something may begin until so long before the
    // end.
    std::int32_t windows(Minute first, Minute length, Minute every, int count, Minute last_minutes = 0) {
        OpenTimes open;
        for (int i = 0; i < count; ++i) {
            const Minute start = first + every * i;
            open.windows.push_back({start, start + length, start + length - last_minutes});
        }
        programme.calendars.push_back(open);
        return static_cast<std::int32_t>(programme.calendars.size()) - 1;
    }
    std::int32_t resource(std::int32_t capacity) {
        programme.resources.push_back({{{0, capacity}}});
        return static_cast<std::int32_t>(programme.resources.size()) - 1;
    }
    // Of the next service, by month.
    void budget(std::vector<Minute> left) {
        Budget added;
        added.left = std::move(left);
        programme.budgets.push_back(added);
    }
    // Once for each job and list: what a way has lies together.
    void needs(JobIndex index, std::int32_t of, std::int32_t amount) {
        way(index).demands = {static_cast<std::uint32_t>(programme.demands.size()), 1};
        programme.demands.push_back({of, amount});
    }
    void takes(JobIndex index, std::int32_t stock, std::int32_t at_start, std::int32_t at_end) {
        way(index).stock_changes = {static_cast<std::uint32_t>(programme.stock_changes.size()), 1};
        programme.stock_changes.push_back({stock, at_start, at_end});
    }
    void outage(JobIndex index, std::int32_t service, Minute offset, Minute length) {
        way(index).outages = {static_cast<std::uint32_t>(programme.outages.size()), 1};
        programme.outages.push_back({service, offset, length});
    }

    // In a forecast the job's duration is spread so.
    void spread(JobIndex index, const DurationSpread& spread) {
        input.spread_of.resize(programme.jobs.size(), kNone);
        input.spread_of[static_cast<std::size_t>(index)] = static_cast<std::int32_t>(input.spreads.size());
        input.spreads.push_back(spread);
    }
    void chance_of_back_out(JobIndex index, double chance) {
        input.back_out_chance.resize(programme.jobs.size(), 0);
        input.back_out_chance[static_cast<std::size_t>(index)] = chance;
    }
    void let_start_early() { input.held.assign(programme.jobs.size(), false); }

    [[nodiscard]] Forecast forecast_of(std::int32_t executions, std::uint64_t seed = 1) {
        if (!input.spread_of.empty()) input.spread_of.resize(programme.jobs.size(), kNone);
        if (!input.back_out_chance.empty()) input.back_out_chance.resize(programme.jobs.size(), 0);
        ForecastOptions options;
        options.executions = executions;
        options.seed = seed;
        return forecast(programme, times, input, options).value();
    }

    Programme programme;
    ProgrammeTimes times;
    ForecastInput input;
};

inline Way way_of(Minute duration) {
    Way way;
    way.duration = duration;
    return way;
}
inline DurationSpread triangular(double low, double mode, double high) {
    DurationSpread spread;
    spread.shape = SpreadShape::kTriangular;
    spread.low = low;
    spread.mode = mode;
    spread.high = high;
    return spread;
}
inline DurationSpread pert(double low, double mode, double high) {
    DurationSpread spread = triangular(low, mode, high);
    spread.shape = SpreadShape::kPert;
    return spread;
}
inline DurationSpread lognormal(double median, double p90) {
    DurationSpread spread;
    spread.shape = SpreadShape::kLognormal;
    spread.median = median;
    spread.p90 = p90;
    return spread;
}

}  // namespace ararat::planning::scheduler
