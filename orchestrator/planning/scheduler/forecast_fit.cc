// Where a job may begin: its calendar, resources, stocks, budgets and those it is kept apart from.
#include <algorithm>

#include "planning/scheduler/forecast_run.h"

namespace ararat::planning::scheduler {
namespace {

template <typename T>
std::span<const T> part(const std::vector<T>& all, Slice slice) {
    return {all.data() + slice.first, slice.count};
}
std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }

Minute overlap(Minute start, Minute end, Minute from, Minute to) {
    return std::max(0, std::min(end, to) - std::max(start, from));
}

}  // namespace

Minute ForecastRun::settled(const Row& row, Place place, Minute start) {
    for (;;) {
        const Minute before = start;
        for (const ForecastModel::Need& need : part(model_.needs, row.needs)) {
            start = with_need(need, place, start, row.planned);
            if (start >= kNever) return kNever;
        }
        if (row.special) {
            start = with_stocks(row, place, start);
            if (start < kNever) start = with_budgets(row, start);
            if (start < kNever) start = apart_from_others(row, start);
        }
        if (start == before || start >= kNever) return start;
        if (row.calendar == kNone) continue;
        const Minute open = in_calendar(row, start);
        if (open > start) deferred_ = true;
        start = open;
        if (start >= kNever) return kNever;
    }
}

// The windows are tried from the planned one on, which it mostly is.
Minute ForecastRun::in_calendar(const Row& row, Minute start) {
    const Slice windows = model_.windows_of[at(row.calendar)];
    const std::uint32_t end = windows.first + windows.count;
    std::uint32_t window = row.window;
    while (window > windows.first && model_.windows[window - 1].end >= start) --window;
    for (; window < end; ++window) {
        const OpenTime& open = model_.windows[window];
        const Minute from = std::max(start, open.start);
        if (from > open.latest_start || from + row.planned > open.end) continue;
        window_ = window;
        return from;
    }
    return kNever;
}

Minute ForecastRun::with_need(ForecastModel::Need need, Place place, Minute start, Minute planned) {
    const std::span<const CapacityStep> steps = steps_[at(need.resource)];
    const HeldLevel& held = held_[at(need.resource)];
    std::size_t step = 0;
    if (steps.size() > 1) {
        const auto after = std::ranges::upper_bound(steps, start, {}, &CapacityStep::from);
        step = after == steps.begin() ? 0 : static_cast<std::size_t>(after - steps.begin()) - 1;
    }
    while (step < steps.size() && steps[step].from < start + planned) {
        const Minute step_end = step + 1 < steps.size() ? steps[step + 1].from : kNever;
        const Minute from = std::max(start, steps[step].from);
        const std::int64_t allowed = std::int64_t{steps[step].capacity} - need.amount;
        Minute fits = step_end;
        if (allowed >= 0) {
            const HeldUntil until = held.at_most(allowed, from);
            if (until.at <= from) {  // it fits here; on to the next step that it lasts into
                ++step;
                continue;
            }
            if (until.owner != place) blamed_ = until.owner;
            fits = std::min(until.at, step_end);
        }
        // Waiting for a step of capacity, or for others before one that it lasts into, keeps no place.
        if (fits == step_end || from > start) deferred_ = true;
        if (fits >= kNever) return kNever;
        start = fits;
        if (fits == step_end) ++step;
    }
    return start;
}

Minute ForecastRun::with_stocks(const Row& row, Place place, Minute start) {
    for (const StockChange& change : part(model_.stock_changes, row.changes)) {
        // What an attempt took it keeps for the next.
        if (change.at_start < 0 && attempts_[2 * at(place)] == kNotYet) {
            const HeldUntil there = stocks_[at(change.stock)].at_least(-std::int64_t{change.at_start});
            if (there.at == kNoMinute) return kNever;
            if (there.at > start) {
                start = there.at;
                blamed_ = there.owner;
            }
        }
        if (change.at_end < 0) {
            const HeldUntil there = stocks_[at(change.stock)].at_least(-std::int64_t{change.at_end});
            if (there.at == kNoMinute) return kNever;
            if (there.at - row.planned > start) {
                start = there.at - row.planned;
                blamed_ = there.owner;
            }
        }
    }
    return start;
}

