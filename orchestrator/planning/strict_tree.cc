#include "planning/strict_tree.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <sstream>
#include <unordered_map>
#include <utility>

#include "base/utf8.h"

namespace ararat::planning {
namespace {

// Ends the reading of a file whose further events would make no sense. Thrown through yaml-cpp and
// caught in build_tree, never outside.
struct StopReading {};

class TreeBuilder final : public YAML::EventHandler {
public:
    TreeBuilder(std::shared_ptr<const std::string> file, DiagnosticList& faults)
        : file_(std::move(file)), faults_(faults) {}

    [[nodiscard]] TreeNode take_root() { return std::move(root_); }
    [[nodiscard]] bool has_root() const { return has_root_; }

    void OnDocumentStart(const YAML::Mark& mark) override {
        if (has_root_) {
            report(mark, DiagnosticCode::kSyntax, "a second document in one file (meant: one file each)");
            throw StopReading{};
        }
    }
    void OnDocumentEnd() override {}
    void OnAnchor(const YAML::Mark& mark, const std::string& name) override {
        report(mark, DiagnosticCode::kForbiddenYaml, "anchor '&" + name + "' is not allowed");
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
        report(mark, DiagnosticCode::kForbiddenYaml, "an alias ('*name') is not allowed");
        place_value(make(mark, TreeNode::Kind::kFaulty));
    }
    void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
        if (wants_key()) refuse_key(mark, "an empty key");
        place_value(make(mark, TreeNode::Kind::kNull));
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                  const std::string& value) override {
        const bool tagged = tag != "?" && tag != "!" && !tag.empty();
        if (tagged) report(mark, DiagnosticCode::kForbiddenYaml, "tag '" + tag + "' is not allowed");
        // Escapes in double quotes can make what the file's bytes did not show.
        if (const auto fault = find_text_fault(value)) {
            report(mark, DiagnosticCode::kBadText, "the text holds " + fault->text());
        }
        if (wants_key()) {
            take_key(mark, value);
            return;
        }
        TreeNode node = make(mark, tagged ? TreeNode::Kind::kFaulty : TreeNode::Kind::kScalar);
        node.quoted = tag == "!";
        node.text = value;
        place_value(std::move(node));
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                         YAML::EmitterStyle::value) override {
        open(mark, tag, TreeNode::Kind::kList, "a list as a key");
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                    YAML::EmitterStyle::value) override {
        open(mark, tag, TreeNode::Kind::kMap, "a mapping as a key");
    }
    void OnMapEnd() override { close(); }

private:
    struct Key {
        std::string text;
        int line = 0;
        int column = 0;
        bool drop = false;  // repeated: its value is read and thrown away
    };
    struct Frame {
        TreeNode node;
        bool has_key = false;
        Key key;
        // Every key of a mapping that has more than kFewKeys; the others' keys are looked for among the
        // entries.
        std::unordered_map<std::string, std::pair<int, int>> seen;
    };
    static constexpr std::size_t kFewKeys = 16;

