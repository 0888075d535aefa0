#include "planning/scheduler/programme_network.h"

#include <algorithm>
#include <functional>
#include <queue>

namespace ararat::planning::scheduler {
namespace {

std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }

// Rows from pairs (row, item), in the order of the pairs.
template <typename T, typename Each>
Rows<T> rows_of(std::int32_t rows, const Each& each) {
    Rows<T> result;
    result.first.assign(at(rows) + 1, 0);
    each([&](std::int32_t row, const T&) { ++result.first[at(row) + 1]; });
    for (std::size_t i = 1; i < result.first.size(); ++i) result.first[i] += result.first[i - 1];
    result.items.resize(result.first.back());
    std::vector<std::uint32_t> next(result.first.begin(), result.first.end() - 1);
    each([&](std::int32_t row, const T& item) { result.items[next[at(row)]++] = item; });
    return result;
}

}  // namespace

ProgrammeNetwork::ProgrammeNetwork(const Programme& programme) : programme_(programme) {
    windows_.reserve(programme.calendars.size());
    for (const OpenTimes& times : programme.calendars) windows_.emplace_back(times);
    index_units();
    rule_out_ways();
    index_apart_and_waves();
    rule_out_circles();
    rule_out_sites();
    measure_ways();
    index_lags();
    sort_jobs();
    if (flaw_.obstacle != Obstacle::kNothing) return;
    find_earliest();
    if (flaw_.obstacle != Obstacle::kNothing) return;
    find_latest();
    find_wave_floors();
}

void ProgrammeNetwork::index_units() {
    std::int32_t units = programme_.group_count;
    unit_of_.reserve(programme_.jobs.size());
    for (const Job& job : programme_.jobs) unit_of_.push_back(job.group != kNone ? job.group : units++);
    members_ = rows_of<JobIndex>(units, [&](const auto& add) {
        for (JobIndex job = 0; job < jobs(); ++job) add(unit_of(job), job);
    });
}

// Why no schedule has this job in this way.
Obstacle ProgrammeNetwork::impossible(JobIndex job, const Way& way, std::int32_t& index) const {
    if (way.calendar != kNone && windows(way.calendar).next_start(0, way.duration) == kNoMinute) {
        index = way.calendar;
        return Obstacle::kWindow;
    }
    for (const Demand& demand : programme_.demands_of(way)) {
        const auto& steps = programme_.resources[at(demand.resource)].steps;
        const bool enough = way.duration == 0 || demand.amount <= 0 ||
                            std::any_of(steps.begin(), steps.end(), [&](const CapacityStep& step) {
                                return step.capacity >= demand.amount;
                            });
        index = demand.resource;
        if (!enough) return Obstacle::kDemand;
    }
    const Minute due = programme_.jobs[at(job)].due_is_hard ? programme_.jobs[at(job)].due : kNoMinute;
    index = kNone;
    return way.duration > std::min(due, programme_.horizon) ? Obstacle::kHorizon : Obstacle::kNothing;
}

void ProgrammeNetwork::rule_out_ways() {
    allowed_.assign(at(units()), ~std::uint64_t{0});
    for (JobIndex job = 0; job < jobs(); ++job) {
        const Job& is = programme_.jobs[at(job)];
        if (is.fixed_start != kNoMinute) {
            if (is.fixed_way < 64) allowed_[at(unit_of(job))] = std::uint64_t{1} << is.fixed_way;
            continue;
        }
    }
    for (std::int32_t unit = 0; unit < units(); ++unit) {
        std::uint64_t& mask = allowed_[at(unit)];
        Infeasibility last;
        std::int32_t ways = 64;
        for (const JobIndex job : members(unit)) {
            const Job& is = programme_.jobs[at(job)];
            ways = std::min(ways, static_cast<std::int32_t>(is.ways.count));
            if (is.fixed_start != kNoMinute) continue;
            for (std::int32_t w = 0; w < ways; ++w) {
                if (((mask >> w) & 1U) == 0) continue;
                std::int32_t index = kNone;
                const Obstacle obstacle = impossible(job, programme_.ways_of(is)[at(w)], index);
                if (obstacle == Obstacle::kNothing) continue;
                mask &= ~(std::uint64_t{1} << w);
                last.obstacle = obstacle;
                last.job = job;
                last.refusal.index = index;
            }
        }
        if (ways < 64) mask &= (std::uint64_t{1} << ways) - 1;
        if (mask == 0 && last.obstacle != Obstacle::kNothing && flaw_.obstacle == Obstacle::kNothing)
            flaw_ = last;
    }
}

