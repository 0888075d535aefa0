#include "planning/scheduler/programme_refused.h"

#include <algorithm>
#include <limits>

namespace ararat::planning::scheduler {
namespace {

constexpr std::int64_t kFar = std::numeric_limits<std::int32_t>::max();  // beyond every minute of a programme

using Pairs = std::vector<std::pair<std::int32_t, std::int32_t>>;

Pairs lags_by_job(const Programme& programme) {
    Pairs pairs;
    for (std::size_t i = 0; i < programme.lags.size(); ++i) {
        pairs.emplace_back(programme.lags[i].from, static_cast<std::int32_t>(i));
        pairs.emplace_back(programme.lags[i].to, static_cast<std::int32_t>(i));
    }
    return pairs;
}

Pairs apart_by_job(const Programme& programme) {
    Pairs pairs;
    for (std::size_t i = 0; i < programme.apart.size(); ++i) {
        pairs.emplace_back(programme.apart[i].a, static_cast<std::int32_t>(i));
        pairs.emplace_back(programme.apart[i].b, static_cast<std::int32_t>(i));
    }
    return pairs;
}

Pairs cutovers_by_wave(const Programme& programme) {
    Pairs pairs;
    for (std::size_t i = 0; i < programme.jobs.size(); ++i) {
        const Job& job = programme.jobs[i];
        if (job.kind == JobKind::kCutover && job.wave != kNone)
            pairs.emplace_back(job.wave, static_cast<std::int32_t>(i));
    }
    return pairs;
}

// Jobs by whatever their ways in use take part in: once each, in order of their numbers.
template <typename Parts>
Pairs jobs_by(const Programme& programme, const ProgrammeTimes& times, const Parts& parts) {
    Pairs pairs;
    for (std::size_t i = 0; i < programme.jobs.size(); ++i) {
        const Way& way = programme.ways_of(programme.jobs[i])[static_cast<std::size_t>(times.way[i])];
        const std::size_t first = pairs.size();
        for (const std::int32_t of : parts(way)) {
            const std::pair<std::int32_t, std::int32_t> pair{of, static_cast<std::int32_t>(i)};
            if (std::find(pairs.begin() + static_cast<std::ptrdiff_t>(first), pairs.end(), pair) ==
                pairs.end())
                pairs.push_back(pair);
        }
    }
    return pairs;
}

// Of the pieces of a way, what each is a piece of.
template <typename Pieces, typename Member>
std::vector<std::int32_t> owners(const Pieces& pieces, Member member) {
    std::vector<std::int32_t> result;
    for (const auto& piece : pieces) result.push_back(piece.*member);
    return result;
}

}  // namespace

ItemLists::ItemLists(std::size_t lists, std::span<const std::pair<std::int32_t, std::int32_t>> list_and_item)
    : first_(lists + 1, 0), items_(list_and_item.size()) {
    for (const auto& entry : list_and_item) ++first_[static_cast<std::size_t>(entry.first) + 1];
    for (std::size_t i = 0; i < lists; ++i) first_[i + 1] += first_[i];
    std::vector<std::size_t> next(first_.begin(), first_.end() - 1);
    for (const auto& entry : list_and_item)
        items_[next[static_cast<std::size_t>(entry.first)]++] = entry.second;
}

StartRefusals::StartRefusals(const Programme& programme, const ProgrammeTimes& times)
    : programme_(programme),
      times_(times),
      lags_of_(programme.jobs.size(), lags_by_job(programme)),
      apart_of_(programme.jobs.size(), apart_by_job(programme)),
      jobs_of_resource_(
          programme.resources.size(),
          jobs_by(programme, times,
                  [&](const Way& way) { return owners(programme.demands_of(way), &Demand::resource); })),
      jobs_of_stock_(programme.stocks.size(), jobs_by(programme, times,
                                                      [&](const Way& way) {
                                                          return owners(programme.stock_changes_of(way),
                                                                        &StockChange::stock);
                                                      })),
      jobs_of_service_(
          programme.budgets.size(),
          jobs_by(programme, times,
                  [&](const Way& way) { return owners(programme.outages_of(way), &Outage::service); })),
      jobs_of_wave_(static_cast<std::size_t>(programme.wave_count), cutovers_by_wave(programme)) {}

const Way& StartRefusals::way_of(JobIndex job) const {
    return programme_.ways_of(
        job_at(job))[static_cast<std::size_t>(times_.way[static_cast<std::size_t>(job)])];
}

StartRefusals::Run StartRefusals::run_at(JobIndex job, Minute start) const {
    return {start, std::int64_t{start} + way_of(job).duration};
}

StartRefusals::Run StartRefusals::run_of(JobIndex job) const {
    return run_at(job, times_.start[static_cast<std::size_t>(job)]);
}

const OpenTime* StartRefusals::window_of(JobIndex job) const {
    const std::int32_t calendar = way_of(job).calendar;
    if (calendar == kNone) return nullptr;
    const auto& windows = programme_.calendars[static_cast<std::size_t>(calendar)].windows;
    const Run run = run_of(job);
    const auto after = std::ranges::upper_bound(windows, run.start, {}, &OpenTime::start);
    if (after == windows.begin() || std::prev(after)->end < run.end) return nullptr;
    return &*std::prev(after);
}

StartRefusals::Run StartRefusals::wave_window(JobIndex job) const {
    Run common{-kFar, kFar};
    for (const JobIndex other : jobs_of_wave_.of(job_at(job).wave)) {
        const OpenTime* window = other == job ? nullptr : window_of(other);
        if (window == nullptr) continue;
        common = {std::max<std::int64_t>(common.start, window->start),
                  std::min<std::int64_t>(common.end, window->end)};
    }
    return common;
}

std::vector<RefusedStretch> StartRefusals::of(JobIndex job) const {
    Out out;
    add_own_times(out, job);
    if (!is_fixed(job)) {
        add_calendar(out, job);
        for (const std::int32_t lag : lags_of_.of(job)) add_lag(out, job, lag);
        for (const std::int32_t pair : apart_of_.of(job)) add_apart(out, job, pair);
        const bool in_wave = job_at(job).kind == JobKind::kCutover && job_at(job).wave != kNone;
        if (in_wave)
            add_windows_beside(out, job, {ConstraintKind::kWave, job_at(job).wave}, wave_window(job), false);
        for (const Demand& demand : programme_.demands_of(way_of(job)))
            add_resource(out, job, demand.resource);
        for (const StockChange& change : programme_.stock_changes_of(way_of(job)))
            add_stock(out, job, change.stock);
        for (const Outage& outage : programme_.outages_of(way_of(job))) add_budget(out, job, outage.service);
    }
    std::ranges::sort(out, [](const RefusedStretch& a, const RefusedStretch& b) {
        return std::pair(a.constraint, a.from) < std::pair(b.constraint, b.from);
    });
    Out joined;
    for (const RefusedStretch& stretch : out) {
        if (!joined.empty() && joined.back().constraint == stretch.constraint &&
            stretch.from <= joined.back().to)
            joined.back().to = std::max(joined.back().to, stretch.to);
        else
            joined.push_back(stretch);
    }
    return joined;
}

void StartRefusals::add(Out& out, Constraint constraint, std::int64_t from, std::int64_t to) const {
    from = std::max<std::int64_t>(from, 0);
    to = std::min<std::int64_t>(to, std::int64_t{programme_.horizon} + 1);
    if (from < to) out.push_back({constraint, static_cast<Minute>(from), static_cast<Minute>(to)});
}

void StartRefusals::add_own_times(Out& out, JobIndex index) const {
    const Job& job = job_at(index);
    if (is_fixed(index)) {
        add(out, {ConstraintKind::kFixed, index}, -kFar, job.fixed_start);
        add(out, {ConstraintKind::kFixed, index}, std::int64_t{job.fixed_start} + 1, kFar);
        return;
    }
    const std::int64_t duration = way_of(index).duration;
    add(out, {ConstraintKind::kRelease, index}, -kFar, job.release);
    if (job.due_is_hard && job.due != kNoMinute)
        add(out, {ConstraintKind::kDeadline, index}, job.due - duration + 1, kFar);
    add(out, {ConstraintKind::kHorizon, kNone}, programme_.horizon - duration + 1, kFar);
}

void StartRefusals::add_calendar(Out& out, JobIndex job) const {
    const std::int32_t calendar = way_of(job).calendar;
    if (calendar == kNone) return;
    std::int64_t refused_from = -kFar;
    for (const OpenTime& window : programme_.calendars[static_cast<std::size_t>(calendar)].windows) {
        const std::int64_t last = std::min(window.latest_start, window.end - way_of(job).duration);
        if (last < window.start) continue;
        add(out, {ConstraintKind::kCalendar, calendar}, refused_from, window.start);
        refused_from = last + 1;
    }
    add(out, {ConstraintKind::kCalendar, calendar}, refused_from, kFar);
}

// Refuses the windows of the job's own calendar that overlap the other window, or those that do not.
void StartRefusals::add_windows_beside(Out& out, JobIndex job, Constraint constraint, Run other,
                                       bool refuse_overlap) const {
    const std::int32_t calendar = way_of(job).calendar;
    if (calendar == kNone) return;
    for (const OpenTime& window : programme_.calendars[static_cast<std::size_t>(calendar)].windows) {
        const bool overlap =
            std::max<std::int64_t>(window.start, other.start) < std::min<std::int64_t>(window.end, other.end);
        if (overlap == refuse_overlap)
            add(out, constraint, window.start, std::int64_t{window.end} - way_of(job).duration + 1);
    }
}

void StartRefusals::add_lag(Out& out, JobIndex job, std::int32_t number) const {
    const Lag& lag = programme_.lags[static_cast<std::size_t>(number)];
    const Constraint constraint{ConstraintKind::kLag, number};
    if (lag.to == job) {
        const Run from = run_of(lag.from);
        add(out, constraint, -kFar, (lag.from_end ? from.end : from.start) + lag.lag);
        return;
    }
    const std::int64_t until_base = lag.from_end ? way_of(job).duration : 0;
    add(out, constraint, run_of(lag.to).start - lag.lag - until_base + 1, kFar);
}

void StartRefusals::add_apart(Out& out, JobIndex job, std::int32_t number) const {
    const Apart& pair = programme_.apart[static_cast<std::size_t>(number)];
    const JobIndex other = pair.a == job ? pair.b : pair.a;
    const Constraint constraint{ConstraintKind::kApart, number};
    const Run run = run_of(other);
    if (pair.time) add(out, constraint, run.start - way_of(job).duration + 1, run.end);
    const OpenTime* window = window_of(other);
    if (pair.same_window_too && window != nullptr)
        add_windows_beside(out, job, constraint, {window->start, window->end}, true);
    if (pair.sites && way_of(job).site != kNone && way_of(job).site == way_of(other).site)
        add(out, constraint, -kFar, kFar);
}

}  // namespace ararat::planning::scheduler
