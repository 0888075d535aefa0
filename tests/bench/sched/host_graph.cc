#include <algorithm>
#include <numeric>

#include "bench/sched/programme_generator.h"
#include "planning/scheduler/dice.h"

namespace ararat::bench {
namespace {

using planning::scheduler::Dice;

std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }

// Roots are the lowest hosts of their groups; paths are halved on the way.
std::int32_t root_of(std::vector<std::int32_t>& parent, std::int32_t host) {
    while (parent[at(host)] != host) {
        parent[at(host)] = parent[at(parent[at(host)])];
        host = parent[at(host)];
    }
    return host;
}

}  // namespace

HostGraph host_graph(std::int32_t hosts, std::int64_t edges, std::uint64_t seed) {
    constexpr std::uint32_t kNeighbours = 40;  // edges are mostly local: applications with their databases
    Dice dice(seed);
    HostGraph graph;
    graph.hosts = hosts;
    graph.edges.reserve(static_cast<std::size_t>(edges));
    const auto count = static_cast<std::uint32_t>(hosts);
    for (std::int64_t i = 0; i < edges && hosts > 1; ++i) {
        HostEdge edge;
        const std::uint32_t from = dice.below(count);
        const std::uint32_t kind = dice.below(100);
        edge.from = static_cast<std::int32_t>(from);
        // What moves together are neighbours within one application, of six hosts at most.
        const bool together = kind < 20;
        const std::uint32_t block = from - from % 6;
        const std::uint32_t to = together              ? block + dice.below(std::min(6U, count - block))
                                 : dice.below(20) == 0 ? dice.below(count)
                                                       : std::min(count - 1, from + dice.below(kNeighbours));
        edge.to = static_cast<std::int32_t>(to);
        edge.kind = together    ? (dice.below(5) < 4 ? HostEdge::Kind::kTogether : HostEdge::Kind::kSoft)
                    : kind < 24 ? HostEdge::Kind::kBefore
                                : HostEdge::Kind::kSoft;
        graph.edges.push_back(edge);
    }
    return graph;
}

HostGroups groups_of(const HostGraph& graph) {
    std::vector<std::int32_t> parent(at(graph.hosts));
    std::iota(parent.begin(), parent.end(), 0);
    for (const HostEdge& edge : graph.edges) {
        if (edge.kind != HostEdge::Kind::kTogether) continue;
        const std::int32_t a = root_of(parent, edge.from);
        const std::int32_t b = root_of(parent, edge.to);
        parent[at(std::max(a, b))] = std::min(a, b);
    }
    HostGroups groups;
    groups.group_of.resize(at(graph.hosts));
    for (std::int32_t host = 0; host < graph.hosts; ++host) {
        const std::int32_t root = root_of(parent, host);
        if (root == host) {
            groups.group_of[at(host)] = groups.count++;
            groups.size.push_back(1);
        } else {
            groups.group_of[at(host)] = groups.group_of[at(root)];
            ++groups.size[at(groups.group_of[at(root)])];
        }
    }
    for (const HostEdge& edge : graph.edges) {
        if (edge.kind != HostEdge::Kind::kBefore) continue;
        const auto [from, to] = std::minmax(groups.group_of[at(edge.from)], groups.group_of[at(edge.to)]);
        if (from != to) groups.orders.push_back({from, to});
    }
    std::sort(groups.orders.begin(), groups.orders.end());
    groups.orders.erase(std::unique(groups.orders.begin(), groups.orders.end()), groups.orders.end());
    return groups;
}

}  // namespace ararat::bench
