// What an execution does, held against the constraints by code of its own: on random programmes with
// everything in them, whose planned starts are just an order, for nobody has scheduled them.
#include <gtest/gtest.h>

#include <algorithm>

#include "planning/scheduler/dice.h"
#include "unit/scheduler_forecast/small_programme.h"

namespace ararat::planning::scheduler {
namespace {

constexpr Minute kMonth = 2'000;

SmallProgramme random_programme(std::uint64_t seed) {
    Dice dice(seed);
    SmallProgramme b;
    b.programme.horizon = 40 * kMonth;
    b.programme.month_starts.clear();
    for (Minute at = 0; at < b.programme.horizon; at += kMonth) b.programme.month_starts.push_back(at);
    b.budget(std::vector<Minute>(b.programme.month_starts.size(), 60));
    b.programme.resources = {Resource{{{0, 2}}}, Resource{{{0, 1}, {500, 3}, {1'500, 0}, {1'800, 2}}}};
    b.programme.stocks = {Stock{3, {{700, 2}, {2'500, 3}}}};
    const std::int32_t calendars[] = {kNone, b.windows(100, 150, 400, 150, 90), b.windows(0, 90, 300, 200)};
    const auto below = [&](std::uint32_t bound) { return static_cast<Minute>(dice.below(bound)); };
    const std::uint32_t count = 4 + dice.below(12);
    for (std::uint32_t i = 0; i < count; ++i) {
        const JobIndex job =
            b.job(below(3'000), 10 + below(70), dice.below(2) == 0 ? JobKind::kCutover : JobKind::kTask);
        b.way(job).calendar = calendars[dice.below(3)];
        b.at(job).release = std::max(0, b.times.start.back() - below(300));
        if (dice.below(3) > 0) {
            const auto resource = static_cast<std::int32_t>(dice.below(2));
            b.needs(job, resource, 1 + below(2));
        }
        if (dice.below(3) == 0) b.outage(job, 0, below(5), 5 + below(20));
        if (dice.below(3) == 0) b.takes(job, 0, -1 - below(2), dice.below(2) == 0 ? 1 : 0);
        b.input.held.push_back(dice.below(2) == 0);
    }
    for (std::uint32_t i = 0; i < count; ++i) {
        const auto from = static_cast<JobIndex>(dice.below(count));
        const auto to = static_cast<JobIndex>(dice.below(count));
        if (b.times.start[static_cast<std::size_t>(from)] >= b.times.start[static_cast<std::size_t>(to)])
            continue;
        if (dice.below(3) == 0) {
            b.programme.apart.push_back({from, to, true, dice.below(2) == 0, false, 0});
        } else {
            b.programme.lags.push_back({from, to, below(100) - 20, dice.below(2) == 0, 0});
        }
    }
    return b;
}

const Way& way_of(const Programme& programme, std::size_t job) {
    return programme.ways[programme.jobs[job].ways.first];
}

// The index of the window that holds it all; the count of windows: none does.
std::size_t window_of(const Programme& programme, std::size_t job, const Execution& execution) {
    const auto& windows =
        programme.calendars[static_cast<std::size_t>(way_of(programme, job).calendar)].windows;
    const auto found = std::ranges::find_if(windows, [&](const OpenTime& window) {
        return window.start <= execution.start[job] && execution.start[job] <= window.latest_start &&
               execution.end[job] <= window.end;
    });
    return static_cast<std::size_t>(found - windows.begin());
}

const OpenTime& window(const Programme& programme, std::size_t job, const Execution& execution) {
    const auto calendar = static_cast<std::size_t>(way_of(programme, job).calendar);
    return programme.calendars[calendar].windows.at(window_of(programme, job, execution));
}

void expect_lags_and_windows(const SmallProgramme& b, const Execution& execution) {
    const Programme& programme = b.programme;
    for (const Lag& lag : programme.lags) {
        const auto from = static_cast<std::size_t>(lag.from);
        const Minute moment = lag.from_end ? execution.end[from] : execution.start[from];
        EXPECT_GE(execution.start[static_cast<std::size_t>(lag.to)], moment + lag.lag);
    }
    for (std::size_t i = 0; i < programme.jobs.size(); ++i) {
        EXPECT_GE(execution.start[i], b.input.held[i] ? b.times.start[i] : programme.jobs[i].release);
        const std::int32_t calendar = way_of(programme, i).calendar;
        if (calendar == kNone) continue;
        EXPECT_LT(window_of(programme, i, execution),
                  programme.calendars[static_cast<std::size_t>(calendar)].windows.size());
    }
    for (const Apart& apart : programme.apart) {
        const auto a = static_cast<std::size_t>(apart.a);
        const auto c = static_cast<std::size_t>(apart.b);
        EXPECT_TRUE(execution.end[a] <= execution.start[c] || execution.end[c] <= execution.start[a]);
        if (!apart.same_window_too || way_of(programme, a).calendar == kNone ||
            way_of(programme, c).calendar == kNone)
            continue;
        const OpenTime& one = window(programme, a, execution);
        const OpenTime& other = window(programme, c, execution);
        EXPECT_TRUE(one.end <= other.start || other.end <= one.start);
    }
}

void expect_levels(const Programme& programme, const Execution& execution) {
    std::vector<Minute> moments = execution.start;
    moments.insert(moments.end(), execution.end.begin(), execution.end.end());
    for (const Resource& resource : programme.resources)
        for (const CapacityStep& step : resource.steps) moments.push_back(step.from);
    for (const Minute moment : moments) {
        std::vector<std::int32_t> load(programme.resources.size(), 0);
        std::int32_t level = programme.stocks[0].level;
        for (const Delivery& delivery : programme.stocks[0].deliveries)
            if (delivery.at <= moment) level += delivery.amount;
        for (std::size_t i = 0; i < programme.jobs.size(); ++i) {
            const Way& way = way_of(programme, i);
            for (const Demand& demand : programme.demands_of(way))
                if (execution.start[i] <= moment && moment < execution.end[i])
                    load[static_cast<std::size_t>(demand.resource)] += demand.amount;
            for (const StockChange& change : programme.stock_changes_of(way)) {
                if (execution.start[i] <= moment) level += change.at_start;
                if (execution.end[i] <= moment) level += change.at_end;
            }
        }
        EXPECT_GE(level, 0) << "at " << moment;
        for (std::size_t r = 0; r < load.size(); ++r) {
            std::int32_t capacity = 0;
            for (const CapacityStep& step : programme.resources[r].steps)
                if (step.from <= moment) capacity = step.capacity;
            EXPECT_LE(load[r], capacity) << "at " << moment;
        }
    }
}

void expect_budgets(const Programme& programme, const Execution& execution) {
    std::vector<Minute> left = programme.budgets[0].left;
    for (std::size_t i = 0; i < programme.jobs.size(); ++i) {
        const Way& way = way_of(programme, i);
        for (const Outage& outage : programme.outages_of(way)) {
            const double scale = static_cast<double>(execution.end[i] - execution.start[i]) / way.duration;
            const Minute down = execution.start[i] + static_cast<Minute>(outage.offset * scale + 0.5);
            const Minute up = down + static_cast<Minute>(outage.length * scale + 0.5);
            for (Minute minute = down; minute < up; ++minute)
                --left[static_cast<std::size_t>(minute / kMonth)];
        }
    }
    EXPECT_GE(*std::ranges::min_element(left), 0);
}

// Nothing takes longer than planned, so that nothing may be broken.
TEST(ForecastPolicy, KeepsEveryConstraintWhereNothingOverruns) {
    int complete = 0;
    for (std::uint64_t seed = 1; seed <= 400; ++seed) {
        SCOPED_TRACE(seed);
        SmallProgramme b = random_programme(seed);
        b.input.spreads = {triangular(0.3, 0.8, 1)};
        b.input.spread_of.assign(b.programme.jobs.size(), seed % 2 == 0 ? 0 : kNone);
        const auto model = prepare_forecast(b.programme, b.times, b.input).value();
        for (std::int32_t number = 0; number < 3; ++number) {
            const Execution execution = execution_of(*model, seed, number);
            if (std::ranges::find(execution.end, kNoMinute) != execution.end.end()) continue;
            ++complete;
            expect_lags_and_windows(b, execution);
            expect_levels(b.programme, execution);
            expect_budgets(b.programme, execution);
        }
    }
    EXPECT_GT(complete, 600);  // others have stocks that never suffice
}

// What an execution did is a schedule, and executing it without uncertainty does the same.
TEST(ForecastPolicy, AScheduleWithoutUncertaintyIsExecutedAsItStands) {
    int compared = 0;
    for (std::uint64_t seed = 1; seed <= 400; ++seed) {
        SCOPED_TRACE(seed);
        SmallProgramme b = random_programme(seed);
        const Execution first = execution_of(*prepare_forecast(b.programme, b.times, b.input).value(), 1, 0);
        if (std::ranges::find(first.end, kNoMinute) != first.end.end()) continue;
        ++compared;
        b.times.start = first.start;
        b.input.held.clear();
        const Execution second = execution_of(*prepare_forecast(b.programme, b.times, b.input).value(), 1, 0);
        EXPECT_EQ(second.start, first.start);
    }
    EXPECT_GT(compared, 200);
}

}  // namespace
}  // namespace ararat::planning::scheduler