// A way in which the lags between a unit's own jobs go round and ask for ever later starts: seeding that
// takes longer than its replica stays fresh.
void ProgrammeNetwork::rule_out_circles() {
    const Rows<std::int32_t> inner = rows_of<std::int32_t>(units(), [&](const auto& add) {
        for (std::int32_t i = 0; i < static_cast<std::int32_t>(programme_.lags.size()); ++i) {
            const Lag& lag = programme_.lags[at(i)];
            if (unit_of(lag.from) == unit_of(lag.to)) add(unit_of(lag.from), i);
        }
    });
    std::vector<Minute> start(at(jobs()), 0);
    for (std::int32_t unit = 0; unit < units(); ++unit) {
        if (inner.of(unit).empty()) continue;
        const std::uint32_t ways = programme_.jobs[at(members(unit).front())].ways.count;
        for (std::uint32_t w = 0; w < std::min<std::uint32_t>(64, ways); ++w) {
            if (!allowed(unit, static_cast<std::int32_t>(w))) continue;
            if (!goes_round(unit, w, inner.of(unit), start)) continue;
            std::uint64_t& mask = allowed_[at(unit)];
            mask &= ~(std::uint64_t{1} << w);
            if (mask != 0 || flaw_.obstacle != Obstacle::kNothing) continue;
            flaw_.obstacle = Obstacle::kPositiveCycle;
            flaw_.job = members(unit).front();
            flaw_.lags.assign(inner.of(unit).begin(), inner.of(unit).end());
        }
    }
}

bool ProgrammeNetwork::goes_round(std::int32_t unit, std::uint32_t way, std::span<const std::int32_t> lags,
                                  std::vector<Minute>& start) const {
    for (const JobIndex job : members(unit)) {
        if (programme_.jobs[at(job)].fixed_start != kNoMinute) return false;  // facts are what they are
        start[at(job)] = 0;
    }
    for (std::size_t round = 0; round <= members(unit).size(); ++round) {
        bool rose = false;
        for (const std::int32_t index : lags) {
            const Lag& lag = programme_.lags[at(index)];
            const Minute duration = programme_.ways_of(programme_.jobs[at(lag.from)])[way].duration;
            const Minute least = start[at(lag.from)] + lag.lag + (lag.from_end ? duration : 0);
            if (least <= start[at(lag.to)]) continue;
            start[at(lag.to)] = least;
            rose = true;
        }
        if (!rose) return false;
    }
    return true;
}

// The one site to which all ways of a job that are left lead; kNone: there are several, or one is anywhere.
std::int32_t ProgrammeNetwork::only_site(JobIndex job) const {
    const Job& is = programme_.jobs[at(job)];
    std::int32_t only = kNone;
    for (std::int32_t w = 0; w < static_cast<std::int32_t>(is.ways.count); ++w) {
        if (!allowed(unit_of(job), w)) continue;
        const std::int32_t site = programme_.ways_of(is)[at(w)].site;
        if (site == kNone || (only != kNone && site != only)) return kNone;
        only = site;
    }
    return only;
}

