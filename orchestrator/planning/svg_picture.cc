// A graph view as an SVG picture. Nothing is told by colour alone: kinds of dependency differ in their
// dashes, the critical path in its thickness and in words. All text is escaped.
#include <algorithm>
#include <map>

#include "base/join.h"
#include "planning/svg_layout.h"

namespace ararat::planning {
namespace {

std::string xml_escaped(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        switch (c) {
            case '&': escaped += "&amp;"; break;
            case '<': escaped += "&lt;"; break;
            case '>': escaped += "&gt;"; break;
            case '"': escaped += "&quot;"; break;
            case '\'': escaped += "&#39;"; break;
            default:
                // XML 1.0 allows no other control characters.
                if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t') escaped += c;
        }
    }
    return escaped;
}

std::string number(int value) { return std::to_string(value); }

std::string rectangle(const Box& box, std::string_view style) {
    return "<rect class=\"" + std::string(style) + "\" x=\"" + number(box.x) + "\" y=\"" + number(box.y) +
           "\" width=\"" + number(box.width) + "\" height=\"" + number(box.height) + "\" rx=\"6\"/>";
}

std::string text_at(int x, int y, std::string_view style, const std::string& text) {
    return "<text class=\"" + std::string(style) + "\" x=\"" + number(x) + "\" y=\"" + number(y) + "\">" +
           xml_escaped(shortened(text)) + "</text>";
}

std::string_view edge_style(const ViewEdge& edge) {
    switch (edge.kind) {
        case DependencyKind::kHard: return edge.critical ? "hard critical" : "hard";
        case DependencyKind::kSoft: return "soft";
        case DependencyKind::kPair: return "pair";
    }
    return "hard";
}

struct Point {
    int x = 0;
    int y = 0;
};

std::string curve(Point from, int bend_from, Point to, int bend_to) {
    return " C " + number(from.x + bend_from) + " " + number(from.y) + ", " + number(to.x + bend_to) + " " +
           number(to.y) + ", " + number(to.x) + " " + number(to.y);
}

// From the right side to the left, by way of the edge's passages; within one column an arc along the right
// side; from a later column back to an earlier one between their facing sides.
std::string edge_path(const Box& from, const std::vector<Box>& passages, const Box& to) {
    Point at{from.x + from.width, from.y + from.height / 2};
    Point end{to.x, to.y + to.height / 2};
    std::string path = "M " + number(at.x) + " " + number(at.y);
    if (to.x + to.width <= from.x) {
        at.x = from.x;
        end.x = to.x + to.width;
        const int bend = std::max(28, (at.x - end.x) / 2);
        return "M " + number(at.x) + " " + number(at.y) + curve(at, -bend, end, bend);
    }
    if (to.x < at.x) {
        end.x = to.x + to.width;
        const int bend = std::max(at.x, end.x) + 36;
        return path + curve(at, bend - at.x, end, bend - end.x);
    }
    const auto go_on = [&](Point next) {
        const int bend = std::max(28, (next.x - at.x) / 2);
        path += curve(at, bend, next, -bend);
        at = next;
    };
    for (const Box& passage : passages) {
        go_on({passage.x, passage.y + passage.height / 2});
        at.x += passage.width;
        path += " L " + number(at.x) + " " + number(at.y);
    }
    go_on(end);
    return path;
}

constexpr std::string_view kStyle =
    "<style>\n"
    "  text { font-family: sans-serif; font-size: 12px; fill: #1a1a1a; }\n"
    "  .heading { font-size: 16px; font-weight: bold; }\n"
    "  .title { font-weight: bold; }\n"
    "  .node { fill: #ffffff; stroke: #44566c; stroke-width: 1.2; }\n"
    "  .node.critical { stroke: #8a1c1c; stroke-width: 3; }\n"
    "  .cluster { fill: #eef2f6; stroke: #8795a6; stroke-width: 1; }\n"
    "  path { fill: none; stroke: #44566c; stroke-width: 1.2; }\n"
    "  .soft { stroke-dasharray: 7 4; }\n"
    "  .pair { stroke-dasharray: 2 4; }\n"
    "  .hard.critical { stroke: #8a1c1c; stroke-width: 3; }\n"
    "</style>\n"
    "<defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"8\" "
    "markerHeight=\"8\" "
    "markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path d=\"M 0 0 L 8 4 L 0 8 z\" style=\"fill:#44566c\"/>"
    "</marker></defs>\n";

std::string legend() {
    const auto line = [](int x, std::string_view style, const std::string& text) {
        return "<path class=\"" + std::string(style) + "\" d=\"M " + number(x) + " 48 L " + number(x + 34) +
               " 48\"/>" + text_at(x + 40, 52, "legend", text);
    };
    return line(24, "hard", "needs") + line(124, "soft", "uses") + line(214, "pair", "pairs with") +
           line(334, "hard critical", "critical path") +
           text_at(480, 52, "legend", "an arrow points to what waits") + "\n";
}

void write_node(const ViewNode& node, const Box& box, std::string& out) {
    std::vector<std::string> all{node.id};
    all.insert(all.end(), node.lines.begin(), node.lines.end());
    if (node.critical) all.emplace_back("on the critical path");
    out += "<g><title>" + xml_escaped(join(all, "\n")) + "</title>";
    out += rectangle(box, node.critical ? "node critical" : "node");
    int y = box.y + kLineHeight + 4;
    out += text_at(box.x + 10, y, "title", node.title);
    for (const std::string& line : node.lines) out += text_at(box.x + 10, y += kLineHeight, "line", line);
    out += "</g>\n";
}

void write_edges(const GraphView& view, const SvgLayout& layout, std::string& out) {
    std::map<std::string, std::size_t> node_of;
    for (std::size_t n = 0; n < view.nodes.size(); ++n) node_of[view.nodes[n].id] = n;
    for (std::size_t e = 0; e < view.edges.size(); ++e) {
        const ViewEdge& edge = view.edges[e];
        const auto from = node_of.find(edge.from);
        const auto to = node_of.find(edge.to);
        if (from == node_of.end() || to == node_of.end()) continue;
        const std::string why = edge.why.empty() ? edge.to + " waits for " + edge.from : edge.why;
        out += "<path class=\"" + std::string(edge_style(edge)) + "\"";
        if (edge.kind != DependencyKind::kPair) out += " marker-end=\"url(#arrow)\"";
        out += " d=\"" + edge_path(layout.nodes[from->second], layout.passages[e], layout.nodes[to->second]) +
               "\"><title>" + xml_escaped(why) + "</title></path>\n";
    }
}

}  // namespace

