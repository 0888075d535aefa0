// Where each node of a graph view goes in a picture: layers from left to right (Sugiyama, Tagawa and
// Toda 1981), crossings reduced by barycentres. Boxed clusters stay together in one layer; lanes run
// through all layers. Lengths are in pixels at scale 1.
// Thread promise: a function of its arguments.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "planning/graph_view.h"

namespace ararat::planning {

struct Box {
    int x = 0;
    int y = 0;
    int width = 0;
    int height = 0;
};

struct SvgLayout {
    std::vector<Box> nodes;     // as GraphView::nodes
    std::vector<Box> clusters;  // as GraphView::clusters
    // As GraphView::edges: where an edge that passes over layers goes through each of them, from left to
    // right. No box stands there.
    std::vector<std::vector<Box>> passages;
    int width = 0;
    int height = 0;
};

inline constexpr int kLineHeight = 16;
inline constexpr int kTitleBand = 64;  // above the drawing: title and legend
inline constexpr std::size_t kLineCharactersMax = 48;

[[nodiscard]] SvgLayout lay_out(const GraphView& view);

// At most kLineCharactersMax code points, the last one an ellipsis where something was cut off.
[[nodiscard]] std::string shortened(const std::string& text);

}  // namespace ararat::planning
