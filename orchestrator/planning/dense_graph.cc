#include "planning/dense_graph.h"

#include <algorithm>
#include <deque>
#include <functional>
#include <queue>

#include "base/check.h"

namespace ararat::planning {
namespace {

Index index_of(const std::vector<std::string>& sorted, const std::string& id) {
    const auto at = std::lower_bound(sorted.begin(), sorted.end(), id);
    ARARAT_CHECK(at != sorted.end() && *at == id, "an edge whose end is not a node");
    return static_cast<Index>(at - sorted.begin());
}

}  // namespace

DenseGraph make_dense(const std::map<std::string, Duration>& nodes, const std::vector<Dependency>& all) {
    DenseGraph dense;
    for (const auto& [id, expected] : nodes) {
        dense.ids.push_back(id);
        dense.expected.push_back(expected);
    }
    for (const Dependency& dependency : all) {
        if (dependency.kind == DependencyKind::kHard) dense.hard.push_back(dependency);
    }
    std::ranges::sort(dense.hard);
    const auto repeated = std::unique(dense.hard.begin(), dense.hard.end());
    dense.hard.erase(repeated, dense.hard.end());
    dense.dependents.resize(dense.ids.size());
    dense.prerequisites.resize(dense.ids.size());
    for (Index edge = 0; edge < dense.hard.size(); ++edge) {
        const Index dependent = index_of(dense.ids, dense.hard[edge].dependent);
        const Index prerequisite = index_of(dense.ids, dense.hard[edge].prerequisite);
        dense.ends.emplace_back(dependent, prerequisite);
        dense.prerequisites[dependent].push_back(edge);
        dense.dependents[prerequisite].push_back(edge);
    }
    return dense;
}

// Breadth first along prerequisites until it comes back.
std::vector<Index> shortest_circle(const DenseGraph& dense, const std::vector<Index>& component,
                                   Index start) {
    std::vector<Index> reached_by(dense.ids.size(), kNoIndex);
    std::deque<Index> queue{start};
    while (!queue.empty()) {
        const Index node = queue.front();
        queue.pop_front();
        for (const Index edge : dense.prerequisites[node]) {
            const Index next = dense.ends[edge].second;
            if (component[next] != component[start]) continue;
            if (next == start) {
                std::vector<Index> circle{edge};
                for (Index at = node; at != start; at = dense.ends[reached_by[at]].first) {
                    circle.push_back(reached_by[at]);
                }
                std::ranges::reverse(circle);
                return circle;
            }
            if (reached_by[next] != kNoIndex) continue;
            reached_by[next] = edge;
            queue.push_back(next);
        }
    }
    return {};
}

std::vector<Index> order_of(const DenseGraph& dense) {
    std::vector<std::size_t> open(dense.ids.size());
    std::priority_queue<Index, std::vector<Index>, std::greater<>> free;
    for (Index node = 0; node < dense.ids.size(); ++node) {
        open[node] = dense.prerequisites[node].size();
        if (open[node] == 0) free.push(node);
    }
    std::vector<Index> order;
    while (!free.empty()) {
        const Index node = free.top();
        free.pop();
        order.push_back(node);
        for (const Index edge : dense.dependents[node]) {
            const Index next = dense.ends[edge].first;
            if (--open[next] == 0) free.push(next);
        }
    }
    if (order.size() < dense.ids.size()) order.clear();
    return order;
}

std::vector<Index> reduced_edges(const DenseGraph& dense, const std::vector<Index>& order) {
    std::vector<std::size_t> rank(dense.ids.size());
    for (std::size_t i = 0; i < order.size(); ++i) rank[order[i]] = i;
    // reaches[n]: everything that n waits for, directly or not.
    std::vector<std::vector<bool>> reaches(dense.ids.size(), std::vector<bool>(dense.ids.size(), false));
    std::vector<Index> kept;
    for (const Index node : order) {
        std::vector<Index> edges = dense.prerequisites[node];
        // The latest prerequisite first: what it waits for is thereby known.
        std::ranges::sort(edges, [&](Index a, Index b) {
            const std::size_t rank_a = rank[dense.ends[a].second];
            const std::size_t rank_b = rank[dense.ends[b].second];
            return rank_a != rank_b ? rank_a > rank_b : a < b;
        });
        for (const Index edge : edges) {
            const Index before = dense.ends[edge].second;
            if (reaches[node][before]) continue;
            kept.push_back(edge);
            reaches[node][before] = true;
            for (std::size_t i = 0; i < dense.ids.size(); ++i) {
                if (reaches[before][i]) reaches[node][i] = true;
            }
        }
    }
    std::ranges::sort(kept);
    return kept;
}

}  // namespace ararat::planning