// Where one of a pair can be at one site alone, the other cannot be there.
void ProgrammeNetwork::rule_out_sites() {
    for (bool changed = true; changed;) {
        changed = false;
        for (std::int32_t i = 0; i < static_cast<std::int32_t>(programme_.apart.size()); ++i) {
            const Apart& pair = programme_.apart[at(i)];
            if (!pair.sites) continue;
            for (const auto& [one, other] : {std::pair(pair.a, pair.b), std::pair(pair.b, pair.a)}) {
                const std::int32_t site = only_site(one);
                if (site == kNone || programme_.jobs[at(other)].fixed_start != kNoMinute) continue;
                std::uint64_t& mask = allowed_[at(unit_of(other))];
                const std::uint64_t before = mask;
                const Job& is = programme_.jobs[at(other)];
                for (std::uint32_t w = 0; w < std::min<std::uint32_t>(64, is.ways.count); ++w) {
                    if (programme_.ways_of(is)[w].site == site) mask &= ~(std::uint64_t{1} << w);
                }
                changed |= mask != before;
                if (mask != 0 || before == 0 || flaw_.obstacle != Obstacle::kNothing) continue;
                flaw_.obstacle = Obstacle::kSite;
                flaw_.job = other;
                flaw_.refusal = {RefusalKind::kApart, kNoMinute, i, one};
            }
        }
    }
}

void ProgrammeNetwork::measure_ways() {
    shortest_.assign(programme_.jobs.size(), 0);
    longest_.assign(programme_.jobs.size(), 0);
    for (JobIndex job = 0; job < jobs(); ++job) {
        const Job& is = programme_.jobs[at(job)];
        Minute least = kNoMinute;
        Minute most = 0;
        for (std::int32_t w = 0; w < static_cast<std::int32_t>(is.ways.count); ++w) {
            const bool counts = is.fixed_start != kNoMinute ? w == is.fixed_way : allowed(unit_of(job), w);
            if (!counts) continue;
            least = std::min(least, programme_.ways_of(is)[at(w)].duration);
            most = std::max(most, programme_.ways_of(is)[at(w)].duration);
        }
        shortest_[at(job)] = least == kNoMinute ? 0 : least;
        longest_[at(job)] = most;
    }
}

void ProgrammeNetwork::index_lags() {
    const auto end_of_lag = [&](std::int32_t index, JobIndex other) {
        const Lag& lag = programme_.lags[at(index)];
        const bool forward = lag.lag >= 0 || (lag.from_end && longest_[at(lag.from)] + lag.lag > 0);
        return LagEnd{other, lag.lag, index, lag.from_end, forward};
    };
    const auto count = static_cast<std::int32_t>(programme_.lags.size());
    into_ = rows_of<LagEnd>(jobs(), [&](const auto& add) {
        for (std::int32_t i = 0; i < count; ++i) {
            const Lag& lag = programme_.lags[at(i)];
            add(lag.to, end_of_lag(i, lag.from));
        }
    });
    out_of_ = rows_of<LagEnd>(jobs(), [&](const auto& add) {
        for (std::int32_t i = 0; i < count; ++i) {
            const Lag& lag = programme_.lags[at(i)];
            add(lag.from, end_of_lag(i, lag.to));
        }
    });
}

void ProgrammeNetwork::index_apart_and_waves() {
    apart_ = rows_of<ApartEnd>(jobs(), [&](const auto& add) {
        for (std::int32_t i = 0; i < static_cast<std::int32_t>(programme_.apart.size()); ++i) {
            const Apart& pair = programme_.apart[at(i)];
            add(pair.a, ApartEnd{pair.b, i});
            add(pair.b, ApartEnd{pair.a, i});
        }
    });
    cutovers_ = rows_of<JobIndex>(programme_.wave_count, [&](const auto& add) {
        for (JobIndex job = 0; job < jobs(); ++job) {
            const Job& is = programme_.jobs[at(job)];
            if (is.wave != kNone && is.kind == JobKind::kCutover) add(is.wave, job);
        }
    });
}

