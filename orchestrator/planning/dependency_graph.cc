// Boost.Graph is used here for strongly connected components and for minimum cuts. Orders and chains
// are our own (Kahn 1962, with a heap), because ties must go by id.
#include "planning/dependency_graph.h"

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/compressed_sparse_row_graph.hpp>
#include <boost/graph/edmonds_karp_max_flow.hpp>
#include <boost/graph/strong_components.hpp>
#include <boost/property_map/property_map.hpp>
#include <limits>
#include <utility>

#include "base/join.h"
#include "planning/dense_graph.h"

namespace ararat::planning {
namespace {

// An exact minimum cut asks for two flows a node.
constexpr std::size_t kExactCutNodesMax = 200;
constexpr std::size_t kExactCutEdgesMax = 5000;

// Component numbers in order of the smallest node of each.
std::vector<Index> component_of_nodes(const DenseGraph& dense, std::size_t& count) {
    using Graph = boost::compressed_sparse_row_graph<boost::directedS>;
    const Graph graph(boost::edges_are_unsorted_multi_pass, dense.ends.begin(), dense.ends.end(),
                      dense.ids.size());
    std::vector<Index> raw(dense.ids.size());
    const auto index_map = boost::get(boost::vertex_index, graph);
    boost::strong_components(graph, boost::make_iterator_property_map(raw.begin(), index_map));
    std::vector<Index> renamed(dense.ids.size(), kNoIndex);
    Index next = 0;
    for (Index& component : raw) {
        if (renamed[component] == kNoIndex) renamed[component] = next++;
        component = renamed[component];
    }
    count = next;
    return raw;
}

// ---- cheapest cut ----

struct LocalEdge {
    std::size_t from;
    std::size_t to;
    std::int64_t cost;
};

using FlowTraits = boost::adjacency_list_traits<boost::vecS, boost::vecS, boost::directedS>;
using FlowGraph = boost::adjacency_list<
    boost::vecS, boost::vecS, boost::directedS,
    boost::property<boost::vertex_color_t, boost::default_color_type,
                    boost::property<boost::vertex_predecessor_t, FlowTraits::edge_descriptor>>,
    boost::property<boost::edge_capacity_t, std::int64_t,
                    boost::property<boost::edge_residual_capacity_t, std::int64_t,
                                    boost::property<boost::edge_reverse_t, FlowTraits::edge_descriptor>>>>;

struct Cut {
    std::int64_t cost = std::numeric_limits<std::int64_t>::max();
    std::vector<bool> source_side;
};

// Minimum cut of the edges that lead from s's side to t's side.
Cut cut_between(const std::vector<LocalEdge>& edges, std::size_t count, std::size_t s, std::size_t t) {
    FlowGraph graph(count);
    auto capacity = boost::get(boost::edge_capacity, graph);
    auto reverse = boost::get(boost::edge_reverse, graph);
    for (const LocalEdge& edge : edges) {
        const auto forward = boost::add_edge(edge.from, edge.to, graph).first;
        const auto backward = boost::add_edge(edge.to, edge.from, graph).first;
        capacity[forward] = edge.cost;
        capacity[backward] = 0;
        reverse[forward] = backward;
        reverse[backward] = forward;
    }
    Cut cut;
    cut.cost = boost::edmonds_karp_max_flow(graph, s, t);
    // The source's side: what it still reaches along edges that are not full.
    const auto residual = boost::get(boost::edge_residual_capacity, graph);
    cut.source_side.resize(count);
    cut.source_side[s] = true;
    std::vector<std::size_t> reached{s};
    while (!reached.empty()) {
        const std::size_t node = reached.back();
        reached.pop_back();
        const auto [first, last] = boost::out_edges(node, graph);
        for (auto edge = first; edge != last; ++edge) {
            const std::size_t next = boost::target(*edge, graph);
            if (cut.source_side[next] || boost::get(residual, *edge) == 0) continue;
            cut.source_side[next] = true;
            reached.push_back(next);
        }
    }
    return cut;
}

Cut exact_cut(const std::vector<LocalEdge>& edges, std::size_t count) {
    Cut best;
    for (std::size_t other = 1; other < count; ++other) {
        for (const bool from_first : {true, false}) {
            Cut cut = from_first ? cut_between(edges, count, 0, other) : cut_between(edges, count, other, 0);
            if (cut.cost < best.cost) best = std::move(cut);
        }
    }
    return best;
}

// The cheapest cut that separates a single node: an upper bound for large components.
Cut single_node_cut(const std::vector<LocalEdge>& edges, std::size_t count) {
    std::vector<std::int64_t> in(count, 0);
    std::vector<std::int64_t> out(count, 0);
    for (const LocalEdge& edge : edges) {
        out[edge.from] += edge.cost;
        in[edge.to] += edge.cost;
    }
    const auto out_best = std::ranges::min_element(out);
    const auto in_best = std::ranges::min_element(in);
    Cut cut;
    cut.cost = std::min(*out_best, *in_best);
    if (*out_best <= *in_best) {
        cut.source_side.assign(count, false);
        cut.source_side[static_cast<std::size_t>(out_best - out.begin())] = true;
    } else {
        cut.source_side.assign(count, true);
        cut.source_side[static_cast<std::size_t>(in_best - in.begin())] = false;
    }
    return cut;
}

void set_cut(const DenseGraph& dense, const std::vector<Index>& members, const std::vector<Index>& inside,
             Cycle& cycle) {
    std::vector<LocalEdge> edges;
    std::vector<Index> kept;
    for (const Index edge : inside) {
        const auto [dependent, prerequisite] = dense.ends[edge];
        if (dependent == prerequisite) {
            cycle.cut.push_back(dense.hard[edge]);  // a thing that waits for itself: nothing else helps
            continue;
        }
        const auto local = [&](Index node) {
            return static_cast<std::size_t>(std::ranges::lower_bound(members, node) - members.begin());
        };
        edges.push_back({local(dependent), local(prerequisite), dense.hard[edge].cost});
        kept.push_back(edge);
    }
    cycle.cut_is_minimal = members.size() <= kExactCutNodesMax && edges.size() <= kExactCutEdgesMax;
    if (members.size() < 2) return;
    const Cut cut =
        cycle.cut_is_minimal ? exact_cut(edges, members.size()) : single_node_cut(edges, members.size());
    for (std::size_t i = 0; i < edges.size(); ++i) {
        if (cut.source_side[edges[i].from] && !cut.source_side[edges[i].to]) {
            cycle.cut.push_back(dense.hard[kept[i]]);
        }
    }
    std::ranges::sort(cycle.cut);
}

Cycle make_cycle(const DenseGraph& dense, const std::vector<Index>& component,
                 const std::vector<Index>& members) {
    Cycle cycle;
    std::vector<Index> inside;
    for (const Index node : members) {
        cycle.nodes.push_back(dense.ids[node]);
        for (const Index edge : dense.prerequisites[node]) {
            if (component[dense.ends[edge].second] == component[node]) inside.push_back(edge);
        }
    }
    std::ranges::sort(inside);
    for (const Index edge : inside) cycle.edges.push_back(dense.hard[edge]);
    for (const Index edge : shortest_circle(dense, component, members.front())) {
        cycle.shortest.push_back(dense.hard[edge]);
    }
    set_cut(dense, members, inside, cycle);
    return cycle;
}

std::vector<Cycle> cycles_of(const DenseGraph& dense) {
    std::size_t count = 0;
    const std::vector<Index> component = component_of_nodes(dense, count);
    std::vector<std::vector<Index>> members(count);
    std::vector<bool> own_circle(count, false);
    for (Index node = 0; node < component.size(); ++node) members[component[node]].push_back(node);
    for (const auto& [dependent, prerequisite] : dense.ends) {
        if (dependent == prerequisite) own_circle[component[dependent]] = true;
    }
    std::vector<Cycle> cycles;
    for (std::size_t i = 0; i < count; ++i) {
        if (members[i].size() > 1 || own_circle[i])
            cycles.push_back(make_cycle(dense, component, members[i]));
    }
    return cycles;
}

Error cycles_error(const DenseGraph& dense) {
    std::vector<std::string> lines;
    for (const Cycle& cycle : cycles_of(dense)) lines.push_back(describe(cycle));
    return Error{ErrorCode::kFailedPrecondition, join(lines, "\n")};
}

}  // namespace

std::string_view to_string(DependencyKind kind) {
    switch (kind) {
        case DependencyKind::kHard: return "needs";
        case DependencyKind::kSoft: return "uses";
        case DependencyKind::kPair: return "pairs-with";
    }
    return "unknown";
}

std::string to_string(const Dependency& dependency) {
    std::string text =
        dependency.dependent + " " + std::string(to_string(dependency.kind)) + " " + dependency.prerequisite;
    if (dependency.place.line > 0) text += " (" + to_string(dependency.place) + ")";
    return text;
}

std::string describe(const Cycle& cycle) {
    std::vector<std::string> texts;
    for (const Dependency& edge : cycle.shortest) texts.push_back(to_string(edge));
    return "these wait for each other: " + join(texts, ", ");
}

void DependencyGraph::add_node(const std::string& id, Duration expected) { nodes_[id] = expected; }

Result<void> DependencyGraph::add(Dependency dependency) {
    for (const std::string* end : {&dependency.dependent, &dependency.prerequisite}) {
        if (!nodes_.contains(*end)) {
            return Error{ErrorCode::kNotFound,
                         to_string(dependency) + ": there is nothing named '" + *end + "'"};
        }
    }
    if (dependency.cost < 1) {
        return Error{ErrorCode::kInvalidArgument, to_string(dependency) + ": a cost below 1"};
    }
    edges_.push_back(std::move(dependency));
    return {};
}

std::vector<std::string> DependencyGraph::nodes() const {
    std::vector<std::string> ids;
    for (const auto& [id, expected] : nodes_) ids.push_back(id);
    return ids;
}

std::vector<Dependency> DependencyGraph::dependencies() const {
    std::vector<Dependency> sorted = edges_;
    std::ranges::sort(sorted);
    const auto repeated = std::unique(sorted.begin(), sorted.end());
    sorted.erase(repeated, sorted.end());
    return sorted;
}

std::vector<Cycle> DependencyGraph::cycles() const { return cycles_of(make_dense(nodes_, edges_)); }

std::vector<std::vector<std::string>> DependencyGraph::components() const {
    const DenseGraph dense = make_dense(nodes_, edges_);
    std::size_t count = 0;
    const std::vector<Index> component = component_of_nodes(dense, count);
    std::vector<std::vector<std::string>> result(count);
    for (std::size_t node = 0; node < component.size(); ++node) {
        result[component[node]].push_back(dense.ids[node]);
    }
    return result;
}

Result<std::vector<std::string>> DependencyGraph::topological_order() const {
    const DenseGraph dense = make_dense(nodes_, edges_);
    const std::vector<Index> order = order_of(dense);
    if (order.empty() && !dense.ids.empty()) return cycles_error(dense);
    std::vector<std::string> ids;
    ids.reserve(order.size());
    for (const Index node : order) ids.push_back(dense.ids[node]);
    return ids;
}

Result<CriticalPath> DependencyGraph::critical_path() const {
    const DenseGraph dense = make_dense(nodes_, edges_);
    const std::vector<Index> order = order_of(dense);
    if (order.empty() && !dense.ids.empty()) return cycles_error(dense);
    std::vector<Duration> finish(dense.ids.size());
    std::vector<Index> waits_for(dense.ids.size(), kNoIndex);
    Index last = kNoIndex;
    for (const Index node : order) {
        Duration ready{0};
        for (const Index edge : dense.prerequisites[node]) {
            const Index before = dense.ends[edge].second;
            if (waits_for[node] == kNoIndex || finish[before] > ready) {
                ready = finish[before];
                waits_for[node] = before;
            }
        }
        finish[node] = ready + dense.expected[node];
        if (last == kNoIndex || finish[node] > finish[last]) last = node;
    }
    CriticalPath path;
    if (last == kNoIndex) return path;
    path.length = finish[last];
    for (Index node = last; node != kNoIndex; node = waits_for[node]) path.nodes.push_back(dense.ids[node]);
    std::ranges::reverse(path.nodes);
    return path;
}

std::vector<Dependency> DependencyGraph::reduced(std::size_t nodes_max) const {
    const DenseGraph dense = make_dense(nodes_, edges_);
    const std::vector<Index> order = order_of(dense);
    if (dense.ids.size() > nodes_max || order.empty()) return dense.hard;
    std::vector<Dependency> kept;
    for (const Index edge : reduced_edges(dense, order)) kept.push_back(dense.hard[edge]);
    return kept;
}

}  // namespace ararat::planning
