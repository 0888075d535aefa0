// Graph views as Graphviz text and as JSON.
#include <nlohmann/json.hpp>

#include "base/join.h"
#include "planning/graph_view.h"

namespace ararat::planning {
namespace {

// A quoted string of the DOT language. Graphviz takes \n, \l and others after a backslash, so a backslash of
// the text is doubled; control characters would end up in the picture's XML and are left out.
std::string dot_quoted(std::string_view text) {
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '\n') {
            quoted += "\\n";
        } else if (c == '"' || c == '\\') {
            quoted += '\\';
            quoted += c;
        } else if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) {
            quoted += c;
        }
    }
    return quoted + "\"";
}

std::string_view dot_style(DependencyKind kind) {
    switch (kind) {
        case DependencyKind::kHard: return "solid";
        case DependencyKind::kSoft: return "dashed";
        case DependencyKind::kPair: return "dotted";
    }
    return "solid";
}

void write_node(const ViewNode& node, const std::string& indent, std::string& out) {
    std::vector<std::string> lines{node.title};
    lines.insert(lines.end(), node.lines.begin(), node.lines.end());
    if (node.critical) lines.emplace_back("on the critical path");
    out += indent + dot_quoted(node.id) + " [label=" + dot_quoted(join(lines, "\n"));
    if (node.critical) out += ", penwidth=3";
    out += "];\n";
}

}  // namespace

std::string render_dot(const GraphView& view) {
    std::string out = "digraph " + dot_quoted(view.title) + " {\n";
    out += "  label=" + dot_quoted(view.title) + ";\n  rankdir=LR;\n  node [shape=box, style=rounded];\n";
    for (std::size_t i = 0; i < view.clusters.size(); ++i) {
        const ViewCluster& cluster = view.clusters[i];
        out +=
            "  subgraph cluster_" + std::to_string(i) + " {\n    label=" + dot_quoted(cluster.title) + ";\n";
        out += "    tooltip=" + dot_quoted(join(cluster.reasons, "\n")) + ";\n";
        for (const ViewNode& node : view.nodes) {
            if (node.cluster == cluster.id) write_node(node, "    ", out);
        }
        out += "  }\n";
    }
    for (const ViewNode& node : view.nodes) {
        bool boxed = false;
        for (const ViewCluster& cluster : view.clusters) boxed = boxed || cluster.id == node.cluster;
        if (!boxed) write_node(node, "  ", out);
    }
    for (const ViewEdge& edge : view.edges) {
        out += "  " + dot_quoted(edge.from) + " -> " + dot_quoted(edge.to) +
               " [style=" + std::string(dot_style(edge.kind));
        if (edge.kind == DependencyKind::kPair) out += ", dir=none, constraint=false";
        if (edge.kind == DependencyKind::kSoft) out += ", constraint=false";
        if (edge.critical) out += ", penwidth=3";
        if (!edge.why.empty()) out += ", tooltip=" + dot_quoted(edge.why);
        out += "];\n";
    }
    return out + "}\n";
}

std::string render_json(const GraphView& view) {
    using Json = nlohmann::ordered_json;
    Json nodes = Json::array();
    for (const ViewNode& node : view.nodes) {
        nodes.push_back({{"id", node.id},
                         {"title", node.title},
                         {"lines", node.lines},
                         {"cluster", node.cluster},
                         {"critical", node.critical}});
    }
    Json clusters = Json::array();
    for (const ViewCluster& cluster : view.clusters) {
        clusters.push_back({{"id", cluster.id}, {"title", cluster.title}, {"reasons", cluster.reasons}});
    }
    Json edges = Json::array();
    for (const ViewEdge& edge : view.edges) {
        edges.push_back({{"from", edge.from},
                         {"to", edge.to},
                         {"kind", to_string(edge.kind)},
                         {"critical", edge.critical},
                         {"why", edge.why}});
    }
    const Json document{{"title", view.title}, {"nodes", nodes}, {"clusters", clusters}, {"edges", edges}};
    return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace ararat::planning