// The first month that may hold the minute: its own, or the first there is.
std::size_t ForecastRun::month_of(Minute minute) const {
    const auto after = std::ranges::upper_bound(model_.month_starts, minute);
    return after == model_.month_starts.begin()
               ? 0
               : static_cast<std::size_t>(after - model_.month_starts.begin()) - 1;
}

// The earliest start at which every month has enough left for the planned outages: one that begins too late
// in its month to take more than what is left, or in the next.
Minute ForecastRun::with_budgets(const Row& row, Minute start) {
    const std::span<const Outage> outages = part(model_.outages, row.outages);
    const std::size_t months = model_.month_starts.size();
    for (std::size_t i = 0; i < outages.size() && months > 0;) {
        const Outage& outage = outages[i];
        const Minute down = start + outage.offset;
        std::size_t month = month_of(down);
        bool moved = false;
        for (; month < months && model_.month_starts[month] < down + outage.length; ++month) {
            const Minute from = model_.month_starts[month];
            const Minute to = month + 1 < months ? model_.month_starts[month + 1] : model_.horizon;
            Minute left = budget_left_[at(outage.service) * months + month];
            for (const Outage& other : outages) {
                if (&other == &outage || other.service != outage.service) continue;
                left -= overlap(start + other.offset, start + other.offset + other.length, from, to);
            }
            if (overlap(down, down + outage.length, from, to) <= std::max(left, 0)) continue;
            if (month + 1 == months) return kNever;
            start = std::max(start + 1, to - outage.offset - std::max(left, 0));
            deferred_ = true;
            moved = true;
            break;
        }
        i = moved ? 0 : i + 1;
    }
    return start;
}

Minute ForecastRun::apart_from_others(const Row& row, Minute start) {
    for (const ForecastModel::Other& other : part(model_.others, row.others)) {
        const Minute from = attempts_[2 * at(other.place)];
        const Minute to = attempts_[2 * at(other.place) + 1];
        if (other.time && from < start + row.planned && start < to) {
            start = to;
            blamed_ = other.place;
            deferred_ = true;
        }
        const std::uint32_t theirs = attempt_window_[at(other.place)];
        if (!other.window || row.calendar == kNone || from == kNotYet || theirs == kNoWindow) continue;
        const OpenTime& own = model_.windows[window_];
        const OpenTime& taken = model_.windows[theirs];
        if (taken.start < own.end && own.start < taken.end && start < own.end) {
            start = own.end;
            blamed_ = other.place;
            deferred_ = true;
        }
    }
    return start;
}

// What an outage took is that part of the job, longer or shorter as the job was.
void ForecastRun::charge(const Row& row, Minute start, Minute end) {
    const std::size_t months = model_.month_starts.size();
    if (months == 0 || end >= kNever) return;
    const double scale = row.planned > 0 ? static_cast<double>(end - start) / row.planned : 1;
    for (const Outage& outage : part(model_.outages, row.outages)) {
        const Minute down = start + static_cast<Minute>(outage.offset * scale + 0.5);
        const Minute up = down + static_cast<Minute>(outage.length * scale + 0.5);
        for (std::size_t month = month_of(down); month < months && model_.month_starts[month] < up; ++month) {
            const Minute to = month + 1 < months ? model_.month_starts[month + 1] : model_.horizon;
            const Minute taken = overlap(down, up, model_.month_starts[month], to);
            if (taken == 0) continue;
            const std::size_t where = at(outage.service) * months + month;
            const bool enough = budget_left_[where] >= 0;
            budget_left_[where] -= taken;
            if (enough && budget_left_[where] < 0) ++sample_->overdrawn[where];
        }
    }
}

}  // namespace ararat::planning::scheduler
