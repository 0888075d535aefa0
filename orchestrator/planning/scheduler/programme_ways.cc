// Which way a unit takes where nobody has said: what asks least of what is scarce, on a site that its
// partners leave it, from stocks that suffice.
#include <algorithm>

#include "planning/scheduler/programme_builder.h"

namespace ararat::planning::scheduler {

// What a unit asks for in each way of resources and outage, as shares of all that is asked for and, the
// scarcer the thing is, the dearer: share times how much of the whole is asked for on average.
void ProgrammeBuilder::weigh_ways() {
    const std::size_t resources = programme_.resources.size();
    std::vector<double> there;  // of each resource, and then of each service's minutes, over the whole time
    for (std::size_t r = 0; r < resources; ++r)
        there.push_back(1.0 + static_cast<double>(
                                  state_.resource(static_cast<std::int32_t>(r)).area(0, programme_.horizon)));
    for (const Budget& budget : programme_.budgets) {
        there.push_back(1.0);
        for (const Minute minutes : budget.left) there.back() += std::max(0, minutes);
    }
    std::vector<double> asked(there.size(), 0);
    const auto each = [&](const Way& way, const auto& use) {
        for (const Demand& demand : programme_.demands_of(way))
            use(at(demand.resource), static_cast<double>(demand.amount) * way.duration);
        for (const Outage& outage : programme_.outages_of(way))
            use(resources + at(outage.service), static_cast<double>(outage.length));
    };
    for (const Job& job : programme_.jobs) {
        for (const Way& way : programme_.ways_of(job))
            each(way, [&](std::size_t of, double amount) { asked[of] += amount / job.ways.count; });
    }
    first_weight_.assign(at(network_.units()) + 1, 0);
    for (std::int32_t unit = 0; unit < network_.units(); ++unit) {
        const auto members = network_.members(unit);
        const std::uint32_t ways = members.empty() ? 0 : programme_.jobs[at(members.front())].ways.count;
        first_weight_[at(unit) + 1] = first_weight_[at(unit)] + ways;
        for (std::uint32_t w = 0; w < ways; ++w) {
            double weight = 0;
            for (const JobIndex job : members) {
                const Way& way = programme_.ways_of(programme_.jobs[at(job)])[w];
                weight += 1e-6 * way.duration / std::max(1, programme_.horizon);
                each(way, [&](std::size_t of, double amount) {
                    weight += amount * asked[of] / (there[of] * there[of]);
                });
            }
            weights_.push_back(static_cast<float>(weight));
        }
    }
}

// What is left of each stock in the end when all that have no choice have taken from it, and what the others
// would take on average.
void ProgrammeBuilder::reserve_stocks() {
    stock_left_.clear();
    stock_wanted_.assign(programme_.stocks.size(), 0);
    for (std::size_t s = 0; s < programme_.stocks.size(); ++s)
        stock_left_.push_back(state_.stock(static_cast<std::int32_t>(s)).at(kNoMinute - 1));
    for (std::int32_t unit = 0; !stock_left_.empty() && unit < network_.units(); ++unit) {
        const std::int32_t only = only_way(unit);
        if (only != kNone)
            charge_stocks(unit, only, 1);
        else
            want_stocks(unit, 1);
    }
}

void ProgrammeBuilder::want_stocks(std::int32_t unit, double sign) {
    for (const JobIndex job : network_.members(unit)) {
        const Job& is = programme_.jobs[at(job)];
        for (const Way& way : programme_.ways_of(is)) {
            for (const StockChange& change : programme_.stock_changes_of(way))
                stock_wanted_[at(change.stock)] -= sign * (change.at_start + change.at_end) / is.ways.count;
        }
    }
}

std::int32_t ProgrammeBuilder::only_way(std::int32_t unit) const {
    const auto members = network_.members(unit);
    if (members.empty()) return kNone;
    const auto ways = static_cast<std::int32_t>(programme_.jobs[at(members.front())].ways.count);
    std::int32_t only = kNone;
    for (std::int32_t w = 0; w < ways; ++w) {
        if (!network_.allowed(unit, w)) continue;
        if (only != kNone) return kNone;
        only = w;
    }
    return only;
}

void ProgrammeBuilder::charge_stocks(std::int32_t unit, std::int32_t way, std::int32_t sign) {
    for (const JobIndex job : network_.members(unit)) {
        const Way& is = programme_.ways_of(programme_.jobs[at(job)])[at(way)];
        for (const StockChange& change : programme_.stock_changes_of(is))
            stock_left_[at(change.stock)] += sign * (change.at_start + change.at_end);
    }
}

// A share of what is left of the stocks that the way takes from, the dearer the more others want of it.
double ProgrammeBuilder::stock_share(std::int32_t unit, std::int32_t way) const {
    constexpr double kTooMuch = 1e6;
    constexpr double kScarce = 0.85;
    constexpr double kDear = 1e3;
    double share = 0;
    for (const JobIndex job : network_.members(unit)) {
        const Way& is = programme_.ways_of(programme_.jobs[at(job)])[at(way)];
        for (const StockChange& change : programme_.stock_changes_of(is)) {
            const std::int32_t taken = -(change.at_start + change.at_end);
            const auto left = static_cast<double>(stock_left_[at(change.stock)]);
            if (taken <= 0) continue;
            const double wanted = left <= 0 ? 1 : stock_wanted_[at(change.stock)] / left;
            share += taken > left ? kTooMuch : taken / left * (wanted > kScarce ? kDear * wanted : wanted);
        }
    }
    return share;
}

// The unit's, from now on; its stocks are spoken for.
void ProgrammeBuilder::take_way(std::int32_t unit, std::int32_t way) {
    if (unit_way_[at(unit)] != kNone) return;
    unit_way_[at(unit)] = way;
    if (stock_left_.empty() || only_way(unit) != kNone) return;
    charge_stocks(unit, way, 1);
    want_stocks(unit, -1);
}

// Neither where a partner's site is, nor where a partner that has not chosen would be left without any.
bool ProgrammeBuilder::sites_allow(std::int32_t unit, std::int32_t way, Refusal& refusal) const {
    for (const JobIndex job : network_.members(unit)) {
        const std::int32_t site = programme_.ways_of(programme_.jobs[at(job)])[at(way)].site;
        for (const ApartEnd& end : network_.apart(job)) {
            if (!programme_.apart[at(end.index)].sites || site == kNone || leaves_a_site(end.other, site))
                continue;
            refusal = {RefusalKind::kApart, kNoMinute, end.index, end.other};
            return false;
        }
    }
    return true;
}

bool ProgrammeBuilder::leaves_a_site(JobIndex other, std::int32_t site) const {
    const std::int32_t unit = network_.unit_of(other);
    const auto ways = programme_.ways_of(programme_.jobs[at(other)]);
    if (unit_way_[at(unit)] != kNone) return ways[at(unit_way_[at(unit)])].site != site;
    for (std::int32_t w = 0; w < static_cast<std::int32_t>(ways.size()); ++w) {
        const std::int32_t there = ways[at(w)].site;
        if (!network_.allowed(unit, w) || there == site) continue;
        const auto pairs = network_.apart(other);
        const bool taken = std::any_of(pairs.begin(), pairs.end(), [&](const ApartEnd& end) {
            const std::int32_t chosen = unit_way_[at(network_.unit_of(end.other))];
            if (!programme_.apart[at(end.index)].sites || chosen == kNone || there == kNone) return false;
            return programme_.ways_of(programme_.jobs[at(end.other)])[at(chosen)].site == there;
        });
        if (!taken) return true;
    }
    return false;
}

bool ProgrammeBuilder::choose_way(JobIndex job, Refusal& refusal) {
    const std::int32_t unit = network_.unit_of(job);
    if (unit_way_[at(unit)] != kNone) return true;
    std::int32_t best = kNone;
    const std::int32_t wanted = order_->way[at(unit)];
    if (wanted != kNone && network_.allowed(unit, wanted) && sites_allow(unit, wanted, refusal)) {
        best = wanted;
    } else {
        const auto ways = static_cast<std::int32_t>(programme_.jobs[at(job)].ways.count);
        double lightest = 0;
        for (std::int32_t way = 0; way < ways; ++way) {
            if (!network_.allowed(unit, way) || !sites_allow(unit, way, refusal)) continue;
            const double weight =
                static_cast<double>(weights_[first_weight_[at(unit)] + at(way)]) + stock_share(unit, way);
            if (best != kNone && weight >= lightest) continue;
            lightest = weight;
            best = way;
        }
    }
    if (best == kNone) return false;
    take_way(unit, best);
    return true;
}

}  // namespace ararat::planning::scheduler