    void report(const YAML::Mark& mark, DiagnosticCode code, std::string message) {
        faults_.add({*file_, mark.line + 1, mark.column + 1}, code, std::move(message));
    }
    TreeNode make(const YAML::Mark& mark, TreeNode::Kind kind) const {
        TreeNode node;
        node.kind = kind;
        node.line = mark.line + 1;
        node.column = mark.column + 1;
        node.file = file_;
        return node;
    }
    [[nodiscard]] bool wants_key() const {
        return !frames_.empty() && frames_.back().node.kind == TreeNode::Kind::kMap &&
               !frames_.back().has_key;
    }
    [[noreturn]] void refuse_key(const YAML::Mark& mark, const std::string& what) {
        report(mark, DiagnosticCode::kSyntax, what + " (meant: plain text before the ':')");
        throw StopReading{};
    }
    void take_key(const YAML::Mark& mark, const std::string& text) {
        Frame& frame = frames_.back();
        frame.has_key = true;
        frame.key = {text, mark.line + 1, mark.column + 1, false};
        if (text == "<<") {
            report(mark, DiagnosticCode::kForbiddenYaml, "merge key '<<' is not allowed");
            frame.key.drop = true;
            return;
        }
        const auto first = place_of_key(frame, text);
        if (!first) return;
        frame.key.drop = true;
        const SourcePlace before{*file_, first->first, first->second};
        report(mark, DiagnosticCode::kRepeatedKey,
               "key '" + text + "' is repeated (first at " + to_string(before) + ")");
    }
    // Where the mapping had this key before. Line and column.
    static std::optional<std::pair<int, int>> place_of_key(Frame& frame, const std::string& text) {
        const std::vector<TreeEntry>& entries = frame.node.entries;
        if (entries.size() < kFewKeys) {
            const TreeEntry* entry = frame.node.find_entry(text);
            if (entry == nullptr) return std::nullopt;
            return std::pair{entry->line, entry->column};
        }
        if (frame.seen.empty()) {
            for (const TreeEntry& entry : entries)
                frame.seen.emplace(entry.key, std::pair{entry.line, entry.column});
        }
        const auto [first, is_new] = frame.seen.emplace(text, std::pair{frame.key.line, frame.key.column});
        if (is_new) return std::nullopt;
        return first->second;
    }
    void open(const YAML::Mark& mark, const std::string& tag, TreeNode::Kind kind, const char* as_key) {
        if (wants_key()) refuse_key(mark, as_key);
        if (tag != "?" && !tag.empty()) {
            report(mark, DiagnosticCode::kForbiddenYaml, "tag '" + tag + "' is not allowed");
        }
        if (frames_.size() >= kDepthMax) {
            report(mark, DiagnosticCode::kTooDeep,
                   "nested deeper than " + std::to_string(kDepthMax) + " levels");
            throw StopReading{};
        }
        Frame frame;
        frame.node = make(mark, kind);
        frames_.push_back(std::move(frame));
    }
    void close() {
        TreeNode node = std::move(frames_.back().node);
        frames_.pop_back();
        place_value(std::move(node));
    }
    void place_value(TreeNode node) {
        if (frames_.empty()) {
            root_ = std::move(node);
            has_root_ = true;
            return;
        }
        Frame& frame = frames_.back();
        if (frame.node.kind == TreeNode::Kind::kList) {
            frame.node.items.push_back(std::move(node));
            return;
        }
        frame.has_key = false;
        if (frame.key.drop) return;
        TreeEntry entry;
        entry.key = std::move(frame.key.text);
        entry.line = frame.key.line;
        entry.column = frame.key.column;
        entry.value = std::move(node);
        frame.node.entries.push_back(std::move(entry));
    }

    std::shared_ptr<const std::string> file_;
    DiagnosticList& faults_;
    std::vector<Frame> frames_;
    TreeNode root_;
    bool has_root_ = false;
};

}  // namespace

const TreeEntry* TreeNode::find_entry(std::string_view key) const {
    for (const TreeEntry& entry : entries) {
        if (entry.key == key) return &entry;
    }
    return nullptr;
}

const TreeNode* TreeNode::find(std::string_view key) const {
    const TreeEntry* entry = find_entry(key);
    return entry == nullptr ? nullptr : &entry->value;
}

std::optional<TreeNode> build_tree(const std::string& file, const std::string& text, DiagnosticList& faults) {
    TreeBuilder builder(std::make_shared<const std::string>(file), faults);
    try {
        std::istringstream stream(text);
        YAML::Parser parser(stream);
        while (parser.HandleNextDocument(builder)) {
        }
    } catch (const StopReading&) {
        return std::nullopt;
    } catch (const YAML::Exception& error) {
        const bool known = !error.mark.is_null();
        faults.add({file, known ? error.mark.line + 1 : 1, known ? error.mark.column + 1 : 1},
                   DiagnosticCode::kSyntax, "not well-formed YAML: " + error.msg);
        return std::nullopt;
    }
    if (!builder.has_root()) {
        faults.add({file, 1, 1}, DiagnosticCode::kSyntax, "the file is empty");
        return std::nullopt;
    }
    return builder.take_root();
}

}  // namespace ararat::planning
