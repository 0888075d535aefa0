#include "planning/scheduler/programme_finish_bound.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "planning/scheduler/programme_skyline.h"

namespace ararat::planning::scheduler {
namespace {

std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }

constexpr Minute kNothingAfter = std::numeric_limits<Minute>::min();

// What a job takes of a resource at least, whatever its way.
struct Energy {
    JobIndex job = 0;
    Minute earliest = 0;
    Minute end = 0;   // the latest, by hard dates
    Minute tail = 0;  // what must follow its end; kNothingAfter: nothing that counts towards the finish
    std::int64_t amount = 0;
    std::int32_t calendar = kNone;  // of all its ways; kNone: they differ, or one has none
};

class Energies {
public:
    Energies(const Programme& programme, const ProgrammeNetwork& network)
        : programme_(programme), network_(network), of_(programme.resources.size()) {
        find_levels();
        find_tails();
        for (JobIndex job = 0; job < network.jobs(); ++job) add(job);
    }

    [[nodiscard]] const std::vector<Energy>& of(std::int32_t resource) const { return of_[at(resource)]; }
    [[nodiscard]] const Skyline& level(std::int32_t resource) const { return levels_[at(resource)]; }

private:
    // What is fixed is a fact, even where it takes more than there is.
    void find_levels() {
        levels_.resize(programme_.resources.size());
        for (std::size_t r = 0; r < levels_.size(); ++r) {
            levels_[r].reset(0);
            std::int32_t last = 0;
            for (const CapacityStep& step : programme_.resources[r].steps) {
                levels_[r].add(std::max(0, step.from), kNoMinute, step.capacity - last);
                last = step.capacity;
            }
        }
        for (const Job& is : programme_.jobs) {
            if (is.fixed_start == kNoMinute) continue;
            const Way& way = programme_.ways_of(is)[at(is.fixed_way)];
            for (const Demand& demand : programme_.demands_of(way))
                levels_[at(demand.resource)].add(std::max(0, is.fixed_start),
                                                 std::max(0, is.fixed_start + way.duration), -demand.amount);
        }
    }

    void find_tails() {
        tail_.resize(programme_.jobs.size());
        for (std::size_t job = 0; job < tail_.size(); ++job)
            tail_[job] = programme_.jobs[job].counts ? 0 : kNothingAfter;
        for (auto job = network_.order().rbegin(); job != network_.order().rend(); ++job) {
            for (const LagEnd& end : network_.out_of(*job)) {
                if (!end.forward || tail_[at(end.other)] == kNothingAfter) continue;
                const Minute after = end.lag - (end.from_end ? 0 : network_.longest(*job)) +
                                     network_.shortest(end.other) + tail_[at(end.other)];
                tail_[at(*job)] = std::max(tail_[at(*job)], after);
            }
        }
    }

    // Of each resource, the least that any way takes: nothing where one way does without.
    void add(JobIndex job) {
        const Job& is = programme_.jobs[at(job)];
        if (is.fixed_start != kNoMinute) return;
        std::int32_t ways = 0;
        std::int32_t calendar = kNone;
        least_.clear();
        for (std::int32_t w = 0; w < static_cast<std::int32_t>(is.ways.count); ++w) {
            if (!network_.allowed(network_.unit_of(job), w)) continue;
            const Way& way = programme_.ways_of(is)[at(w)];
            calendar = ways == 0 || calendar == way.calendar ? way.calendar : kNone;
            ++ways;
            for (const Demand& demand : programme_.demands_of(way)) {
                const std::int64_t amount = std::int64_t{demand.amount} * way.duration;
                auto known = std::find_if(least_.begin(), least_.end(),
                                          [&](const Least& l) { return l.resource == demand.resource; });
                if (known == least_.end()) {
                    least_.push_back({demand.resource, 1, amount});
                } else {
                    ++known->ways;
                    known->amount = std::min(known->amount, amount);
                }
            }
        }
        const Minute latest = network_.latest()[at(job)] + network_.longest(job);
        const Minute due = is.due_is_hard ? std::min(is.due, programme_.horizon) : programme_.horizon;
        for (const Least& least : least_) {
            if (least.ways < ways || least.amount == 0) continue;
            of_[at(least.resource)].push_back({job, std::max(0, network_.earliest()[at(job)]),
                                               std::min(latest, due), tail_[at(job)], least.amount,
                                               calendar});
        }
    }

