// By which other jobs a constraint refuses a start, and which of them lets go of it first.
#include <algorithm>

#include "planning/scheduler/programme_refused.h"

namespace ararat::planning::scheduler {

std::vector<StartRefusals::Run> StartRefusals::short_runs(JobIndex job, const Constraint& constraint,
                                                          Minute start) const {
    const bool of_stock = constraint.kind == ConstraintKind::kStock;
    const Run own = run_at(job, start);
    const std::vector<Level> levels =
        of_stock ? left_of(constraint.index, job) : free_of(constraint.index, job);
    const StockChange change = stock_change_of(job, of_stock ? constraint.index : kNone);
    const std::int64_t demand = of_stock ? 0 : demand_of(job, constraint.index);
    std::vector<std::int64_t> bounds = {own.start, own.end};
    for (const Level& level : levels) bounds.push_back(level.at);
    std::ranges::sort(bounds);
    std::vector<Run> runs;
    for (std::size_t i = 0; i < bounds.size(); ++i) {
        const std::int64_t at = bounds[i];
        const std::int64_t until = i + 1 < bounds.size() ? bounds[i + 1] : kNoMinute;
        if (at == until) continue;
        const auto after = std::ranges::upper_bound(levels, at, {}, &Level::at);
        const Level& level = *std::prev(after);
        const bool running = at >= own.start && at < own.end;
        const bool begun = of_stock && at >= own.start;
        const bool ended = of_stock && at >= own.end;
        const std::int64_t amount = level.amount - (running ? demand : 0) + (begun ? change.at_start : 0) +
                                    (ended ? change.at_end : 0);
        const bool taken = (begun && change.at_start < 0) || (ended && change.at_end < 0);
        const bool judged = of_stock ? level.movable > 0 || taken : running;
        // A run of too little goes on behind the job's own end, to where it is over.
        const bool goes_on =
            !of_stock && !runs.empty() && runs.back().end == at && at >= own.end && level.amount < demand;
        if (!goes_on && (amount >= 0 || !judged)) continue;
        if (!runs.empty() && runs.back().end == at)
            runs.back().end = until;
        else
            runs.push_back({at, until});
    }
    return runs;
}

std::vector<JobIndex> StartRefusals::blockers(JobIndex job, const Constraint& constraint,
                                              Minute start) const {
    std::vector<JobIndex> found;
    const auto add_if = [&](std::span<const std::int32_t> jobs, const auto& takes_part) {
        for (const JobIndex other : jobs)
            if (other != job && takes_part(other)) found.push_back(other);
    };
    const Run own = run_at(job, start);
    switch (constraint.kind) {
        case ConstraintKind::kRelease:
        case ConstraintKind::kDeadline:
        case ConstraintKind::kHorizon:
        case ConstraintKind::kCalendar:
        case ConstraintKind::kFixed: break;
        case ConstraintKind::kLag:
        case ConstraintKind::kApart: found.push_back(releaser(job, constraint, start)); break;
        case ConstraintKind::kWave:
            add_if(jobs_of_wave_.of(constraint.index), [](JobIndex) { return true; });
            break;
        case ConstraintKind::kResource:
            for (const Run& run : short_runs(job, constraint, start)) {
                add_if(jobs_of_resource_.of(constraint.index), [&](JobIndex other) {
                    const Run its = run_of(other);
                    const bool there =
                        std::max({its.start, run.start, own.start}) < std::min({its.end, run.end, own.end});
                    return there && demand_of(other, constraint.index) > 0;
                });
            }
            break;
        case ConstraintKind::kStock:
            for (const Run& run : short_runs(job, constraint, start)) {
                add_if(jobs_of_stock_.of(constraint.index), [&](JobIndex other) {
                    const StockChange change = stock_change_of(other, constraint.index);
                    const std::int64_t by_then = (run_of(other).start < run.end ? change.at_start : 0) +
                                                 (run_of(other).end < run.end ? change.at_end : 0);
                    return by_then < 0;
                });
            }
            break;
        case ConstraintKind::kBudget:
            for (std::size_t month = 0; month < programme_.month_starts.size(); ++month) {
                if (outage_in(job, constraint.index, month, start) <=
                    outage_room(job, constraint.index, month))
                    continue;
                add_if(jobs_of_service_.of(constraint.index), [&](JobIndex other) {
                    return outage_in(other, constraint.index, month, run_of(other).start) > 0;
                });
            }
            break;
    }
    std::ranges::sort(found);
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
}

JobIndex StartRefusals::releaser(JobIndex job, const Constraint& constraint, Minute start) const {
    const auto at = static_cast<std::size_t>(constraint.index);
    if (constraint.kind == ConstraintKind::kLag)
        return programme_.lags[at].to == job ? programme_.lags[at].from : programme_.lags[at].to;
    if (constraint.kind == ConstraintKind::kApart)
        return programme_.apart[at].a == job ? programme_.apart[at].b : programme_.apart[at].a;
    if (constraint.kind == ConstraintKind::kWave) {
        JobIndex last = kNone;
        for (const JobIndex other : jobs_of_wave_.of(constraint.index)) {
            const OpenTime* window = other == job ? nullptr : window_of(other);
            if (window != nullptr && (last == kNone || window->start > window_of(last)->start)) last = other;
        }
        return last;
    }
    if (constraint.kind != ConstraintKind::kResource && constraint.kind != ConstraintKind::kStock)
        return kNone;
    const std::vector<Run> runs = short_runs(job, constraint, start);
    if (runs.empty()) return kNone;
    const std::int64_t over_at = runs.back().end;
    if (constraint.kind == ConstraintKind::kResource) {
        for (const JobIndex other : jobs_of_resource_.of(constraint.index)) {
            const Run run = run_of(other);
            const bool holds = other != job && run.start < run.end && demand_of(other, constraint.index) > 0;
            if (holds && run.end == over_at) return other;
        }
        return kNone;
    }
    for (const JobIndex other : jobs_of_stock_.of(constraint.index)) {
        const StockChange change = stock_change_of(other, constraint.index);
        const bool gives = (change.at_start > 0 && run_of(other).start == over_at) ||
                           (change.at_end > 0 && run_of(other).end == over_at);
        if (other != job && gives) return other;
    }
    return kNone;
}

}  // namespace ararat::planning::scheduler
