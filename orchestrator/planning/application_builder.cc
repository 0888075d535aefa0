#include <utility>

#include "base/identifier.h"
#include "base/join.h"
#include "planning/compliance.h"
#include "planning/plan_builder.h"
#include "planning/scheduling_builder.h"
#include "planning/tree_read.h"

namespace ararat::planning {
namespace {

std::vector<TargetHost> targets_of(const TreeNode& component) {
    std::vector<TargetHost> targets;
    const auto add = [&targets](const TreeEntry& entry) {
        targets.push_back({HostId(entry.key), SiteId(entry.value.text)});
    };
    for (const TreeEntry& entry : entries_at(component, "to")) add(entry);
    for (const TreeNode& item : items_at(component, "to")) {
        for (const TreeEntry& entry : item.entries) add(entry);
    }
    return targets;
}

// A wait that is not understood is left out, so the component's order is not known.
void add_waits(const TreeNode& node, Component& component, DiagnosticList& faults) {
    for (const TreeEntry& entry : entries_at(node, "waits")) {
        for (const TreeNode& item : entry.value.items) {
            if (item.kind != TreeNode::Kind::kScalar) continue;
            const auto step = read_step_ref(item.text, item.place());
            if (!step || step->component.empty()) {
                faults.add(item.place(), DiagnosticCode::kBadReference,
                           "'" + item.text +
                               "' does not name a step of another component (meant: COMPONENT/STEP or "
                               "APPLICATION/COMPONENT/STEP)");
                faults.parts().mark(component.place, "waits");
                continue;
            }
            component.waits[entry.key].push_back(*step);
        }
    }
}

Component read_component(const TreeEntry& entry, const Application& application, Plan& plan,
                         DiagnosticList& faults) {
    const TreeNode& node = entry.value;
    Component component;
    component.name = entry.key;
    component.hosts = ids_at<HostId>(node, "hosts");
    component.targets = targets_of(node);
    component.runbook = text_at(node, "runbook");
    component.pairs = text_at(node, "pairs") == "spread" ? PairRule::kSpread : PairRule::kNone;
    component.needs = texts_at(node, "needs");
    component.params = text_map_at(node, "params");
    component.param_places = places_at(node, "params");
    component.verify_waived = text_at(node, "verify_waived");
    component.place = entry.place();
    component.ways = ways_at(node, plan, faults);
    add_waits(node, component, faults);
    if (node.find("to") == nullptr && node.kind == TreeNode::Kind::kMap &&
        !only_retires(application, component)) {
        faults.add(component.place, DiagnosticCode::kMissingKey,
                   "key 'to' is missing (Target hosts and their sites, as many as source hosts, in the same "
                   "order.)");
        faults.parts().mark(component.place, "to");
        faults.parts().mark(application.place);
    }
    return component;
}

WhenLate to_when_late(const std::string& text) {
    if (text == "back-out") return WhenLate::kBackOut;
    return text == "go-on" ? WhenLate::kGoOn : WhenLate::kHold;
}

void add_uses(const TreeNode& node, std::string_view key, bool hard, std::vector<ApplicationUse>& uses) {
    for (const TreeNode& item : items_at(node, key)) {
        if (item.kind == TreeNode::Kind::kScalar) {
            uses.push_back({ApplicationId(item.text), hard, item.place()});
        } else if (hard && item.find("application") != nullptr) {
            uses.push_back({ApplicationId(text_at(item, "application")), hard, item.place(),
                            duration_at(item, "at_least"), duration_at(item, "at_most")});
        }
    }
}

Environment to_environment(const std::string& text) {
    if (text == "test") return Environment::kTest;
    return text == "development" ? Environment::kDevelopment : Environment::kProduction;
}

void add_terms(const TreeNode& node, Instant as_of, Plan& plan, Application& application,
               DiagnosticList& faults) {
    application.owner = text_at(node, "owner");
    application.environment = to_environment(text_at(node, "environment"));
    application.stale_after = duration_at(node, "stale_after");
    application.seeding_bytes_per_second_max = rate_at(node, "bandwidth");
    application.not_before = day_or_moment_at(node, "not_before", as_of);
    application.deadline = deadline_at(node, as_of, plan, faults);
    application.waits_for = names_at(node, "waits_for");
    application.takes = counts_at(node, "takes");
    application.frees = counts_at(node, "frees");
    application.hypercare = hypercare_at(node);
    application.decommission = decommission_at(node);
}

}  // namespace

std::optional<StepRef> read_step_ref(const std::string& text, const SourcePlace& place) {
    std::vector<std::string> parts = split(text, '/');
    if (parts.size() > 3) return std::nullopt;
    for (const std::string& part : parts) {
        if (!is_identifier(part)) return std::nullopt;
    }
    StepRef ref;
    ref.place = place;
    ref.step = parts.back();
    if (parts.size() >= 2) ref.component = parts[parts.size() - 2];
    if (parts.size() == 3) ref.application = ApplicationId(parts[0]);
    return ref;
}

void add_applications(const TreeNode& root, Instant as_of, Plan& plan, DiagnosticList& faults) {
    for (const TreeEntry& entry : entries_at(root, "applications")) {
        const TreeNode& node = entry.value;
        Application application;
        application.id = ApplicationId(entry.key);
        application.service = ServiceId(text_at(node, "service"));
        application.place = entry.place();
        application.priority = integer_at(node, "priority", 5);
        application.ways = ways_at(node, plan, faults);
        for (const TreeEntry& component : entries_at(node, "components")) {
            application.components.push_back(read_component(component, application, plan, faults));
        }
        add_uses(node, "needs", true, application.dependencies);
        add_uses(node, "uses", false, application.dependencies);
        add_uses(node, "pairs_with", false, application.pairs_with);
        application.expected_outage = duration_at(node, "outage");
        application.expected_duration = duration_at(node, "duration");
        application.resources = counts_at(node, "resources");
        application.data_bytes = bytes_at(node, "data");
        application.gates = ids_at<GateId>(node, "gates");
        application.calendar = text_at(node, "calendar");
        application.when_late = to_when_late(text_at(node, "when_late"));
        add_terms(node, as_of, plan, application, faults);
        plan.applications.emplace(application.id, std::move(application));
    }
}

}  // namespace ararat::planning
