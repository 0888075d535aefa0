#include "planning/svg_layout.h"

#include <algorithm>

namespace ararat::planning {
namespace {

constexpr int kCharacterWidth = 7;
constexpr int kPadding = 10;
constexpr int kColumnGap = 72;
constexpr int kRowGap = 18;
constexpr int kMargin = 24;
constexpr int kClusterTitle = 22;
constexpr int kArcRoom = 24;  // for arcs at the right of the last column
constexpr int kSweeps = 6;
constexpr int kPassageHeight = 6;
constexpr std::size_t kPassagesMax = 20'000;  // more edges than that are drawn straight
constexpr std::size_t kStackMax = 16;         // blocks in one column; a fuller layer takes several columns

std::size_t code_points(const std::string& text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

Box size_of(const ViewNode& node) {
    std::size_t longest = code_points(shortened(node.title));
    for (const std::string& line : node.lines) longest = std::max(longest, code_points(shortened(line)));
    const int lines = 1 + static_cast<int>(node.lines.size());
    return {0, 0, std::max(90, static_cast<int>(longest) * kCharacterWidth + 2 * kPadding),
            lines * kLineHeight + 2 * kPadding};
}

// What moves as one through the layout: a node, a boxed cluster with its nodes stacked, or (without
// nodes) the passage of a long edge through a layer.
struct Block {
    std::vector<std::size_t> nodes;
    std::size_t cluster = 0;  // index + 1; 0: none
    int layer = 0;
    double order = 0;
    Box box;
};

class Layouter {
public:
    explicit Layouter(const GraphView& view) : view_(view) {
        for (std::size_t i = 0; i < view.clusters.size(); ++i) cluster_index_[view.clusters[i].id] = i + 1;
        for (const ViewNode& node : view.nodes) layout_.nodes.push_back(size_of(node));
        layout_.clusters.resize(view.clusters.size());
    }

    SvgLayout run() {
        make_blocks();
        connect();
        assign_layers();
        make_passages();
        reduce_crossings();
        if (view_.lanes) {
            place_lanes();
        } else {
            place_columns();
        }
        tell_passages();
        return std::move(layout_);
    }

private:
    void make_blocks() {
        std::map<std::size_t, std::size_t> block_of_cluster;
        block_of_.resize(view_.nodes.size());
        for (std::size_t n = 0; n < view_.nodes.size(); ++n) {
            const auto found = cluster_index_.find(view_.nodes[n].cluster);
            const std::size_t cluster = found == cluster_index_.end() ? 0 : found->second;
            std::size_t block = blocks_.size();
            if (cluster != 0 && !view_.lanes) {
                block = block_of_cluster.try_emplace(cluster, blocks_.size()).first->second;
            }
            if (block == blocks_.size()) blocks_.push_back({{}, cluster, 0, 0, {}});
            blocks_[block].nodes.push_back(n);
            block_of_[n] = block;
        }
        for (Block& block : blocks_) {
            const bool boxed = block.cluster != 0 && !view_.lanes;
            for (const std::size_t n : block.nodes) {
                block.box.width =
                    std::max(block.box.width, layout_.nodes[n].width + (boxed ? 2 * kPadding : 0));
                block.box.height += layout_.nodes[n].height + (block.box.height > 0 ? kRowGap : 0);
            }
            if (boxed) {
                // The box's title must fit too.
                const std::string title = shortened(view_.clusters[block.cluster - 1].title);
                const int title_width = static_cast<int>(code_points(title)) * kCharacterWidth + 2 * kPadding;
                block.box.width = std::max(block.box.width, title_width);
                block.box.height += kClusterTitle + kPadding;
            }
        }
    }

    void connect() {
        std::map<std::string, std::size_t> node_of;
        for (std::size_t n = 0; n < view_.nodes.size(); ++n) node_of[view_.nodes[n].id] = n;
        before_.resize(blocks_.size());
        after_.resize(blocks_.size());
        for (const ViewEdge& edge : view_.edges) {
            const auto from = node_of.find(edge.from);
            const auto to = node_of.find(edge.to);
            const bool drawn = from != node_of.end() && to != node_of.end();
            ends_.emplace_back(drawn ? block_of_[from->second] : 0, drawn ? block_of_[to->second] : 0);
            const auto& [first, then] = ends_.back();
            if (edge.kind == DependencyKind::kHard && first != then) join(first, then);
        }
    }

    void join(std::size_t first, std::size_t then) {
        after_[first].push_back(then);
        before_[then].push_back(first);
    }

    // As far left as what comes first allows. Blocks that wait for each other stay in the first layer
    // that the order reaches.
    void assign_layers() {
        std::vector<std::size_t> open(blocks_.size());
        std::vector<std::size_t> ready;
        for (std::size_t block = 0; block < blocks_.size(); ++block) {
            open[block] = before_[block].size();
            if (open[block] == 0) ready.push_back(block);
        }
        for (std::size_t at = 0; at < ready.size(); ++at) {
            for (const std::size_t next : after_[ready[at]]) {
                blocks_[next].layer = std::max(blocks_[next].layer, blocks_[ready[at]].layer + 1);
                if (--open[next] == 0) ready.push_back(next);
            }
        }
        for (const Block& block : blocks_) {
            layers_.resize(std::max(layers_.size(), static_cast<std::size_t>(block.layer) + 1));
        }
        for (std::size_t block = 0; block < blocks_.size(); ++block) enter_layer(block);
    }

    void enter_layer(std::size_t block) {
        std::vector<std::size_t>& layer = layers_[static_cast<std::size_t>(blocks_[block].layer)];
        blocks_[block].order = static_cast<double>(layer.size());
        layer.push_back(block);
    }

    // An edge over several layers gets a place of its own in each, so that it passes between boxes.
    void make_passages() {
        for (auto* neighbours : {&before_, &after_}) {
            for (auto& list : *neighbours) list.clear();
        }
        passages_.resize(ends_.size());
        std::size_t count = 0;
        for (std::size_t e = 0; e < ends_.size(); ++e) {
            const auto [first, then] = ends_[e];
            std::size_t last = first;
            for (int layer = blocks_[first].layer + 1; layer < blocks_[then].layer; ++layer) {
                if (++count > kPassagesMax) break;
                const std::size_t passage = blocks_.size();
                blocks_.push_back({{}, view_.lanes ? blocks_[first].cluster : 0, layer, 0, {}});
                blocks_.back().box.height = kPassageHeight;
                before_.emplace_back();
                after_.emplace_back();
                enter_layer(passage);
                passages_[e].push_back(passage);
                join(last, passage);
                last = passage;
            }
            if (blocks_[last].layer < blocks_[then].layer) join(last, then);
        }
    }

    void tell_passages() {
        for (const std::vector<std::size_t>& passages : passages_) {
            std::vector<Box> boxes;
            for (const std::size_t passage : passages) boxes.push_back(blocks_[passage].box);
            layout_.passages.push_back(std::move(boxes));
        }
    }

    void reduce_crossings() {
        for (int sweep = 0; sweep < kSweeps; ++sweep) {
            const bool forward = sweep % 2 == 0;
            for (std::size_t i = 0; i < layers_.size(); ++i) {
                sort_layer(layers_[forward ? i : layers_.size() - 1 - i], forward ? before_ : after_);
            }
        }
    }

    void sort_layer(std::vector<std::size_t>& layer,
                    const std::vector<std::vector<std::size_t>>& neighbours) {
        std::map<std::size_t, double> centre;
        for (const std::size_t block : layer) {
            double sum = 0;
            for (const std::size_t neighbour : neighbours[block]) sum += blocks_[neighbour].order;
            const auto count = static_cast<double>(neighbours[block].size());
            centre[block] = count > 0 ? sum / count : blocks_[block].order;
        }
        std::ranges::stable_sort(layer, {}, [&](std::size_t block) { return centre.at(block); });
        for (std::size_t i = 0; i < layer.size(); ++i) blocks_[layer[i]].order = static_cast<double>(i);
    }

    // ---- boxes ----

    void place_columns() {
        std::vector<std::vector<std::size_t>> columns;
        for (const std::vector<std::size_t>& layer : layers_) {
            for (std::size_t at = 0; at < layer.size(); at += kStackMax) {
                const auto first = layer.begin() + static_cast<std::ptrdiff_t>(at);
                const auto count = static_cast<std::ptrdiff_t>(std::min(kStackMax, layer.size() - at));
                columns.emplace_back(first, first + count);
            }
        }
        int tallest = 0;
        for (const auto& column : columns) tallest = std::max(tallest, height_of(column));
        int x = kMargin;
        for (const auto& column : columns) {
            int y = kTitleBand + kMargin + (tallest - height_of(column)) / 2;
            int width = 0;
            for (const std::size_t block : column) {
                place_block(blocks_[block], x, y);
                y += blocks_[block].box.height + kRowGap;
                width = std::max(width, blocks_[block].box.width);
            }
            widen_passages(column, width);
            x += width + kColumnGap;
        }
        layout_.width = std::max(x - kColumnGap, 680) + kArcRoom + kMargin;
        layout_.height = kTitleBand + tallest + 2 * kMargin;
    }

    void widen_passages(const std::vector<std::size_t>& column, int width) {
        for (const std::size_t block : column) {
            if (blocks_[block].nodes.empty()) blocks_[block].box.width = width;
        }
    }

    int height_of(const std::vector<std::size_t>& column) const {
        int height = 0;
        for (const std::size_t block : column)
            height += blocks_[block].box.height + (height > 0 ? kRowGap : 0);
        return height;
    }

    void place_block(Block& block, int x, int y) {
        block.box.x = x;
        block.box.y = y;
        const bool boxed = block.cluster != 0 && !view_.lanes;
        if (boxed) layout_.clusters[block.cluster - 1] = {x, y, block.box.width, block.box.height};
        int node_y = y + (boxed ? kClusterTitle : 0);
        for (const std::size_t n : block.nodes) {
            layout_.nodes[n].x = x + (boxed ? kPadding : 0);
            layout_.nodes[n].y = node_y;
            node_y += layout_.nodes[n].height + kRowGap;
        }
    }

    // ---- lanes ----

    void place_lanes() {
        std::vector<int> column_width(layers_.size(), 0);
        for (const Block& block : blocks_) {
            int& width = column_width[static_cast<std::size_t>(block.layer)];
            width = std::max(width, block.box.width);
        }
        std::vector<int> column_x;
        int x = kMargin + kPadding;
        for (const int width : column_width) {
            column_x.push_back(x);
            x += width + kColumnGap;
        }
        layout_.width = std::max(x - kColumnGap + kPadding, 680) + kArcRoom + kMargin;
        for (std::size_t i = 0; i < layers_.size(); ++i) widen_passages(layers_[i], column_width[i]);
        int y = kTitleBand + kMargin;
        for (const std::size_t lane : lanes_in_order()) {
            const int height = place_lane(lane, column_x, y + kClusterTitle);
            if (lane != 0) {
                layout_.clusters[lane - 1] = {kMargin, y, layout_.width - 2 * kMargin,
                                              height + kClusterTitle + kPadding};
            }
            y += height + kClusterTitle + kPadding + kRowGap;
        }
        layout_.height = y + kMargin;
    }

    // The lane whose first task comes first is on top; ties by id.
    std::vector<std::size_t> lanes_in_order() const {
        std::map<std::size_t, int> first_layer;
        for (const Block& block : blocks_) {
            const auto [at, added] = first_layer.try_emplace(block.cluster, block.layer);
            if (!added) at->second = std::min(at->second, block.layer);
        }
        std::vector<std::size_t> lanes;
        for (const auto& [lane, layer] : first_layer) lanes.push_back(lane);
        std::ranges::stable_sort(lanes, {}, [&](std::size_t lane) { return first_layer.at(lane); });
        return lanes;
    }

    int place_lane(std::size_t lane, const std::vector<int>& column_x, int top) {
        int tallest = 0;
        for (std::size_t column = 0; column < layers_.size(); ++column) {
            int y = top;
            for (const std::size_t block : layers_[column]) {
                if (blocks_[block].cluster != lane) continue;
                place_block(blocks_[block], column_x[column], y);
                y += blocks_[block].box.height + kRowGap;
            }
            tallest = std::max(tallest, y - top - kRowGap);
        }
        return tallest;
    }

    const GraphView& view_;
    SvgLayout layout_;
    std::map<std::string, std::size_t> cluster_index_;
    std::vector<Block> blocks_;
    std::vector<std::size_t> block_of_;                      // by node
    std::vector<std::pair<std::size_t, std::size_t>> ends_;  // by edge: the blocks that it joins
    std::vector<std::vector<std::size_t>> passages_;         // by edge
    std::vector<std::vector<std::size_t>> before_;
    std::vector<std::vector<std::size_t>> after_;
    std::vector<std::vector<std::size_t>> layers_;
};

}  // namespace

std::string shortened(const std::string& text) {
    if (code_points(text) <= kLineCharactersMax) return text;
    std::size_t kept = 0;
    std::size_t bytes = 0;
    for (; bytes < text.size(); ++bytes) {
        const bool begins = (static_cast<unsigned char>(text[bytes]) & 0xC0U) != 0x80U;
        if (begins && ++kept == kLineCharactersMax) break;
    }
    return text.substr(0, bytes) + "\u2026";
}

SvgLayout lay_out(const GraphView& view) { return Layouter(view).run(); }

}  // namespace ararat::planning