// Where forward lags go round, as between jobs that begin at once, the lowest job of those left comes first
// and the lags into it do not order.
void ProgrammeNetwork::sort_jobs() {
    std::vector<std::int32_t> waiting(at(jobs()), 0);
    for (const LagEnd& end : out_of_.items) waiting[at(end.other)] += end.forward ? 1 : 0;
    order_.reserve(at(jobs()));
    std::vector<char> taken(at(jobs()), 0);
    std::size_t next = 0;
    JobIndex lowest = 0;
    const auto take = [&](JobIndex job) {
        taken[at(job)] = 1;
        order_.push_back(job);
    };
    for (JobIndex job = 0; job < jobs(); ++job) {
        if (waiting[at(job)] == 0) take(job);
    }
    while (order_.size() < at(jobs())) {
        for (; next < order_.size(); ++next) {
            for (const LagEnd& end : out_of(order_[next])) {
                if (!end.forward || taken[at(end.other)] != 0) continue;
                if (--waiting[at(end.other)] == 0) take(end.other);
            }
        }
        if (order_.size() == at(jobs())) break;
        while (taken[at(lowest)] != 0) ++lowest;
        take(lowest);
    }
    std::vector<std::int32_t> place(at(jobs()));
    for (std::size_t i = 0; i < order_.size(); ++i) place[at(order_[i])] = static_cast<std::int32_t>(i);
    for (JobIndex job = 0; job < jobs(); ++job) {
        for (std::uint32_t i = into_.first[at(job)]; i < into_.first[at(job) + 1]; ++i)
            into_.items[i].forward &= place[at(into_.items[i].other)] < place[at(job)];
        for (std::uint32_t i = out_of_.first[at(job)]; i < out_of_.first[at(job) + 1]; ++i)
            out_of_.items[i].forward &= place[at(job)] < place[at(out_of_.items[i].other)];
    }
}

// From start to start, in the way that leaves the most room.
Minute ProgrammeNetwork::effective(const LagEnd& end, JobIndex from) const {
    return end.lag + (end.from_end ? shortest_[at(from)] : 0);
}

Minute ProgrammeNetwork::opened(JobIndex job, Minute start) const {
    const Job& is = programme_.jobs[at(job)];
    Minute best = kNoMinute;
    for (std::int32_t w = 0; w < static_cast<std::int32_t>(is.ways.count); ++w) {
        if (!allowed(unit_of(job), w)) continue;
        const Way& way = programme_.ways_of(is)[at(w)];
        if (way.calendar == kNone) return start;
        best = std::min(best, windows(way.calendar).next_start(start, way.duration));
    }
    return best;
}

// One round over all jobs; whether anything rose.
bool ProgrammeNetwork::relax(bool with_calendars) {
    bool rose = false;
    for (const JobIndex job : order_) {
        if (programme_.jobs[at(job)].fixed_start != kNoMinute) continue;
        Minute start = earliest_[at(job)];
        for (const LagEnd& end : into(job)) {
            const Minute least = earliest_[at(end.other)] + effective(end, end.other);
            if (least <= start) continue;
            start = least;
            raised_by_[at(job)] = end.index;
        }
        if (with_calendars) start = opened(job, start);
        if (start == earliest_[at(job)]) continue;
        earliest_[at(job)] = start;
        rose = true;
        if (start > programme_.horizon) return true;
    }
    return rose;
}

// Does going back over the lags that raised the jobs lead round? Then they raise each other for ever.
bool ProgrammeNetwork::find_cycle() {
    std::vector<JobIndex> seen(at(jobs()), kNone);
    for (JobIndex first = 0; first < jobs(); ++first) {
        JobIndex job = first;
        while (seen[at(job)] == kNone && raised_by_[at(job)] != kNone) {
            seen[at(job)] = first;
            job = programme_.lags[at(raised_by_[at(job)])].from;
        }
        if (seen[at(job)] != first || raised_by_[at(job)] == kNone) continue;
        flaw_.obstacle = Obstacle::kPositiveCycle;
        flaw_.job = job;
        JobIndex on = job;
        do {
            flaw_.lags.push_back(raised_by_[at(on)]);
            on = programme_.lags[at(raised_by_[at(on)])].from;
        } while (on != job);
        std::reverse(flaw_.lags.begin(), flaw_.lags.end());
        return true;
    }
    return false;
}

