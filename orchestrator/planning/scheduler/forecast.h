// When a schedule will really be done: many executions of it under drawn durations, each by the schedule's
// own policy for slips. Jobs go in the order of their planned starts, each as soon as its predecessors,
// resources, stocks, calendar and its services' budgets let it, and, where it is held, not before its planned
// start. Who begins a job knows what is planned, not what is drawn:
//   - a job begins where its planned duration fits into the window's rest, else it waits for the next window;
//   - a cutover that then overruns its window is backed out at its end and repeated in the next one that
//   takes
//     it; any other job that overruns goes on in the next window, and keeps its resources until then;
//   - a budget refuses what is planned, and is charged what it took;
//   - a job that waits for a resource keeps its place; one that waits for a later window gives it up to those
//     whose turn comes before that window;
//   - a maximum lag does not stop anybody: that it was broken is counted.
// Pinned waves and sites are the schedule's business: an execution neither brings a cutover that slipped back
// into its wave's window, nor changes a job's way.
// Units: minutes from the programme's origin; shares in [0, 1]. Source: Monte Carlo evaluation of scheduling
// policies (Igelmund and Radermacher 1983), with the criticality of an activity (Van Slyke 1963). Thread
// promise: pure; a model is shared by threads, each with executions of its own; what comes out depends on the
// seed and the numbers of the executions alone.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "planning/scheduler/duration_spread.h"
#include "planning/scheduler/programme.h"

namespace ararat::planning::scheduler {

// What the plan has for certain and may come late: a link, an approval, a delivery. All that it holds up
// comes late together.
struct LateArrival {
    Minute delay = 0;            // ... times what is drawn from the spread
    DurationSpread spread;       // Fixed: just so late
    std::vector<JobIndex> jobs;  // whose release it delays
    struct Step {
        std::int32_t resource = 0;
        std::int32_t step = 0;  // of Resource::steps: what comes or goes with it does so later
    };
    std::vector<Step> steps;
    struct Delivered {
        std::int32_t stock = 0;
        std::int32_t delivery = 0;  // of Stock::deliveries
    };
    std::vector<Delivered> deliveries;
};

struct StartedJob {
    JobIndex job = 0;
    Minute start = 0;
    Minute end = kNoMinute;               // none: it still runs
    Minute planned_duration = kNoMinute;  // what its plan said; none: its way's duration
};

// What has happened by `now`. Before it nothing else begins.
struct ProgrammeProgress {
    Minute now = 0;
    std::vector<StartedJob> started;
};

struct ForecastInput {
    std::vector<DurationSpread> spreads;
    std::vector<std::int32_t> spread_of;  // by job, in spreads; kNone, or no entries: what is planned
    std::vector<double> back_out_chance;  // by job, at each attempt; no entries: never
    Minute repeat_after = 0;              // at the soonest, from the end of an attempt that was backed out
    std::vector<LateArrival> arrivals;
    // The whole programme takes so much longer than its plan with a chance of one in ten (a lognormal factor
    // with median 1 on all that is not fixed); 1: no job's slip tells anything of another's. What has been
    // done tells where the factor lies, and narrows it.
    double slowdown_p90 = 1;
    std::vector<bool> held;             // by job; no entries: all
    std::vector<std::int32_t> wave_of;  // by job; kNone, or no entries: in none
    bool groups = true;                 // tell of groups too: memory for each in each execution
    ProgrammeProgress progress;
};

struct ForecastOptions {
    std::int32_t executions = 10'000;
    std::uint64_t seed = 1;
    std::vector<double> percents{50, 80};
    std::int32_t histogram_bins = 20;
};

// kNoMinute: in so many executions it is not done at all, as no window was left.
struct Percentile {
    double percent = 0;
    Minute minute = 0;
};
struct ForecastOfDue {
    JobIndex job = 0;
    Minute due = 0;
    double missed = 0;
};
// Of a wave or a group: when its last job ends.
struct ForecastOfPart {
    std::int32_t part = 0;
    std::vector<Percentile> finish;
    double drives = 0;  // share of executions in which it is on the chain that makes the finish what it is
};
struct ForecastOfLag {
    std::int32_t lag = 0;  // in Programme::lags
    double broken = 0;
};
struct ForecastOfBudget {
    std::int32_t service = 0;
    std::int32_t month = 0;
    double overdrawn = 0;
};
struct HistogramBin {
    Minute from = 0;
    Minute to = 0;  // beyond it
    std::int32_t executions = 0;
};

struct Forecast {
    std::int32_t executions = 0;
    std::vector<Percentile> finish;
    std::vector<ForecastOfDue> dues;    // every job with one
    std::vector<ForecastOfPart> waves;  // those that have jobs
    std::vector<ForecastOfPart> groups;
    std::vector<double> drives;               // by job
    std::vector<ForecastOfLag> maximum_lags;  // every one
    std::vector<ForecastOfBudget> budgets;    // those that were overdrawn at all
    std::vector<HistogramBin> histogram;      // of the executions that are done
    double never_done = 0;                    // share of executions in which some job found no window
    double backed_out = 0;                    // cutovers that were backed out, an execution
    std::vector<Minute> finishes;             // of all executions, in order; kNoMinute: not done

    // Precondition: there are executions; percent in (0, 100].
    [[nodiscard]] Minute finish_at(double percent) const;
    // The share of executions that are done by then.
    [[nodiscard]] double done_by(Minute minute) const;
};

// InvalidArgument: the times are not of this programme, or an index, a spread, a share is none.
[[nodiscard]] Result<Forecast> forecast(const Programme& programme, const ProgrammeTimes& times,
                                        const ForecastInput& input, const ForecastOptions& options);

// The same in parts, for threads: prepare once, execute ranges of numbers, put together in any order.
struct ForecastModel;
[[nodiscard]] Result<std::shared_ptr<const ForecastModel>> prepare_forecast(const Programme& programme,
                                                                            const ProgrammeTimes& times,
                                                                            const ForecastInput& input);
struct ForecastSample {
    std::int32_t first = 0;                 // number of its first execution
    std::vector<Minute> finish;             // by execution
    std::vector<Minute> part_finish;        // by execution and part: waves, then groups
    std::vector<std::int32_t> missed;       // by job: executions
    std::vector<std::int32_t> drives;       // by job
    std::vector<std::int32_t> part_drives;  // by part
    std::vector<std::int32_t> broken;       // by maximum lag
    std::vector<std::int32_t> overdrawn;    // by service and month
    std::int64_t backed_out = 0;
};
[[nodiscard]] ForecastSample execute(const ForecastModel& model, std::uint64_t seed, std::int32_t first,
                                     std::int32_t count);
// One execution by itself: a course that a programme may take, for those who want to look at one.
struct Execution {
    std::vector<Minute> start;  // by job; of the attempt that succeeded; kNoMinute: never
    std::vector<Minute> end;
};
[[nodiscard]] Execution execution_of(const ForecastModel& model, std::uint64_t seed, std::int32_t number);
[[nodiscard]] Forecast summary_of(const ForecastModel& model, std::span<const ForecastSample> samples,
                                  const ForecastOptions& options);

// What done jobs took, taken into the spreads of their kind.
void take_in_measured(ForecastInput& input, const Programme& programme, const ProgrammeTimes& times);

}  // namespace ararat::planning::scheduler
