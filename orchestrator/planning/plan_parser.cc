#include "planning/plan_parser.h"

#include <optional>
#include <utility>

#include "base/join.h"
#include "planning/action_parser.h"
#include "planning/calendar.h"
#include "planning/icalendar.h"
#include "planning/order_check.h"
#include "planning/plan_builder.h"
#include "planning/plan_validator.h"
#include "planning/runbook_parser.h"
#include "planning/scalar_types.h"
#include "planning/scheduling_builder.h"
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
        import_calendars();
        settle_retired(plan_);
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
        if (const TreeEntry* rules = root->find_entry("scheduling")) once("scheduling", *rules, scheduling_);
        has_version_ = has_version_ || root->find("ararat") != nullptr;
        if (const TreeEntry* programme = root->find_entry("programme")) {
            once("programme", *programme, programme_);
        }
        add_plan_file(*root, options_.as_of, plan_, faults_);
    }

    void once(const std::string& key, const TreeEntry& entry, std::optional<SourcePlace>& first) {
        if (first) {
            faults_.add(entry.place(), DiagnosticCode::kRepeatedName,
                        "'" + key + "' is given twice (first at " + to_string(*first) + ")");
        } else {
            first = entry.place();
        }
    }

    // A file that could not be read was reported by whoever tried to.
    void import_calendars() {
        for (auto& [id, calendar] : plan_.calendars) {
            for (const CalendarImport& import : calendar.imports) {
                const auto folder = sources_.calendars.find(import.place.file);
                if (folder == sources_.calendars.end()) continue;
                const auto file = folder->second.find(import.path);
                if (file == folder->second.end()) continue;
                const auto& [name, text] = file->second;
                if (!check_source_text(name, text, options_.bytes_max, faults_, LeadingTab::kAllowed))
                    continue;
                const std::string& zone = calendar.timezone.empty() ? plan_.timezone : calendar.timezone;
                if (!check_zone(zone).ok()) continue;  // reported where it is named
                for (CalendarEvent& event : read_icalendar(name, text, zone, faults_)) {
                    calendar.events.push_back(std::move(event));
                }
            }
        }
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
    std::optional<SourcePlace> scheduling_;
};

// Nothing when it cannot be read, or does not have the key anywhere: reading a large file only to find that
// it names no other would take as long as reading the plan. A backslash may stand for a letter of the key.
std::optional<TreeNode> tree_with(const SourceFile& file, std::string_view key) {
    DiagnosticList ignored;
    const bool may_have = file.text.find(key) != std::string::npos;
    if (!may_have && file.text.find('\\') == std::string::npos) return std::nullopt;
    const std::size_t any_size = file.text.size();
    if (!check_source_text(file.name, file.text, any_size, ignored)) return std::nullopt;
    return build_tree(file.name, file.text, ignored);
}

}  // namespace

ParseOutcome parse_plan(const PlanSources& sources, const ParseOptions& options) {
    return PlanReading(sources, options).read();
}

std::vector<Include> includes_of(const SourceFile& file) {
    std::vector<Include> includes;
    const auto root = tree_with(file, "include");
    if (!root) return includes;
    for (const NamedPlace& name : names_at(*root, "include")) {
        if (check_relative_path(name.name).ok()) includes.push_back({name.name, name.place});
    }
    return includes;
}

std::vector<Include> imports_of(const SourceFile& file) {
    std::vector<Include> imports;
    const auto root = tree_with(file, "import");
    if (!root) return imports;
    for (const TreeEntry& calendar : entries_at(*root, "calendars")) {
        for (const NamedPlace& name : imports_at(calendar.value)) {
            if (check_relative_path(name.name).ok()) imports.push_back({name.name, name.place});
        }
    }
    return imports;
}

}  // namespace ararat::planning