std::string render_svg(const GraphView& view) {
    const SvgLayout layout = lay_out(view);
    const std::string size = number(layout.width) + " " + number(layout.height);
    std::string out =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" "
        "role=\"img\" width=\"" +
        number(layout.width) + "\" height=\"" + number(layout.height) + "\" viewBox=\"0 0 " + size +
        "\">\n<title>" + xml_escaped(view.title) + "</title>\n<desc>" +
        number(static_cast<int>(view.nodes.size())) + " nodes, " +
        number(static_cast<int>(view.edges.size())) +
        " dependencies; an arrow points to what waits.</desc>\n";
    out += kStyle;
    out += "<rect width=\"" + number(layout.width) + "\" height=\"" + number(layout.height) +
           "\" fill=\"#ffffff\"/>\n";
    out += "<text class=\"heading\" x=\"24\" y=\"28\">" + xml_escaped(view.title) + "</text>\n" + legend();
    for (std::size_t i = 0; i < view.clusters.size(); ++i) {
        const ViewCluster& cluster = view.clusters[i];
        const Box& box = layout.clusters[i];
        if (box.width == 0) continue;
        const std::string reasons = cluster.reasons.empty() ? cluster.title : join(cluster.reasons, "\n");
        out += "<g><title>" + xml_escaped(reasons) + "</title>" + rectangle(box, "cluster") +
               text_at(box.x + 10, box.y + 15, "title", cluster.title) + "</g>\n";
    }
    write_edges(view, layout, out);
    for (std::size_t n = 0; n < view.nodes.size(); ++n) write_node(view.nodes[n], layout.nodes[n], out);
    return out + "</svg>\n";
}

}  // namespace ararat::planning
