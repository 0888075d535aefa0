#include "planning/programme_demands.h"

#include <algorithm>
#include <map>
#include <set>

namespace ararat::planning {
namespace {

constexpr std::uint64_t kBytesPerGib = std::uint64_t{1} << 30U;

std::int32_t gibibytes(std::uint64_t bytes) {
    constexpr std::uint64_t kMost = 1'000'000'000;
    return static_cast<std::int32_t>(
        std::min(bytes / kBytesPerGib + (bytes % kBytesPerGib == 0 ? 0 : 1), kMost));
}

std::int32_t counted(const Host& host, StockCounts counts) {
    switch (counts) {
        case StockCounts::kNothing: return 0;
        case StockCounts::kCpus: return host.cpus;
        case StockCounts::kMemory: return gibibytes(host.memory_bytes);
        case StockCounts::kDisk: return gibibytes(host.disk_bytes);
    }
    return 0;
}

}  // namespace

void add_move_limits(const ProgrammeDraft& draft, const PlannedWay& way,
                     const std::vector<std::size_t>& pairs, WaySpec& spec) {
    std::map<std::string, std::int32_t> hosts;
    for (const std::size_t i : pairs) {
        const HostPair& pair = way.pairs[i];
        std::set<std::string> touched{site_key(pair.source->site)};
        if (!pair.site.empty()) touched.insert(site_key(pair.site));
        for (const Host* host : {pair.source, pair.target}) {
            if (host == nullptr) continue;
            for (const std::string& name : host->equipment) touched.insert(equipment_key(name));
        }
        for (const std::string& key : touched) ++hosts[key];
    }
    for (const auto& [key, count] : hosts) add_moves_at_once(draft, key, count, spec);
}

void take_stocks(const ProgrammeDraft& draft, const PlannedWay& way, WaySpec& spec) {
    std::map<std::int32_t, std::int32_t> taken;
    for (const auto& [name, amount] : way.takes) {
        const auto stock = draft.stock_of.find(name);
        if (stock != draft.stock_of.end()) taken[stock->second] += amount;
    }
    for (const auto& [name, stock] : draft.plan.stocks) {
        if (stock.counts == StockCounts::kNothing) continue;
        for (const HostPair& pair : way.pairs) {
            if (pair.site != stock.site) continue;
            // What is not said of the new host is taken to be as of the old one.
            const std::int32_t own = pair.target == nullptr ? 0 : counted(*pair.target, stock.counts);
            taken[draft.stock_of.at(name)] += own > 0 ? own : counted(*pair.source, stock.counts);
        }
    }
    for (const auto& [stock, amount] : taken) {
        if (amount > 0) spec.stock_changes.push_back({stock, -amount, 0});
    }
}

void free_stocks(const ProgrammeDraft& draft, const MoveGroup& group, WaySpec& spec) {
    std::map<std::int32_t, std::int32_t> freed;
    for (const ApplicationId& id : group.applications) {
        for (const auto& [name, amount] : draft.plan.applications.at(id).frees) {
            const auto stock = draft.stock_of.find(name);
            if (stock != draft.stock_of.end()) freed[stock->second] += amount;
        }
    }
    for (const auto& [stock, amount] : freed) {
        if (amount > 0) spec.stock_changes.push_back({stock, 0, amount});
    }
}

void add_outages(const ProgrammeDraft& draft, const PlannedWay& way, WaySpec& spec) {
    using Span = std::pair<Duration, Duration>;
    std::map<std::int32_t, std::vector<Span>> by_service;
    for (const ServiceOutage& outage : way.outages) {
        by_service[draft.budget_of.at(outage.service)].emplace_back(outage.offset,
                                                                    outage.offset + outage.length);
    }
    for (auto& [service, spans] : by_service) {
        std::ranges::sort(spans);
        std::vector<Span> merged;
        for (const Span& span : spans) {
            if (merged.empty() || span.first > merged.back().second) {
                merged.push_back(span);
            } else {
                merged.back().second = std::max(merged.back().second, span.second);
            }
        }
        for (const Span& span : merged) {
            const auto from = std::chrono::floor<std::chrono::minutes>(span.first);
            spec.outages.push_back({service, static_cast<scheduler::Minute>(from.count()),
                                    ProgrammeDraft::minutes_up(span.second - from)});
        }
    }
}

}  // namespace ararat::planning