    struct Least {
        std::int32_t resource = 0;
        std::int32_t ways = 0;
        std::int64_t amount = 0;
    };
    const Programme& programme_;
    const ProgrammeNetwork& network_;
    std::vector<std::vector<Energy>> of_;
    std::vector<Skyline> levels_;
    std::vector<Minute> tail_;
    std::vector<Least> least_;
};

// The first time by which the level, from `from` on, has summed to so much. kNoMinute: never by the horizon.
Minute summed_by(const Skyline& level, Minute from, std::int64_t amount, Minute horizon) {
    Minute time = from;
    while (amount > 0) {
        if (time > horizon) return kNoMinute;
        const std::int64_t here = std::max(0, level.at(time));
        const Minute end = std::min(level.step_end(time), horizon + 1);
        if (here > 0 && here * (end - time) >= amount)
            return time + static_cast<Minute>((amount + here - 1) / here);
        amount -= here * (end - time);
        time = end;
    }
    return time;
}

// Jobs that cannot begin before a time take what there is from then on, and what follows the least of them
// comes after: over all those times, the latest finish.
void raise_by(const std::vector<Energy>& energies, const Skyline& level, std::int32_t resource,
              Minute horizon, FinishBound& bound) {
    constexpr std::size_t kStartsMost = 64;
    std::vector<Energy> sorted = energies;
    std::erase_if(sorted, [](const Energy& energy) { return energy.tail == kNothingAfter; });
    std::sort(sorted.begin(), sorted.end(), [](const Energy& a, const Energy& b) {
        return std::pair(-a.earliest, a.job) < std::pair(-b.earliest, b.job);
    });
    std::int64_t amount = 0;
    Minute tail = kNoMinute;
    const std::size_t every = sorted.size() / kStartsMost + 1;
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        amount += sorted[i].amount;
        tail = std::min(tail, sorted[i].tail);
        const bool last = i + 1 == sorted.size();
        if (!last && (sorted[i + 1].earliest == sorted[i].earliest || i % every != 0)) continue;
        const Minute end = summed_by(level, sorted[i].earliest, amount, horizon);
        if (end == kNoMinute || end + tail <= bound.finish) continue;
        bound = {end + tail, last ? FinishBoundKind::kResource : FinishBoundKind::kDeadline, resource};
    }
}

// The level while one of the calendars is open, and nothing else.
Skyline while_open(const Skyline& level, const ProgrammeNetwork& network,
                   std::vector<std::int32_t> calendars) {
    std::sort(calendars.begin(), calendars.end());
    calendars.erase(std::unique(calendars.begin(), calendars.end()), calendars.end());
    std::vector<std::pair<Minute, Minute>> open;
    for (const std::int32_t calendar : calendars) {
        const WindowIndex& windows = network.windows(calendar);
        for (std::int32_t w = 0; w < windows.count(); ++w)
            open.emplace_back(std::max(0, windows.window(w).start), std::max(0, windows.window(w).end));
    }
    std::sort(open.begin(), open.end());
    Skyline result;
    result.reset(0);
    Minute done = 0;
    for (const auto& [start, end] : open) {
        for (Minute time = std::max(start, done); time < end;) {
            const Minute until = std::min(end, level.step_end(time));
            result.add(time, until, level.at(time));
            time = until;
        }
        done = std::max(done, end);
    }
    return result;
}

// Those that run in windows alone have only what there is in windows.
void raise_by_windows(const std::vector<Energy>& energies, const Skyline& level,
                      const ProgrammeNetwork& network, std::int32_t resource, Minute horizon,
                      FinishBound& bound) {
    constexpr std::size_t kWorthIt = 8;
    std::vector<Energy> within;
    std::vector<std::int32_t> calendars;
    for (const Energy& energy : energies) {
        if (energy.calendar == kNone) continue;
        within.push_back(energy);
        calendars.push_back(energy.calendar);
    }
    if (within.size() < kWorthIt) return;
    raise_by(within, while_open(level, network, std::move(calendars)), resource, horizon, bound);
}

