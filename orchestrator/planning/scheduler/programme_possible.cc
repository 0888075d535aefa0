// Ways that no schedule can take, before any is made.
#include <algorithm>

#include "planning/scheduler/programme_network.h"

namespace ararat::planning::scheduler {

namespace {

std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }

}  // namespace

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

}  // namespace ararat::planning::scheduler
