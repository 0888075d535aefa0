// Resources, stocks and budgets of a programme.
#include <algorithm>
#include <chrono>
#include <cmath>

#include "base/units.h"
#include "planning/programme_draft.h"

namespace ararat::planning {
namespace {

using scheduler::Minute;

// kbit/s, at least one.
std::int32_t kilobits(std::uint64_t bytes_per_second) {
    constexpr std::uint64_t kMost = 2'000'000'000;
    return static_cast<std::int32_t>(std::clamp<std::uint64_t>(bytes_per_second / 125, 1, kMost));
}

void add_named(ProgrammeDraft& draft) {
    for (const auto& [name, most] : draft.plan.resources) {
        scheduler::Resource resource;
        const auto place = draft.plan.resource_places.find(name);
        const auto changes = draft.plan.resource_changes.find(name);
        if (changes == draft.plan.resource_changes.end()) {
            resource.steps.push_back({0, most});
        } else {
            resource.steps.push_back({0, 0});
            for (const CapacityChange& change : changes->second) {
                const Minute from =
                    change.from ? draft.minute_up(draft.begin_of(*change.from, change.place)) : 0;
                // Of those before the origin the last one counts.
                if (from == resource.steps.back().from) {
                    resource.steps.back().capacity = change.count;
                } else {
                    resource.steps.push_back({from, change.count});
                }
            }
        }
        draft.add_resource(
            name, std::move(resource),
            {"resource " + name, place == draft.plan.resource_places.end() ? SourcePlace{} : place->second});
    }
}

void add_links(ProgrammeDraft& draft) {
    for (const Link& link : draft.plan.links) {
        const std::string key = link_key(link.from, link.to);
        if (draft.resource_of.contains(key)) continue;
        const auto percent = static_cast<std::uint64_t>(std::clamp(link.usable_percent, 0, 100));
        const std::uint64_t usable =
            link.bytes_per_second / 100 * percent + link.bytes_per_second % 100 * percent / 100;
        draft.add_resource(key, {{{0, kilobits(usable)}}},
                           {"the link from " + link.from.str() + " to " + link.to.str(), link.place});
    }
}

void add_limits(ProgrammeDraft& draft) {
    for (const auto& [name, equipment] : draft.plan.equipment) {
        if (!equipment.moves_at_once) continue;
        const std::string kind = equipment.kind.empty() ? "equipment" : equipment.kind;
        draft.add_resource(equipment_key(name), {{{0, *equipment.moves_at_once}}},
                           {"moves at once of " + kind + " " + name, equipment.place});
    }
    for (const auto& [id, site] : draft.plan.sites) {
        if (!site.moves_at_once) continue;
        draft.add_resource(site_key(id), {{{0, *site.moves_at_once}}},
                           {"moves at once of site " + id.str(), site.place});
    }
    const SchedulingRules& rules = draft.plan.scheduling;
    if (rules.wave_hosts_max) {
        draft.add_resource(kWaveHostsKey, {{{0, *rules.wave_hosts_max}}},
                           {"hosts that are cut over at once", rules.place});
    }
}

void add_stocks(ProgrammeDraft& draft) {
    for (const auto& [name, written] : draft.plan.stocks) {
        scheduler::Stock stock;
        stock.level = written.level;
        for (const StockDelivery& delivery : written.deliveries) {
            const Minute at = draft.minute_up(draft.begin_of(delivery.at, delivery.place));
            if (at >= draft.problem.programme.horizon) continue;
            stock.deliveries.push_back({at, delivery.amount});
        }
        std::ranges::stable_sort(stock.deliveries, {}, &scheduler::Delivery::at);
        draft.stock_of.emplace(name, static_cast<std::int32_t>(draft.problem.stocks.size()));
        draft.problem.programme.stocks.push_back(std::move(stock));
        draft.problem.stocks.push_back({"stock " + name, written.place});
    }
}

std::string next_month(const std::string& month) {
    const int number = std::stoi(month.substr(5)) % 12 + 1;
    const int year = std::stoi(month.substr(0, 4)) + (number == 1 ? 1 : 0);
    return std::to_string(year) + (number < 10 ? "-0" : "-") + std::to_string(number);
}

// A month's whole length, of which the programme may see a part only.
std::vector<Duration> add_months(ProgrammeDraft& draft) {
    std::vector<Duration> lengths;
    std::string month = local_month(draft.problem.origin, draft.plan.timezone);
    auto begin = begin_of_local_day(draft.plan.timezone, month + "-01");
    while (begin.ok() && (lengths.empty() || draft.minute_up(*begin) < draft.problem.programme.horizon)) {
        draft.problem.months.push_back(month);
        draft.problem.programme.month_starts.push_back(draft.minute_up(*begin));
        month = next_month(month);
        const auto end = begin_of_local_day(draft.plan.timezone, month + "-01");
        if (!end.ok()) break;
        lengths.push_back(*end - *begin);
        begin = end;
    }
    return lengths;
}

// Whole minutes that a promise leaves of a month: 99.9% of 30 days leaves 43.
Minute allowed(Duration month, double availability_percent) {
    const double minutes = static_cast<double>(month.count()) / 60'000.0;
    // A percentage such as 99.9 has no exact form, and 1% of 30 days is 432 minutes, not 431.99.
    constexpr double kRounding = 1e-6;
    return static_cast<Minute>(std::floor(minutes * (100.0 - availability_percent) / 100.0 + kRounding));
}

void add_budgets(ProgrammeDraft& draft) {
    const std::vector<Duration> lengths = add_months(draft);
    for (const auto& [id, service] : draft.plan.services) {
        if (!service.availability_percent) continue;
        scheduler::Budget budget;
        for (std::size_t i = 0; i < lengths.size(); ++i) {
            const auto used = service.outage_used.find(draft.problem.months[i]);
            const Minute gone =
                used == service.outage_used.end() ? 0 : ProgrammeDraft::minutes_up(used->second);
            budget.left.push_back(std::max(0, allowed(lengths[i], *service.availability_percent) - gone));
        }
        draft.budget_of.emplace(id, static_cast<std::int32_t>(draft.problem.services.size()));
        draft.problem.services.push_back(id);
        draft.problem.programme.budgets.push_back(std::move(budget));
        draft.problem.budgets.push_back(
            {"what the availability of service " + id.str() + " leaves", service.place});
    }
}

}  // namespace

void add_capacities(ProgrammeDraft& draft) {
    add_named(draft);
    add_links(draft);
    add_limits(draft);
    add_stocks(draft);
    add_budgets(draft);
}

}  // namespace ararat::planning
