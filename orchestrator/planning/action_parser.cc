#include "planning/action_parser.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "base/check.h"
#include "base/join.h"
#include "base/sha256.h"
#include "planning/nearest_name.h"
#include "planning/param_types.h"
#include "planning/runbook_parser.h"
#include "planning/template_text.h"
#include "planning/tree_read.h"

namespace ararat::planning {
namespace {

constexpr std::array kVerbs = {Verb::kRun,       Verb::kService,     Verb::kHttpProbe, Verb::kTcpProbe,
                               Verb::kWriteFile, Verb::kRestoreFile, Verb::kCopyTree,  Verb::kVerifyTree,
                               Verb::kFacts,     Verb::kPowerOff};

ActionClass to_class(const std::string& text) {
    if (text == "probeable") return ActionClass::kProbeable;
    return text == "one-shot" ? ActionClass::kOneShot : ActionClass::kIdempotent;
}

Guard to_guard(const std::string& text) {
    if (text == "cutover") return Guard::kCutover;
    if (text == "power-off") return Guard::kPowerOff;
    return text == "decommission" ? Guard::kDecommission : Guard::kNone;
}

// Every ${...} below `node` names a parameter or a file of this action.
class ReferenceCheck {
public:
    ReferenceCheck(const Action& action, DiagnosticList& faults)
        : faults_(faults),
          params_known_(!faults.parts().at(action.place, "params")),
          files_known_(!faults.parts().at(action.place, "files")) {
        for (const ActionParam& param : action.params) known_.push_back(param.name);
        for (const auto& [name, hash] : action.files) known_.push_back("file." + name);
        std::sort(known_.begin(), known_.end());
    }

    // Shipped files have a path on the host, which only an argument vector can take.
    void check_operation(const TreeNode& operation) const {
        for (const TreeEntry& entry : operation.entries) check(entry.value, entry.key == "run");
    }

private:
    // Depth is bounded by the tree's own limit.
    void check(const TreeNode& node, bool files) const {
        if (node.kind == TreeNode::Kind::kScalar) check_text(node, files);
        for (const TreeEntry& entry : node.entries) check(entry.value, files);
        for (const TreeNode& item : node.items) check(item, files);
    }

    void check_text(const TreeNode& node, bool files) const {
        const auto parts = split_template(node.text);
        if (!parts.ok()) {
            faults_.add(node.place(), DiagnosticCode::kBadReference, parts.error().message);
            return;
        }
        for (const TemplatePart& part : *parts) {
            if (!part.is_reference) continue;
            const bool known = std::binary_search(known_.begin(), known_.end(), part.text);
            const bool file = part.text.rfind("file.", 0) == 0;
            if (!known && !(file ? files_known_ : params_known_)) continue;
            if (!known) {
                faults_.add(node.place(), DiagnosticCode::kBadReference,
                            "'${" + part.text + "}' is neither a parameter nor a file of this action" +
                                did_you_mean(part.text, known_));
            } else if (!files && file) {
                faults_.add(node.place(), DiagnosticCode::kBadReference,
                            "'${" + part.text + "}' has a meaning only in 'run'");
            }
        }
    }

