#include "planning/scheduler/forecast_checks.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace ararat::planning::scheduler {
namespace {

bool is_one_of(std::int32_t index, std::size_t count) {
    return index >= 0 && static_cast<std::size_t>(index) < count;
}
Error bad(std::string what) { return {ErrorCode::kInvalidArgument, std::move(what)}; }
std::string job_name(std::size_t job) { return "job " + std::to_string(job); }

Result<void> check_times(const Programme& programme, const ProgrammeTimes& times) {
    const std::size_t count = programme.jobs.size();
    if (times.start.size() != count || times.way.size() != count)
        return bad("the schedule has other jobs than the programme");
    for (std::size_t i = 0; i < count; ++i) {
        if (!is_one_of(times.way[i], programme.jobs[i].ways.count))
            return bad(job_name(i) + " has no such way");
        if (times.start[i] == kNoMinute) return bad(job_name(i) + " has no start");
    }
    for (const Budget& budget : programme.budgets)
        if (budget.left.size() != programme.month_starts.size())
            return bad("a budget has other months than the programme");
    return {};
}

Result<void> check_lists(const Programme& programme, const ForecastInput& input) {
    const std::size_t count = programme.jobs.size();
    const auto fits = [&](std::size_t size) { return size == 0 || size == count; };
    if (!fits(input.spread_of.size()) || !fits(input.back_out_chance.size()) || !fits(input.held.size()) ||
        !fits(input.wave_of.size()))
        return bad("the forecast's lists have other jobs than the programme");
    for (const std::int32_t spread : input.spread_of)
        if (spread != kNone && !is_one_of(spread, input.spreads.size())) return bad("no such spread");
    for (const std::int32_t wave : input.wave_of)
        if (wave < kNone) return bad("no such wave");
    // At 1 a cutover would be tried for ever.
    if (!std::ranges::all_of(input.back_out_chance, [](double c) { return c >= 0 && c < 1; }))
        return bad("a chance of being backed out lies outside [0, 1)");
    if (input.repeat_after < 0) return bad("an attempt cannot be repeated before its end");
    if (!(input.slowdown_p90 >= 1 && std::isfinite(input.slowdown_p90)))
        return bad("the programme's slowdown at one in ten is less than 1");
    return {};
}

Result<void> check_arrivals(const Programme& programme, const ForecastInput& input) {
    for (const LateArrival& arrival : input.arrivals) {
        if (arrival.delay < 0) return bad("what arrives late has a delay of less than nothing");
        for (const JobIndex job : arrival.jobs)
            if (!is_one_of(job, programme.jobs.size())) return bad("a late arrival holds up no such job");
        for (const LateArrival::Step& late : arrival.steps) {
            if (!is_one_of(late.resource, programme.resources.size()) ||
                !is_one_of(late.step,
                           programme.resources[static_cast<std::size_t>(late.resource)].steps.size()))
                return bad("a late arrival holds up no such step of a resource");
        }
        for (const LateArrival::Delivered& late : arrival.deliveries) {
            if (!is_one_of(late.stock, programme.stocks.size()) ||
                !is_one_of(late.delivery,
                           programme.stocks[static_cast<std::size_t>(late.stock)].deliveries.size()))
                return bad("a late arrival holds up no such delivery");
        }
    }
    return {};
}

Result<void> check_progress(const Programme& programme, const ForecastInput& input) {
    for (const StartedJob& started : input.progress.started) {
        if (!is_one_of(started.job, programme.jobs.size())) return bad("no such job has started");
        const std::string name = job_name(static_cast<std::size_t>(started.job));
        if (started.start > input.progress.now) return bad(name + " started later than now");
        if (started.end == kNoMinute) continue;
        if (started.end < started.start) return bad(name + " ended before it started");
        if (started.end > input.progress.now) return bad(name + " ended later than now");
    }
    return {};
}

}  // namespace

Result<void> check_forecast(const Programme& programme, const ProgrammeTimes& times,
                            const ForecastInput& input) {
    ARARAT_RETURN_IF_ERROR(check_times(programme, times));
    ARARAT_RETURN_IF_ERROR(check_lists(programme, input));
    ARARAT_RETURN_IF_ERROR(check_arrivals(programme, input));
    return check_progress(programme, input);
}

}  // namespace ararat::planning::scheduler
