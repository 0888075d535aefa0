#include "planning/scheduler/programme_network.h"

#include <algorithm>
#include <functional>
#include <queue>

namespace ararat::planning::scheduler {
namespace {

std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }

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
