// Why a placed job is not earlier: what refuses the latest start before its own that its calendar allows.
#include <algorithm>

#include "planning/scheduler/programme_state.h"

namespace ararat::planning::scheduler {

// The job is taken away for the question and put back.
Refusal ProgrammeState::refusal_of(JobIndex job) {
    const Minute start = this->start(job);
    const std::int32_t way = this->way(job);
    if (programme_.jobs[at(job)].fixed_start != kNoMinute)
        return {RefusalKind::kNothing, start, scheduler::kNone, scheduler::kNone};
    remove(job);
    const Refusal refusal = refusal_before(job, way, start);
    place(job, way, start);
    return refusal;
}

Refusal ProgrammeState::refusal_before(JobIndex job, std::int32_t way, Minute start) {
    const LagRange range = lag_range(job, way);
    const Way& is = programme_.ways_of(programme_.jobs[at(job)])[at(way)];
    Refusal refusal = range.floor_by;
    refusal.at = start;
    Minute before = start - 1;
    if (is.calendar != scheduler::kNone)
        before = network_.windows(is.calendar).previous_start(before, is.duration);
    if (before < range.floor) {
        if (range.floor < start) refusal = {RefusalKind::kWindow, start, is.calendar, scheduler::kNone};
        return refusal;
    }
    Search search;
    search.job = job;
    search.way = &is;
    search.time = before;
    search.until = before;
    if (is.calendar != scheduler::kNone) {
        const WindowIndex& windows = network_.windows(is.calendar);
        search.window = windows.at_or_after(before);
        search.window_start = windows.window(search.window).start;
        search.window_end = windows.window(search.window).end;
    }
    // Whoever would hold it back the longest is the one to name.
    Refusal longest;
    longest.at = before;
    const auto note = [&] {
        if (search.time > longest.at) longest = search.refusal;
        search.time = before;
    };
    for (const Demand& demand : programme_.demands_of(is)) {
        if (is.duration == 0) break;
        const Minute next =
            resources_[at(demand.resource)].fit(before, is.duration, demand.amount, kNoMinute);
        if (next != before) search.refuse(RefusalKind::kResource, demand.resource, next);
        note();
    }
    for (const ApartEnd& end : network_.apart(job)) {
        const Minute next = apart_until(search, end);
        if (next != before) search.refuse(RefusalKind::kApart, end.index, next);
        search.refusal.blocker = end.other;
        note();
    }
    if (heed_wave(search)) note();
    if (heed_budget(search)) note();
    if (heed_stocks(search)) note();
    longest.at = start;
    return longest;
}

namespace {

// Who holds a resource, who gives to a stock, who spends a service's minutes: by its number, then by time.
struct Use {
    std::int32_t of = 0;
    Minute time = 0;
    JobIndex job = 0;
    friend auto operator<=>(const Use&, const Use&) = default;
};

// The last that is over by then; kNone: none.
JobIndex last_until(const std::vector<Use>& uses, std::int32_t of, Minute time, JobIndex but) {
    auto use =
        std::upper_bound(uses.begin(), uses.end(), Use{of, time, std::numeric_limits<JobIndex>::max()});
    while (use != uses.begin() && (--use)->of == of) {
        if (use->job != but) return use->job;
    }
    return kNone;
}

// Who holds it at this time; of several the first to let it go. kNone: nobody.
JobIndex holder_at(const std::vector<Use>& uses, std::int32_t of, Minute time, const ProgrammeTimes& times,
                   JobIndex but) {
    constexpr int kLooked = 64;  // at many that began later, ends being what is sorted
    auto use =
        std::upper_bound(uses.begin(), uses.end(), Use{of, time, std::numeric_limits<JobIndex>::max()});
    for (int i = 0; i < kLooked && use != uses.end() && use->of == of; ++i, ++use) {
        if (use->job != but && times.start[static_cast<std::size_t>(use->job)] <= time) return use->job;
    }
    return kNone;
}

}  // namespace

// The last time, between the latest start before its own that its calendar allows and its own, at which a job
// lacks a resource; kNone: at no time.
Minute ProgrammeState::lacking_at(JobIndex job, std::int32_t resource) const {
    const Way& way = way_of(job);
    Minute time = start(job) - 1;
    if (way.calendar != scheduler::kNone)
        time = network_.windows(way.calendar).previous_start(time, way.duration);
    const Minute until = std::min(start(job), time + way.duration);
    std::int32_t amount = 0;
    for (const Demand& demand : programme_.demands_of(way))
        amount += demand.resource == resource ? demand.amount : 0;
    Minute lacking = scheduler::kNone;
    for (time = std::max(0, time); time < until; time = resources_[at(resource)].step_end(time)) {
        if (resources_[at(resource)].at(time) < amount)
            lacking = std::min(until, resources_[at(resource)].step_end(time)) - 1;
    }
    return lacking;
}

// A resource's blocker holds it when the job lacks it last; a stock's is the last that gave.
void ProgrammeState::name_blockers(std::vector<Refusal>& refusals) const {
    std::vector<Use> held;
    std::vector<Use> given;
    std::vector<Use> spent;
    for (JobIndex job = 0; job < network_.jobs(); ++job) {
        const Way& way = way_of(job);
        for (const Demand& demand : programme_.demands_of(way))
            held.push_back({demand.resource, end(job), job});
        for (const StockChange& change : programme_.stock_changes_of(way)) {
            if (change.at_start > 0) given.push_back({change.stock, start(job), job});
            if (change.at_end > 0) given.push_back({change.stock, end(job), job});
        }
        for (const Outage& outage : programme_.outages_of(way))
            spent.push_back({outage.service, start(job) + outage.offset, job});
    }
    std::sort(held.begin(), held.end());
    std::sort(given.begin(), given.end());
    std::sort(spent.begin(), spent.end());
    for (JobIndex job = 0; job < network_.jobs(); ++job) {
        Refusal& refusal = refusals[at(job)];
        if (refusal.kind == RefusalKind::kResource)
            refusal.blocker = holder_at(held, refusal.index, lacking_at(job, refusal.index), times_, job);
        if (refusal.kind == RefusalKind::kStock) {
            refusal.blocker = last_until(given, refusal.index, refusal.at, job);
            for (const Delivery& delivery : programme_.stocks[at(refusal.index)].deliveries) {
                if (delivery.at == refusal.at) refusal.blocker = scheduler::kNone;
            }
        }
        if (refusal.kind == RefusalKind::kBudget)
            refusal.blocker = last_until(spent, refusal.index, refusal.at, job);
        if (refusal.kind == RefusalKind::kWave) {
            for (const JobIndex other : network_.cutovers(refusal.index)) {
                if (other != job) refusal.blocker = other;
            }
        }
    }
}

}  // namespace ararat::planning::scheduler
