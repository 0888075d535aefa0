// The search for a place: each rule moves the start to the earliest that it allows by itself, until none
// does. No rule passes over a start that it allows, so that the first start that all allow is the earliest.
#include <algorithm>

#include "planning/scheduler/programme_state.h"

namespace ararat::planning::scheduler {

// To the next window that has room for the job's length.
bool ProgrammeState::open_window(Search& search, Minute ceiling) {
    const Way& way = *search.way;
    search.until = ceiling;
    if (way.calendar == scheduler::kNone) return search.time <= ceiling;
    const WindowIndex& windows = network_.windows(way.calendar);
    std::int32_t w = windows.at_or_after(search.time);
    for (; w < windows.count(); ++w) {
        const OpenTime& window = windows.window(w);
        if (window.start > ceiling) break;
        const Minute last = WindowIndex::last_start(window, way.duration);
        const Minute start = std::max(search.time, window.start);
        if (start > last) continue;
        search.window = w;
        const std::int32_t full = remembered_full(search);
        if (full != scheduler::kNone) {
            search.refuse(RefusalKind::kResource, full, std::max(search.time, window.end));
            continue;
        }
        search.window_start = window.start;
        search.window_end = window.end;
        search.until = std::min(ceiling, last);
        if (start > search.time && !search.moved_by_rule)
            search.refusal = {RefusalKind::kWindow, start, way.calendar, scheduler::kNone};
        search.time = start;
        return start <= ceiling;
    }
    if (!search.moved_by_rule)
        search.refusal = {RefusalKind::kWindow, kNoMinute, way.calendar, scheduler::kNone};
    return false;
}

// The resource that has turned away as much in this window before; kNone: ask.
std::int32_t ProgrammeState::remembered_full(const Search& search) const {
    for (const Demand& demand : programme_.demands_of(*search.way)) {
        for (const Memory& memory : memories_[at(demand.resource)]) {
            if (memory.calendar != search.way->calendar) continue;
            const Turned& turned = memory.windows[at(search.window)];
            if (demand.amount >= turned.amount && search.way->duration >= turned.duration)
                return demand.resource;
        }
    }
    return scheduler::kNone;
}

// When this pair lets the search go on; its own time: at once.
Minute ProgrammeState::apart_until(const Search& search, const ApartEnd& end) const {
    const Apart& pair = programme_.apart[at(end.index)];
    if (!placed(end.other)) return search.time;
    const Minute other_start = start(end.other);
    const Minute other_end = this->end(end.other);
    if (pair.same_window_too && search.way->calendar != scheduler::kNone) {
        const std::int32_t calendar = way_of(end.other).calendar;
        if (calendar != scheduler::kNone) {
            const WindowIndex& windows = network_.windows(calendar);
            const std::int32_t w = windows.at_or_after(other_start);
            // Two owners' windows that overlap are one night.
            if (w < windows.count() && windows.window(w).start < search.window_end &&
                search.window_start < windows.window(w).end)
                return search.window_end + 1;
        }
    }
    const bool at_once = other_start < search.time + search.way->duration && search.time < other_end;
    return pair.time && at_once ? other_end : search.time;
}

bool ProgrammeState::heed_apart(Search& search) const {
    for (const ApartEnd& end : network_.apart(search.job)) {
        const Minute until = apart_until(search, end);
        if (until == search.time) continue;
        search.refuse(RefusalKind::kApart, end.index, until);
        search.refusal.blocker = end.other;
        return true;
    }
    return false;
}

// All cutovers of a pinned wave lie in every window that one of them is in.
bool ProgrammeState::heed_wave(Search& search) const {
    const std::int32_t index = wave_of(search.job);
    if (!search.in_wave || index == scheduler::kNone) return false;
    const Wave& wave = waves_[at(index)];
    if (wave.placed == 0) return false;
    Minute until = search.time;
    const bool with_window = search.way->calendar != scheduler::kNone;
    if (search.time < wave.window_start) {
        until = wave.window_start;
    } else if (search.time + search.way->duration > wave.window_end ||
               (with_window && search.window_start > wave.first)) {
        until = kNoMinute;
    } else if (with_window && search.window_end < wave.last) {
        until = search.window_end + 1;
    }
    if (until == search.time) return false;
    search.refuse(RefusalKind::kWave, index, until);
    return true;
}

// No outage fits a month before so many of its minutes lie beyond the month's end: the earliest that can be,
// if all the way's outages pass it at once.
Minute ProgrammeState::budget_until(const Way& way, Minute time, std::int32_t& service) const {
    const auto outages = programme_.outages_of(way);
    for (const Outage& outage : outages) {
        for (std::size_t month = month_of(time + outage.offset);; ++month) {
            const Minute month_from = programme_.month_starts[month];
            const Minute month_to = month_end(month);
            if (month_from >= time + outage.offset + outage.length) break;
            Minute used = 0;
            Minute passing = 0;
            Minute first_to_pass = kNoMinute;
            for (const Outage& other : outages) {
                if (other.service != outage.service) continue;
                const Minute from = time + other.offset;
                const Minute to = from + other.length;
                const Minute inside = std::min(to, month_to) - std::max(from, month == 0 ? from : month_from);
                if (inside <= 0) continue;
                used += inside;
                ++passing;
                first_to_pass = std::min(first_to_pass, std::max(0, month_to - to));
            }
            const Minute left = left_[at(outage.service) * programme_.month_starts.size() + month];
            if (used > std::max(0, left) && used > 0) {
                service = outage.service;
                if (month_to == kNoMinute) return kNoMinute;
                return time + std::max(1, first_to_pass + (used - std::max(0, left) + passing - 1) / passing);
            }
            if (month_to == kNoMinute) break;
        }
    }
    return time;
}

bool ProgrammeState::heed_budget(Search& search) const {
    if (search.way->outages.count == 0 || programme_.month_starts.empty()) return false;
    std::int32_t service = scheduler::kNone;
    const Minute until = budget_until(*search.way, search.time, service);
    if (until == search.time) return false;
    search.refuse(RefusalKind::kBudget, service, until);
    return true;
}

bool ProgrammeState::heed_resources(Search& search) {
    const Minute duration = search.way->duration;
    if (duration == 0) return false;
    const auto demands = programme_.demands_of(*search.way);
    bool moved = false;
    std::size_t content = 0;
    for (std::size_t d = 0; content < demands.size(); d = d + 1 == demands.size() ? 0 : d + 1) {
        const Demand& demand = demands[d];
        const Minute start =
            search.way->calendar == scheduler::kNone
                ? fit_past_full(demand, duration, search.time, search.until)
                : resources_[at(demand.resource)].fit(search.time, duration, demand.amount, search.until);
        ++content;
        if (start == search.time) continue;
        search.refuse(RefusalKind::kResource, demand.resource, start);
        moved = true;
        content = 1;
        if (start <= search.until) continue;
        if (search.way->calendar != scheduler::kNone) remember(search, demand);
        break;
    }
    return moved && search.time > search.until;
}

Minute ProgrammeState::stock_until(const Way& way, const StockChange& change, Minute time) const {
    const Skyline& stock = stocks_[at(change.stock)];
    const std::int32_t meanwhile = -change.at_start;
    const std::int32_t afterwards = -(change.at_start + change.at_end);
    for (;;) {
        Minute start = time;
        if (meanwhile > 0 && way.duration > 0) start = stock.fit(start, way.duration, meanwhile, kNoMinute);
        if (start == kNoMinute) return start;
        if (afterwards > 0) {
            const Minute always = stock.always_from(afterwards);
            if (always == kNoMinute) return always;
            start = std::max(start, always - way.duration);
        }
        if (start == time) return start;
        time = start;
    }
}

bool ProgrammeState::heed_stocks(Search& search) const {
    for (const StockChange& change : programme_.stock_changes_of(*search.way)) {
        const Minute until = stock_until(*search.way, change, search.time);
        if (until == search.time) continue;
        search.refuse(RefusalKind::kStock, change.stock, until);
        return true;
    }
    return false;
}

Spot ProgrammeState::earliest_spot(JobIndex job, std::int32_t way, const LagRange& range, bool in_wave) {
    Search search;
    search.job = job;
    search.way = &programme_.ways_of(programme_.jobs[at(job)])[at(way)];
    search.time = range.floor;
    search.refusal = range.floor_by;
    search.in_wave = in_wave;
    const Minute ceiling = std::min(range.ceiling, programme_.horizon - search.way->duration);
    while (search.time <= ceiling && open_window(search, ceiling)) {
        if (heed_resources(search)) continue;
        if (heed_apart(search) || heed_wave(search) || heed_budget(search) || heed_stocks(search)) continue;
        return {search.time, search.refusal};
    }
    return {kNoMinute, search.refusal};
}

}  // namespace ararat::planning::scheduler