std::vector<std::int32_t> ProgrammeNetwork::lags_to(JobIndex job) const {
    std::vector<std::int32_t> lags;
    while (raised_by_[at(job)] != kNone && lags.size() < raised_by_.size()) {
        lags.push_back(raised_by_[at(job)]);
        job = programme_.lags[at(lags.back())].from;
    }
    std::reverse(lags.begin(), lags.end());
    return lags;
}

void ProgrammeNetwork::find_earliest() {
    constexpr std::int32_t kRoundsMax = 2000;  // what is found by then holds, only less tightly
    earliest_.resize(at(jobs()));
    raised_by_.assign(at(jobs()), kNone);
    const auto begin = [&] {
        for (JobIndex job = 0; job < jobs(); ++job) {
            const Job& is = programme_.jobs[at(job)];
            earliest_[at(job)] = is.fixed_start != kNoMinute ? is.fixed_start : is.release;
        }
    };
    begin();
    bool rose = true;
    for (std::int32_t round = 0; rose && round < kRoundsMax; ++round) {
        rose = relax(false);
        // Whatever rises past the horizon by lags alone does so round a circle or along a path.
        const bool look = round >= 4 && (round & (round - 1)) == 0;
        if (rose && (look || round + 1 == kRoundsMax) && find_cycle()) return;
        if (std::any_of(earliest_.begin(), earliest_.end(),
                        [&](Minute m) { return m > programme_.horizon; })) {
            if (find_cycle()) return;
            break;
        }
    }
    rose = true;
    for (std::int32_t round = 0; rose && round < kRoundsMax; ++round) {
        rose = relax(true);
        for (JobIndex job = 0; job < jobs(); ++job) {
            if (earliest_[at(job)] > programme_.horizon) return tell_late(job);
        }
    }
    for (JobIndex job = 0; job < jobs(); ++job) {
        const Job& is = programme_.jobs[at(job)];
        if (is.fixed_start != kNoMinute) continue;
        const Minute end = earliest_[at(job)] + shortest_[at(job)];
        if (end > programme_.horizon || (is.due_is_hard && is.due != kNoMinute && end > is.due))
            return tell_late(job);
    }
}

void ProgrammeNetwork::find_wave_floors() {
    wave_floors_.assign(at(programme_.wave_count), 0);
    for (std::int32_t wave = 0; wave < programme_.wave_count; ++wave) {
        for (const JobIndex job : cutovers(wave)) {
            const Job& is = programme_.jobs[at(job)];
            Minute floor = kNoMinute;
            for (std::int32_t w = 0; w < static_cast<std::int32_t>(is.ways.count); ++w) {
                if (!allowed(unit_of(job), w)) continue;
                const Way& way = programme_.ways_of(is)[at(w)];
                if (way.calendar == kNone)
                    floor = 0;
                else if (const Minute start =
                             windows(way.calendar).next_start(earliest_[at(job)], way.duration);
                         start != kNoMinute)
                    floor = std::min(
                        floor, windows(way.calendar).window(windows(way.calendar).at_or_after(start)).start);
            }
            if (floor != kNoMinute && is.fixed_start == kNoMinute)
                wave_floors_[at(wave)] = std::max(wave_floors_[at(wave)], floor);
        }
    }
}

void ProgrammeNetwork::tell_late(JobIndex job) {
    const Job& is = programme_.jobs[at(job)];
    const bool due = is.due_is_hard && is.due != kNoMinute && is.due <= programme_.horizon;
    flaw_.obstacle = due ? Obstacle::kDeadline : Obstacle::kHorizon;
    flaw_.job = job;
    flaw_.refusal.at = earliest_[at(job)];
    flaw_.lags = lags_to(job);
}

