#include "planning/scheduler/programme_validity.h"

#include <string>

namespace ararat::planning::scheduler {
namespace {

constexpr Minute kTimeMost = 1000 * 366 * 1440;

Error fault(const char* array, std::size_t index, const std::string& what) {
    return Error{ErrorCode::kInvalidArgument, std::string(array) + "[" + std::to_string(index) + "] " + what};
}

bool inside(std::int32_t index, std::size_t count) {
    return index >= 0 && static_cast<std::size_t>(index) < count;
}
bool inside_or_none(std::int32_t index, std::size_t count) { return index == kNone || inside(index, count); }
bool inside(const Slice& slice, std::size_t count) {
    return slice.first <= count && slice.count <= count - slice.first;
}
bool in_time(Minute time) { return time >= -kTimeMost && time <= kTimeMost; }

template <typename Items, typename Key>
bool named_twice(const Items& items, const Key& key) {
    for (std::size_t i = 1; i < items.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (key(items[i]) == key(items[j])) return true;
        }
    }
    return false;
}

Result<void> check_way(const Programme& programme, std::size_t index) {
    const Way& way = programme.ways[index];
    const auto fails = [index](const char* what) { return fault("ways", index, what); };
    if (way.duration < 0 || !in_time(way.duration)) return fails("lasts less than nothing or too long");
    if (!inside_or_none(way.calendar, programme.calendars.size())) return fails("has no such calendar");
    if (!inside(way.demands, programme.demands.size()) ||
        !inside(way.stock_changes, programme.stock_changes.size()) ||
        !inside(way.outages, programme.outages.size()))
        return fails("has a slice out of range");
    for (const Demand& demand : programme.demands_of(way)) {
        if (!inside(demand.resource, programme.resources.size())) return fails("has no such resource");
        if (demand.amount < 0) return fails("asks for less than nothing");
    }
    for (const StockChange& change : programme.stock_changes_of(way)) {
        if (!inside(change.stock, programme.stocks.size())) return fails("has no such stock");
    }
    for (const Outage& outage : programme.outages_of(way)) {
        if (!inside(outage.service, programme.budgets.size())) return fails("has no such service");
        if (outage.length < 0 || !in_time(outage.length) || !in_time(outage.offset))
            return fails("has an outage out of time");
    }
    if (named_twice(programme.demands_of(way), [](const Demand& d) { return d.resource; }))
        return fails("names a resource twice");
    if (named_twice(programme.stock_changes_of(way), [](const StockChange& c) { return c.stock; }))
        return fails("names a stock twice");
    return {};
}

Result<void> check_job(const Programme& programme, std::size_t index,
                       std::vector<std::uint32_t>& ways_of_group) {
    const Job& job = programme.jobs[index];
    const auto fails = [index](const char* what) { return fault("jobs", index, what); };
    if (job.ways.count == 0 || !inside(job.ways, programme.ways.size()))
        return fails("has no way or a slice out of range");
    if (!inside_or_none(job.group, static_cast<std::size_t>(programme.group_count)))
        return fails("has no such group");
    if (!inside_or_none(job.wave, static_cast<std::size_t>(programme.wave_count)))
        return fails("has no such wave");
    if (!in_time(job.release)) return fails("has a release out of time");
    if (job.fixed_start != kNoMinute && (!in_time(job.fixed_start) || !inside(job.fixed_way, job.ways.count)))
        return fails("is fixed, but in no way or out of time");
    if (job.group == kNone) return {};
    std::uint32_t& ways = ways_of_group[static_cast<std::size_t>(job.group)];
    if (ways == 0) ways = job.ways.count;
    return ways == job.ways.count ? Result<void>{} : fails("has not as many ways as others of its group");
}

Result<void> check_calendar(const OpenTimes& times, std::size_t index) {
    Minute last = -kTimeMost - 1;
    for (const OpenTime& window : times.windows) {
        if (window.start <= last || window.end < window.start || !in_time(window.end))
            return fault("calendars", index, "has windows out of order or that touch");
        last = window.end;
    }
    return {};
}

Result<void> check_arrays(const Programme& programme) {
    for (std::size_t i = 0; i < programme.lags.size(); ++i) {
        const Lag& lag = programme.lags[i];
        if (!inside(lag.from, programme.jobs.size()) || !inside(lag.to, programme.jobs.size()) ||
            !in_time(lag.lag))
            return fault("lags", i, "leads to no job or is out of time");
    }
    for (std::size_t i = 0; i < programme.apart.size(); ++i) {
        const Apart& pair = programme.apart[i];
        if (!inside(pair.a, programme.jobs.size()) || !inside(pair.b, programme.jobs.size()) ||
            pair.a == pair.b)
            return fault("apart", i, "is no pair of jobs");
    }
    for (std::size_t i = 0; i < programme.resources.size(); ++i) {
        const auto& steps = programme.resources[i].steps;
        for (std::size_t k = 1; k < steps.size(); ++k) {
            if (steps[k].from <= steps[k - 1].from) return fault("resources", i, "has steps out of order");
        }
    }
    for (std::size_t i = 1; i < programme.month_starts.size(); ++i) {
        if (programme.month_starts[i] <= programme.month_starts[i - 1])
            return fault("month_starts", i, "is out of order");
    }
    return {};
}

}  // namespace

Result<void> check_indices(const Programme& programme) {
    if (programme.horizon < 0 || programme.horizon > kTimeMost || programme.group_count < 0 ||
        programme.wave_count < 0)
        return Error{ErrorCode::kInvalidArgument, "the horizon or a count is out of range"};
    for (std::size_t i = 0; i < programme.calendars.size(); ++i)
        ARARAT_RETURN_IF_ERROR(check_calendar(programme.calendars[i], i));
    for (std::size_t i = 0; i < programme.ways.size(); ++i) ARARAT_RETURN_IF_ERROR(check_way(programme, i));
    std::vector<std::uint32_t> ways_of_group(static_cast<std::size_t>(programme.group_count), 0);
    for (std::size_t i = 0; i < programme.jobs.size(); ++i)
        ARARAT_RETURN_IF_ERROR(check_job(programme, i, ways_of_group));
    return check_arrays(programme);
}

}  // namespace ararat::planning::scheduler
