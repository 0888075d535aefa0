#include "planning/scheduler/programme_state.h"

#include <algorithm>

namespace ararat::planning::scheduler {

ProgrammeState::ProgrammeState(const Programme& programme, const ProgrammeNetwork& network)
    : programme_(programme), network_(network) {
    fresh_resources_.resize(programme.resources.size());
    for (std::size_t r = 0; r < programme.resources.size(); ++r) {
        std::int32_t level = 0;
        fresh_resources_[r].reset(0);
        for (const CapacityStep& step : programme.resources[r].steps) {
            fresh_resources_[r].add(std::max(0, step.from), kNoMinute, step.capacity - level);
            level = step.capacity;
        }
    }
    fresh_stocks_.resize(programme.stocks.size());
    for (std::size_t s = 0; s < programme.stocks.size(); ++s) {
        fresh_stocks_[s].reset(programme.stocks[s].level);
        for (const Delivery& delivery : programme.stocks[s].deliveries)
            fresh_stocks_[s].add(std::max(0, delivery.at), kNoMinute, delivery.amount);
    }
    memories_.resize(programme.resources.size());
    clear();
}

void ProgrammeState::clear() {
    times_.start.assign(programme_.jobs.size(), kNoMinute);
    times_.way.assign(programme_.jobs.size(), scheduler::kNone);
    resources_ = fresh_resources_;
    stocks_ = fresh_stocks_;
    for (auto& memories : memories_) {
        for (Memory& memory : memories) memory.windows.assign(memory.windows.size(), Turned{});
    }
    full_.assign(programme_.resources.size(), FullRuns{});
    const std::size_t months = programme_.month_starts.size();
    left_.assign(programme_.budgets.size() * months, kNoMinute);
    for (std::size_t s = 0; s < programme_.budgets.size(); ++s) {
        const auto& left = programme_.budgets[s].left;
        std::copy_n(left.begin(), std::min(months, left.size()),
                    left_.begin() + static_cast<std::ptrdiff_t>(s * months));
    }
    waves_.assign(at(programme_.wave_count), Wave{});
}

LagRange ProgrammeState::lag_range(JobIndex job, std::int32_t way) const {
    const Job& is = programme_.jobs[at(job)];
    const Minute duration = programme_.ways_of(is)[at(way)].duration;
    LagRange range;
    range.floor = std::max(0, is.release);
    if (is.release > 0)
        range.floor_by = {RefusalKind::kRelease, is.release, scheduler::kNone, scheduler::kNone};
    for (const LagEnd& end : network_.into(job)) {
        if (!placed(end.other)) continue;
        const Minute least = (end.from_end ? this->end(end.other) : start(end.other)) + end.lag;
        if (least <= range.floor) continue;
        range.floor = least;
        range.floor_by = {RefusalKind::kLag, least, end.index, end.other};
    }
    for (const LagEnd& end : network_.out_of(job)) {
        if (!placed(end.other)) continue;
        range.ceiling = std::min(range.ceiling, start(end.other) - end.lag - (end.from_end ? duration : 0));
    }
    return range;
}

void ProgrammeState::change(JobIndex job, std::int32_t sign) {
    const Way& way = way_of(job);
    const Minute from = std::max(0, start(job));
    const Minute to = std::max(0, end(job));
    for (const Demand& demand : programme_.demands_of(way))
        resources_[at(demand.resource)].add(from, to, -sign * demand.amount);
    for (const StockChange& change : programme_.stock_changes_of(way)) {
        stocks_[at(change.stock)].add(from, kNoMinute, sign * change.at_start);
        stocks_[at(change.stock)].add(to, kNoMinute, sign * change.at_end);
    }
    charge(way, start(job), sign);
}

void ProgrammeState::place(JobIndex job, std::int32_t way, Minute start) {
    times_.start[at(job)] = start;
    times_.way[at(job)] = way;
    change(job, 1);
    if (wave_of(job) != scheduler::kNone) measure_wave(wave_of(job));
}

void ProgrammeState::remove(JobIndex job) {
    change(job, -1);
    for (const Demand& demand : programme_.demands_of(way_of(job))) forget(demand, start(job), end(job));
    times_.start[at(job)] = kNoMinute;
    times_.way[at(job)] = scheduler::kNone;
    if (wave_of(job) != scheduler::kNone) measure_wave(wave_of(job));
}

void ProgrammeState::measure_wave(std::int32_t wave) {
    Wave& is = waves_[at(wave)] = Wave{};
    for (const JobIndex job : network_.cutovers(wave)) {
        if (!placed(job)) continue;
        ++is.placed;
        is.first = std::min(is.first, start(job));
        is.last = std::max(is.last, end(job));
        const std::int32_t calendar = way_of(job).calendar;
        if (calendar == scheduler::kNone) continue;
        const WindowIndex& windows = network_.windows(calendar);
        const std::int32_t window = windows.at_or_after(start(job));
        if (window == windows.count()) continue;  // begun outside every window
        is.window_start = std::max(is.window_start, windows.window(window).start);
        is.window_end = std::min(is.window_end, windows.window(window).end);
    }
}

std::size_t ProgrammeState::month_of(Minute time) const {
    const auto& starts = programme_.month_starts;
    const auto after = std::upper_bound(starts.begin(), starts.end(), time);
    return after == starts.begin() ? 0 : static_cast<std::size_t>(after - starts.begin()) - 1;
}

Minute ProgrammeState::outage_lacking(const Outage& outage, Minute start) const {
    if (programme_.month_starts.empty()) return 0;
    const std::size_t month = month_of(start + outage.offset);
    const Minute inside =
        std::min(start + outage.offset + outage.length, month_end(month)) - start - outage.offset;
    return inside - left_[at(outage.service) * programme_.month_starts.size() + month];
}

Minute ProgrammeState::month_end(std::size_t month) const {
    return month + 1 < programme_.month_starts.size() ? programme_.month_starts[month + 1] : kNoMinute;
}

void ProgrammeState::charge(const Way& way, Minute start, Minute sign) {
    if (programme_.month_starts.empty()) return;
    for (const Outage& outage : programme_.outages_of(way)) {
        Minute time = start + outage.offset;
        const Minute end = time + outage.length;
        for (std::size_t month = month_of(time); time < end; ++month) {
            const Minute until = std::min(end, month_end(month));
            left_[at(outage.service) * programme_.month_starts.size() + month] -= sign * (until - time);
            time = until;
        }
    }
}

bool ProgrammeState::stocks_hold() const {
    return std::all_of(stocks_.begin(), stocks_.end(),
                       [](const Skyline& stock) { return stock.least() >= 0; });
}

// As Skyline::fit, for jobs without a calendar, which ask for one time after another from the beginning on.
Minute ProgrammeState::fit_past_full(const Demand& demand, Minute duration, Minute from, Minute until) {
    Minute start = from;
    const FullRuns& full = full_[at(demand.resource)];
    for (bool moved = true; moved;) {
        moved = false;
        for (const Full& run : full.runs) {
            const bool within = run.from <= start && start < run.to;
            if (!within || demand.amount < run.amount || duration < run.duration) continue;
            start = run.to;
            moved = true;
        }
    }
    if (start > until) return start;
    start = resources_[at(demand.resource)].fit(start, duration, demand.amount, until);
    if (start > from && start != kNoMinute) note_full(demand, duration, from, start);
    return start;
}

// Runs that this one covers give way; where none does, the oldest.
void ProgrammeState::note_full(const Demand& demand, Minute duration, Minute from, Minute to) {
    FullRuns& full = full_[at(demand.resource)];
    for (Full& run : full.runs) {
        if (run.amount < demand.amount || run.duration < duration || run.from < from || run.to > to) continue;
        run = {demand.amount, duration, from, to};
        return;
    }
    full.runs[full.next] = {demand.amount, duration, from, to};
    full.next = (full.next + 1) % kFullRuns;
}

void ProgrammeState::forget(const Demand& demand, Minute from, Minute to) {
    for (Full& run : full_[at(demand.resource)].runs) {
        if (from - run.duration < run.to && to > run.from)
            run.to = std::max(run.from, std::min(run.to, from - run.duration + 1));
    }
    for (Memory& memory : memories_[at(demand.resource)]) {
        const WindowIndex& windows = network_.windows(memory.calendar);
        for (std::int32_t w = windows.at_or_after(from); w < windows.count() && windows.window(w).start < to;
             ++w)
            memory.windows[at(w)] = Turned{};
    }
}

// Precondition: the search stands in a window and this demand has no place from its time on. Where that holds
// from the window's start, nothing as large need ask here again.
void ProgrammeState::remember(const Search& search, const Demand& demand) {
    const WindowIndex& windows = network_.windows(search.way->calendar);
    const OpenTime& window = windows.window(search.window);
    const Minute duration = search.way->duration;
    const Minute last = WindowIndex::last_start(window, duration);
    if (resources_[at(demand.resource)].fit(std::max(0, window.start), duration, demand.amount, last) <= last)
        return;
    auto& memories = memories_[at(demand.resource)];
    auto memory = std::find_if(memories.begin(), memories.end(),
                               [&](const Memory& m) { return m.calendar == search.way->calendar; });
    if (memory == memories.end()) {
        memories.push_back({search.way->calendar, std::vector<Turned>(at(windows.count()))});
        memory = memories.end() - 1;
    }
    Turned& turned = memory->windows[at(search.window)];
    // One record a window: the smaller product stays, which turns away the most.
    const auto product = [](std::int32_t amount, Minute minutes) { return std::int64_t{amount} * minutes; };
    if (turned.duration == kNoMinute ||
        product(demand.amount, duration) < product(turned.amount, turned.duration))
        turned = {demand.amount, duration};
}

}  // namespace ararat::planning::scheduler