// By horizon, hard deadlines and what follows; then by the windows that pinned waves must share.
void ProgrammeNetwork::find_latest() {
    latest_.resize(at(jobs()));
    for (JobIndex job = 0; job < jobs(); ++job) {
        const Job& is = programme_.jobs[at(job)];
        const Minute end = is.due_is_hard ? std::min(is.due, programme_.horizon) : programme_.horizon;
        latest_[at(job)] = is.fixed_start != kNoMinute ? is.fixed_start : end - shortest_[at(job)];
    }
    pull_latest();
    if (lower_by_waves()) pull_latest();
    for (JobIndex job = 0; job < jobs(); ++job) {
        if (programme_.jobs[at(job)].fixed_start != kNoMinute || earliest_[at(job)] <= latest_[at(job)])
            continue;
        flaw_.obstacle = Obstacle::kDeadline;
        flaw_.job = job;
        flaw_.refusal.at = earliest_[at(job)];
        flaw_.lags = lags_to(job);
        return;
    }
}

void ProgrammeNetwork::pull_latest() {
    constexpr std::int32_t kRoundsMax = 16;
    bool fell = true;
    for (std::int32_t round = 0; fell && round < kRoundsMax; ++round) {
        fell = false;
        for (auto job = order_.rbegin(); job != order_.rend(); ++job) {
            if (programme_.jobs[at(*job)].fixed_start != kNoMinute) continue;
            Minute latest = latest_[at(*job)];
            for (const LagEnd& end : out_of(*job))
                latest = std::min(latest, latest_[at(end.other)] - effective(end, *job));
            latest = opened_before(*job, latest);
            fell |= latest < latest_[at(*job)];
            latest_[at(*job)] = latest;
        }
    }
}

// -1: no window took it before.
Minute ProgrammeNetwork::opened_before(JobIndex job, Minute start) const {
    const Job& is = programme_.jobs[at(job)];
    Minute best = -1;
    for (std::int32_t w = 0; w < static_cast<std::int32_t>(is.ways.count); ++w) {
        if (!allowed(unit_of(job), w)) continue;
        const Way& way = programme_.ways_of(is)[at(w)];
        if (way.calendar == kNone) return start;
        if (start >= 0) best = std::max(best, windows(way.calendar).previous_start(start, way.duration));
    }
    return best;
}

// All of a wave lies in the last window that any of its cutovers can still reach, or in one before.
bool ProgrammeNetwork::lower_by_waves() {
    bool fell = false;
    for (std::int32_t wave = 0; wave < programme_.wave_count; ++wave) {
        Minute end = kNoMinute;
        for (const JobIndex job : cutovers(wave)) end = std::min(end, last_window_end(job));
        for (const JobIndex job : cutovers(wave)) {
            if (programme_.jobs[at(job)].fixed_start != kNoMinute || end == kNoMinute) continue;
            if (end - shortest_[at(job)] >= latest_[at(job)]) continue;
            latest_[at(job)] = end - shortest_[at(job)];
            fell = true;
        }
    }
    return fell;
}

// kNoMinute: one of its ways knows no windows.
Minute ProgrammeNetwork::last_window_end(JobIndex job) const {
    const Job& is = programme_.jobs[at(job)];
    if (is.fixed_start != kNoMinute) return kNoMinute;
    Minute last = 0;
    for (std::int32_t w = 0; w < static_cast<std::int32_t>(is.ways.count); ++w) {
        if (!allowed(unit_of(job), w)) continue;
        const Way& way = programme_.ways_of(is)[at(w)];
        if (way.calendar == kNone) return kNoMinute;
        const Minute start = windows(way.calendar).previous_start(latest_[at(job)], way.duration);
        if (start < 0) continue;
        last = std::max(last, windows(way.calendar).window(windows(way.calendar).at_or_after(start)).end);
    }
    return last;
}

}  // namespace ararat::planning::scheduler