// A stock that never gets enough, even if every unit takes the way that takes least of it in the end.
bool overdrawn(const Programme& programme, const ProgrammeNetwork& network, std::int32_t stock) {
    std::int64_t level = programme.stocks[at(stock)].level;
    for (const Delivery& delivery : programme.stocks[at(stock)].deliveries) level += delivery.amount;
    for (std::int32_t unit = 0; unit < network.units(); ++unit) {
        std::int64_t most = std::numeric_limits<std::int64_t>::min();
        const auto members = network.members(unit);
        if (members.empty()) continue;
        const auto ways = static_cast<std::int32_t>(programme.jobs[at(members.front())].ways.count);
        for (std::int32_t w = 0; w < ways; ++w) {
            if (!network.allowed(unit, w)) continue;
            std::int64_t change = 0;
            for (const JobIndex job : members) {
                for (const StockChange& c :
                     programme.stock_changes_of(programme.ways_of(programme.jobs[at(job)])[at(w)]))
                    change += c.stock == stock ? c.at_start + c.at_end : 0;
            }
            most = std::max(most, change);
        }
        if (most != std::numeric_limits<std::int64_t>::min()) level += most;
    }
    return level < 0;
}

// Jobs that must be over by a time and cannot begin before another.
bool overloaded(const std::vector<Energy>& energies, const Skyline& level, Infeasibility& why) {
    constexpr std::size_t kIntervalsMost = 24;
    std::vector<Energy> by_end = energies;
    std::sort(by_end.begin(), by_end.end(), [](const Energy& a, const Energy& b) {
        return std::pair(a.end, a.job) < std::pair(b.end, b.job);
    });
    const std::size_t every = by_end.size() / kIntervalsMost + 1;
    for (std::size_t s = 0; s < by_end.size(); s += every) {
        const Minute from = by_end[s].earliest;
        std::int64_t amount = 0;
        std::int64_t there = 0;
        Minute to = from;
        for (const Energy& energy : by_end) {
            if (energy.earliest < from) continue;
            amount += energy.amount;
            if (energy.end > to) {
                there += level.area(to, energy.end);
                to = energy.end;
            }
            if (amount <= there) continue;
            why.from = from;
            why.to = to;
            why.job = energy.job;
            return true;
        }
    }
    return false;
}

}  // namespace

FinishBound finish_bound(const Programme& programme, const ProgrammeNetwork& network) {
    FinishBound bound;
    for (JobIndex job = 0; job < network.jobs(); ++job) {
        if (!programme.jobs[at(job)].counts) continue;
        const Minute end = network.earliest()[at(job)] + network.shortest(job);
        if (end > bound.finish) bound = {end, FinishBoundKind::kPath, job};
    }
    const Energies energies(programme, network);
    for (std::int32_t r = 0; r < static_cast<std::int32_t>(programme.resources.size()); ++r) {
        if (energies.of(r).empty()) continue;
        raise_by(energies.of(r), energies.level(r), r, programme.horizon, bound);
        raise_by_windows(energies.of(r), energies.level(r), network, r, programme.horizon, bound);
    }
    return bound;
}

Infeasibility overload(const Programme& programme, const ProgrammeNetwork& network) {
    Infeasibility why;
    for (std::int32_t s = 0; s < static_cast<std::int32_t>(programme.stocks.size()); ++s) {
        if (!overdrawn(programme, network, s)) continue;
        why.obstacle = Obstacle::kStock;
        why.refusal = {RefusalKind::kStock, kNoMinute, s, kNone};
        return why;
    }
    const Energies energies(programme, network);
    for (std::int32_t r = 0; r < static_cast<std::int32_t>(programme.resources.size()); ++r) {
        if (energies.of(r).empty() || !overloaded(energies.of(r), energies.level(r), why)) continue;
        why.obstacle = Obstacle::kOverload;
        why.refusal = {RefusalKind::kResource, kNoMinute, r, kNone};
        return why;
    }
    return why;
}

}  // namespace ararat::planning::scheduler
