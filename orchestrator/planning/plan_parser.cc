#include "planning/plan_parser.h"

#include <optional>
#include <utility>

#include "base/join.h"
#include "planning/action_parser.h"
#include "planning/order_check.h"
#include "planning/plan_builder.h"
#include "planning/plan_validator.h"
#include "planning/runbook_parser.h"
#include "planning/scalar_types.h"
#include "planning/source_text.h"
#include "planning/strict_tree.h"
#include "planning/table_check.h"
#include "planning/task_graph.h"
#include "planning/tree_read.h"

namespace ararat::planning {
namespace {

class PlanReading {
public:
    PlanReading(const PlanSources& sources, const ParseOptions& options)
        : sources_(sources), options_(options), table_(faults_, options.as_of) {}

    ParseOutcome read() {
        for (const Diagnostic& fault : sources_.faults) {
            faults_.add(fault.place, fault.code, fault.message);
            unread();
        }
        // Actions and runbooks first: the plan refers to them.
        for (const SourceFile& file : sources_.actions) read_action_file(file);
        for (const SourceFile& file : sources_.runbooks) read_runbook_file(file);
        for (const SourceFile& file : sources_.plans) read_plan_file(file);
        check_programme();
        table_.check_names();
        plan_.not_enforced = table_.not_enforced();
        // Each on what the faults so far have left usable.
        if (!faults_.full()) check_plan(plan_, faults_);
        if (!faults_.full()) {
            if (const auto graph = build_task_graph(plan_, faults_)) check_order(plan_, *graph, faults_);
        }
        return {std::move(plan_), faults_.sorted()};
    }

private:
    std::optional<TreeNode> tree_of(const SourceFile& file) {
        std::optional<TreeNode> root;
        if (check_source_text(file.name, file.text, options_.bytes_max, faults_)) {
            root = build_tree(file.name, file.text, faults_);
        }
        if (!root) unread();
        return root;
    }

    // Names that a file may define that could not be read would all seem unknown.
    void unread() {
        faults_.parts().mark_every_kind();
        all_read_ = false;
    }

    void read_action_file(const SourceFile& file) {
        const auto root = tree_of(file);
        if (!root) return;
        const TreeEntry* name = root->find_entry("action");
        const SourcePlace place = name == nullptr ? root->place() : name->place();
        const std::size_t before = faults_.count();
        table_.check(*root, section("action-file"), place);
        if (root->kind != TreeNode::Kind::kMap) return;
        Action action = read_action(*root, folder_of(sources_.action_files, *root),
                                    folder_of(sources_.action_links, *root), plan_.files, faults_);
        if (faults_.count() != before) faults_.parts().mark(place);
        if (action.id.empty()) return;
        table_.define("actions", action.id, action.place);
        plan_.actions.emplace(action.id, std::move(action));
    }

    static const FolderFiles& folder_of(const std::map<std::string, FolderFiles>& folders,
                                        const TreeNode& root) {
        static const FolderFiles kNone;
        const auto folder = folders.find(text_at(root, "action"));
        return folder == folders.end() ? kNone : folder->second;
    }

    void read_runbook_file(const SourceFile& file) {
        const auto root = tree_of(file);
        if (!root) return;
        const TreeEntry* name = root->find_entry("runbook");
        table_.check(*root, section("runbook-file"), name == nullptr ? root->place() : name->place());
        if (name == nullptr) return;
        const std::string id = name->value.text;
        check_file_name(file, id, name->value.place());
        table_.define("runbooks", id, name->place());
        plan_.runbooks.emplace(id, read_runbook(id, *root, name->place(), faults_));
    }

    void check_file_name(const SourceFile& file, const std::string& id, const SourcePlace& place) {
        const std::string name = split(file.name, '/').back();
        if (name == id + ".yaml" || name == id + ".yml") return;
        faults_.add(place, DiagnosticCode::kConflict,
                    "runbook '" + id + "' stands in a file of another name (meant: " + id + ".yaml)");
    }

    void read_plan_file(const SourceFile& file) {
        const auto root = tree_of(file);
        if (!root) return;
        table_.check(*root, section("plan"), root->place());
        if (root->kind != TreeNode::Kind::kMap) return;
        has_version_ = has_version_ || root->find("ararat") != nullptr;
        if (const TreeEntry* programme = root->find_entry("programme")) {
            if (programme_) {
                faults_.add(programme->place(), DiagnosticCode::kRepeatedName,
                            "'programme' is given twice (first at " + to_string(*programme_) + ")");
            } else {
                programme_ = programme->place();
            }
        }
        add_plan_file(*root, options_.as_of, plan_, faults_);
    }

    void check_programme() {
        if (!all_read_) return;
        const std::string first = sources_.plans.empty() ? "plan.yaml" : sources_.plans.front().name;
        if (!has_version_) {
            faults_.add({first, 1, 1}, DiagnosticCode::kMissingKey,
                        "key 'ararat' is missing (meant: ararat: v1)");
        }
        if (!programme_) {
            faults_.add({first, 1, 1}, DiagnosticCode::kMissingKey,
                        "key 'programme' is missing (meant: programme: {name: ..., timezone: ...})");
        }
    }

    const PlanSources& sources_;
    const ParseOptions& options_;
    DiagnosticList faults_;
    TableCheck table_;
    Plan plan_;
    bool all_read_ = true;
    bool has_version_ = false;
    std::optional<SourcePlace> programme_;
};

}  // namespace

ParseOutcome parse_plan(const PlanSources& sources, const ParseOptions& options) {
    return PlanReading(sources, options).read();
}

std::vector<Include> includes_of(const SourceFile& file) {
    DiagnosticList ignored;
    std::vector<Include> includes;
    // Reading a large file only to find that it includes nothing would take as long as reading the plan. A
    // backslash may stand for a letter of the key.
    const bool may_include = file.text.find("include") != std::string::npos;
    if (!may_include && file.text.find('\\') == std::string::npos) return includes;
    const std::size_t any_size = file.text.size();
    if (!check_source_text(file.name, file.text, any_size, ignored)) return includes;
    const auto root = build_tree(file.name, file.text, ignored);
    if (!root) return includes;
    for (const TreeNode& item : items_at(*root, "include")) {
        const bool path = item.kind == TreeNode::Kind::kScalar && check_relative_path(item.text).ok();
        if (path) includes.push_back({item.text, item.place()});
    }
    return includes;
}

}  // namespace ararat::planning
