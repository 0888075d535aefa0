#include "planning/scheduler/programme_constraint.h"

#include <algorithm>
#include <set>

namespace ararat::planning::scheduler {
namespace {

template <typename T>
void erase_numbers(std::vector<T>& from, const std::set<std::int32_t>& numbers) {
    std::vector<T> kept;
    for (std::size_t i = 0; i < from.size(); ++i)
        if (!numbers.contains(static_cast<std::int32_t>(i))) kept.push_back(from[i]);
    from = std::move(kept);
}

Minute generous_horizon(const Programme& programme) {
    std::int64_t last = programme.horizon;
    for (const OpenTimes& calendar : programme.calendars)
        if (!calendar.windows.empty()) last = std::max<std::int64_t>(last, calendar.windows.back().end);
    for (const Stock& stock : programme.stocks)
        for (const Delivery& delivery : stock.deliveries) last = std::max<std::int64_t>(last, delivery.at);
    for (const Resource& resource : programme.resources)
        if (!resource.steps.empty()) last = std::max<std::int64_t>(last, resource.steps.back().from);
    for (const Job& job : programme.jobs) {
        Minute longest = 0;
        for (const Way& way : programme.ways_of(job)) longest = std::max(longest, way.duration);
        last = std::max<std::int64_t>(last, job.release) + longest;
    }
    for (const Lag& lag : programme.lags) last += std::max(0, lag.lag);
    return static_cast<Minute>(std::min<std::int64_t>(last, kNoMinute / 4));
}

void unfix(Programme& programme, Job& job) {
    if (job.fixed_start != kNoMinute) {
        job.release = 0;
        job.due = kNoMinute;
        const Slice own = job.ways;  // others may have the same ways
        job.ways.first = static_cast<std::uint32_t>(programme.ways.size());
        for (std::uint32_t i = 0; i < own.count; ++i) {
            Way way = programme.ways[own.first + i];
            way.calendar = kNone;
            programme.ways.push_back(way);
        }
    }
    job.fixed_start = kNoMinute;
    job.fixed_way = kNone;
}

void lift_deadline(Job& job) {
    job.due_is_hard = false;
    job.price_per_day = 0;
}

// A service that is never down, whatever its months say.
void lift_budget(Programme& programme, std::int32_t service) {
    for (Outage& outage : programme.outages)
        if (outage.service == service) outage.length = 0;
    auto& left = programme.budgets[static_cast<std::size_t>(service)].left;
    std::ranges::fill(left, programme.horizon);
}

void lift_amounts(Programme& programme, const Constraint& constraint) {
    if (constraint.kind == ConstraintKind::kResource) {
        for (Demand& demand : programme.demands)
            if (demand.resource == constraint.index) demand.amount = 0;
    } else {
        for (StockChange& change : programme.stock_changes)
            if (change.stock == constraint.index) change.at_start = change.at_end = 0;
    }
}

}  // namespace

std::vector<Constraint> constraints_of(const Programme& programme) {
    std::vector<Constraint> all;
    const auto add = [&](ConstraintKind kind, std::size_t index) {
        all.push_back({kind, static_cast<std::int32_t>(index)});
    };
    const auto add_each = [&](ConstraintKind kind, std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) add(kind, i);
    };
    for (std::size_t i = 0; i < programme.jobs.size(); ++i) {
        const Job& job = programme.jobs[i];
        const bool started = job.fixed_start != kNoMinute;
        const bool past = started && job.fixed_start < 0;
        if (!past && (started || job.fixed_way != kNone)) add(ConstraintKind::kFixed, i);
        if (!started && job.release > 0) add(ConstraintKind::kRelease, i);
        if (!started && job.due != kNoMinute && job.due_is_hard) add(ConstraintKind::kDeadline, i);
    }
    all.push_back({ConstraintKind::kHorizon, kNone});
    add_each(ConstraintKind::kCalendar, programme.calendars.size());
    add_each(ConstraintKind::kResource, programme.resources.size());
    add_each(ConstraintKind::kStock, programme.stocks.size());
    add_each(ConstraintKind::kBudget, programme.budgets.size());
    add_each(ConstraintKind::kLag, programme.lags.size());
    add_each(ConstraintKind::kApart, programme.apart.size());
    add_each(ConstraintKind::kWave, static_cast<std::size_t>(programme.wave_count));
    std::ranges::sort(all);
    return all;
}

Programme without(const Programme& programme, std::span<const Constraint> lifted) {
    Programme result = programme;
    std::set<std::int32_t> lags;
    std::set<std::int32_t> pairs;
    std::set<std::int32_t> calendars;
    std::set<std::int32_t> waves;
    for (const Constraint& constraint : lifted) {
        const auto at = static_cast<std::size_t>(constraint.index);
        switch (constraint.kind) {
            case ConstraintKind::kRelease: result.jobs[at].release = 0; break;
            case ConstraintKind::kDeadline: lift_deadline(result.jobs[at]); break;
            case ConstraintKind::kHorizon: result.horizon = generous_horizon(programme); break;
            case ConstraintKind::kCalendar: calendars.insert(constraint.index); break;
            case ConstraintKind::kResource:
            case ConstraintKind::kStock: lift_amounts(result, constraint); break;
            case ConstraintKind::kBudget: lift_budget(result, constraint.index); break;
            case ConstraintKind::kLag: lags.insert(constraint.index); break;
            case ConstraintKind::kApart: pairs.insert(constraint.index); break;
            case ConstraintKind::kWave: waves.insert(constraint.index); break;
            case ConstraintKind::kFixed: unfix(result, result.jobs[at]); break;
        }
    }
    for (Way& way : result.ways)
        if (calendars.contains(way.calendar)) way.calendar = kNone;
    for (Job& job : result.jobs)
        if (waves.contains(job.wave)) job.wave = kNone;
    erase_numbers(result.lags, lags);
    erase_numbers(result.apart, pairs);
    return result;
}

}  // namespace ararat::planning::scheduler