    DiagnosticList& faults_;
    bool params_known_;
    bool files_known_;
    std::vector<std::string> known_;
};

void read_params(const TreeNode& root, Action& action, DiagnosticList& faults) {
    for (const TreeEntry& entry : entries_at(root, "params")) {
        ActionParam param;
        param.name = entry.key;
        param.type = to_param_type(text_at(entry.value, "type"));
        param.required = boolean_at(entry.value, "required");
        param.fallback = optional_text_at(entry.value, "default");
        param.place = entry.place();
        if (param.required == param.fallback.has_value()) {
            faults.add(param.place, DiagnosticCode::kBadAction,
                       "parameter '" + param.name + "' wants either 'required: true' or a default");
        }
        if (param.fallback && param.fallback->find("${") != std::string::npos) {
            faults.add(param.place, DiagnosticCode::kBadReference,
                       "default of parameter '" + param.name + "': a default cannot use references");
        } else if (param.fallback) {
            const auto checked = check_param_value(param.type, *param.fallback);
            if (!checked.ok()) {
                faults.add(param.place, DiagnosticCode::kBadParameter,
                           "default of parameter '" + param.name + "': " + checked.error().message);
            }
        }
        action.params.push_back(std::move(param));
    }
}

void read_files(const TreeNode& root, const FolderFiles& folder, const FolderFiles& links, Action& action,
                std::map<Hash, std::string>& shipped, DiagnosticList& faults) {
    std::vector<std::string> there;
    for (const auto& [name, bytes] : folder) there.push_back(name);
    for (const TreeNode& item : items_at(root, "files")) {
        // Its bytes may be anything that whoever plans can read, and would go to every host.
        if (const auto link = links.find(item.text); link != links.end()) {
            faults.add(item.place(), DiagnosticCode::kBadPath,
                       "file '" + item.text + "' is a symbolic link to '" + link->second +
                           "' (meant: a file in the folder itself)");
            action.files[item.text] = Hash();
            continue;
        }
        const auto found = folder.find(item.text);
        const bool one_name = item.text.find('/') == std::string::npos;
        if (found == folder.end() && !one_name) continue;  // reported as a bad path
        if (found == folder.end()) {
            faults.add(item.place(), DiagnosticCode::kMissingFile,
                       "file '" + item.text + "' is not in the folder of action '" + action.id + "'" +
                           did_you_mean(item.text, there));
            action.files[item.text] = Hash();
            continue;
        }
        const Hash hash(sha256_hex(found->second));
        action.files[item.text] = hash;
        shipped[hash] = found->second;
    }
}

OperationTemplate read_operation(const TreeEntry& entry, DiagnosticList& faults) {
    const TreeNode& node = entry.value;
    OperationTemplate result;
    result.place = entry.place();
    Operation& operation = result.operation;
    int given = 0;
    for (const Verb verb : kVerbs) {
        const std::string_view key = verb_key(verb);
        if (node.find(key) == nullptr) continue;
        ++given;
        operation.verb = verb;
        operation.argv = texts_at(node, key);
        operation.fields = text_map_at(node, key);
    }
    if (given != 1) {
        faults.add(result.place, DiagnosticCode::kBadAction, "'" + entry.key + "' wants exactly one verb");
    }
    operation.environment = text_map_at(node, "env");
    if (const TreeNode* expect = node.find("expect")) {
        operation.expect.exit_code = integer_at(*expect, "exit", 0);
        operation.expect.output_equals = text_at(*expect, "equals");
        operation.expect.output_contains = text_at(*expect, "contains");
    }
    if (const TreeNode* until = node.find("until")) {
        result.every = text_at(*until, "every");
        result.within = text_at(*until, "within");
    }
    result.timeout = text_at(node, "timeout");
    return result;
}

// Powering a host off is never left to the plan's author alone, whatever the action is called.
void check_power_off(const TreeNode& root, const Action& action, const TreeEntry& entry,
                     DiagnosticList& faults) {
    if (entry.value.find(verb_key(Verb::kPowerOff)) == nullptr) return;
    if (action.guard == Guard::kPowerOff || action.guard == Guard::kDecommission) return;
    const TreeNode* guard = root.find("guard");
    const bool reported = guard != nullptr && action.guard == Guard::kNone && guard->text != "none";
    if (reported) return;
    faults.add(entry.place(), DiagnosticCode::kBadAction,
               "'" + entry.key + "' of action '" + action.id +
                   "' powers the host off, which needs an approval (meant: guard: power-off, or "
                   "decommission)");
}

void read_operations(const TreeNode& root, Action& action, DiagnosticList& faults) {
    const ReferenceCheck references(action, faults);
    const std::array<std::pair<std::string_view, std::optional<OperationTemplate>*>, 5> stages = {
        std::pair{std::string_view("check"), &action.check},
        {"do", &action.perform},
        {"probe", &action.probe},
        {"undo", &action.undo},
        {"verify", &action.verify}};
    for (const auto& [key, operation] : stages) {
        const TreeEntry* entry = root.find_entry(key);
        if (entry == nullptr || entry->value.kind != TreeNode::Kind::kMap) continue;
        references.check_operation(entry->value);
        *operation = read_operation(*entry, faults);
        check_power_off(root, action, *entry, faults);
    }
}

// What the class promises has to be there.
void check_class(const Action& action, DiagnosticList& faults) {
    if (action.action_class == ActionClass::kProbeable && !action.probe && !action.check) {
        faults.add(action.place, DiagnosticCode::kBadAction,
                   "action '" + action.id + "' is probeable and has neither 'probe' nor 'check'");
    }
    if (action.action_class == ActionClass::kOneShot && action.probe) {
        faults.add(action.probe->place, DiagnosticCode::kBadAction,
                   "action '" + action.id + "' is one-shot and has a probe (meant: class probeable)");
    }
    const std::array<const std::optional<OperationTemplate>*, 4> forward = {&action.check, &action.perform,
                                                                            &action.probe, &action.verify};
    for (const auto* operation : forward) {
        if (!operation->has_value() || (*operation)->operation.verb != Verb::kRestoreFile) continue;
        faults.add((*operation)->place, DiagnosticCode::kBadAction, "restore-file stands only in 'undo'");
    }
}

// plans/actions/NAME/action.yaml: the folder's name is the action's.
void check_folder(const Action& action, DiagnosticList& faults) {
    const std::vector<std::string> parts = split(action.place.file, '/');
    if (parts.size() < 2 || parts.back() != "action.yaml" || parts[parts.size() - 2] == action.id) return;
    faults.add(action.place, DiagnosticCode::kConflict,
               "action '" + action.id + "' stands in the folder '" + parts[parts.size() - 2] + "'");
}

}  // namespace

std::string_view verb_key(Verb verb) {
    switch (verb) {
        case Verb::kRun: return "run";
        case Verb::kService: return "service";
        case Verb::kHttpProbe: return "http";
        case Verb::kTcpProbe: return "tcp";
        case Verb::kWriteFile: return "write-file";
        case Verb::kRestoreFile: return "restore-file";
        case Verb::kCopyTree: return "copy-tree";
        case Verb::kVerifyTree: return "verify-tree";
        case Verb::kFacts: return "facts";
        case Verb::kPowerOff: return "power-off";
    }
    ARARAT_CHECK(false, "a Verb outside its enum");
}

Action read_action(const TreeNode& root, const FolderFiles& folder, const FolderFiles& links,
                   std::map<Hash, std::string>& shipped, DiagnosticList& faults) {
    Action action;
    action.id = text_at(root, "action");
    action.place = root.place();
    if (const TreeEntry* entry = root.find_entry("action")) action.place = entry->place();
    action.summary = text_at(root, "summary");
    action.action_class = to_class(text_at(root, "class"));
    action.guard = to_guard(text_at(root, "guard"));
    action.outputs = texts_at(root, "outputs");
    if (const TreeNode* retry = root.find("retry")) action.retry = read_retry(*retry);
    read_params(root, action, faults);
    read_files(root, folder, links, action, shipped, faults);
    read_operations(root, action, faults);
    check_class(action, faults);
    check_folder(action, faults);
    return action;
}

}  // namespace ararat::planning
