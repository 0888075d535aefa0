#include "planning/usable_parts.h"

#include <algorithm>

#include "planning/component_context.h"
#include "planning/plan_builder.h"
#include "planning/runbook_parser.h"
#include "planning/runbook_validator.h"
#include "planning/template_text.h"

namespace ararat::planning {
namespace {

// What stands behind `prefix`; empty when the text does not begin with it.
std::string after_prefix(const std::string& text, std::string_view prefix) {
    return text.rfind(prefix, 0) == 0 ? text.substr(prefix.size()) : std::string();
}

}  // namespace

bool UsableParts::sound(const SourcePlace& part, std::initializer_list<std::string_view> keys) const {
    return std::none_of(keys.begin(), keys.end(),
                        [&](std::string_view key) { return faulty_.at(part, key); });
}

bool UsableParts::host(const HostId& id) const {
    const auto found = plan_.hosts.find(id);
    return found != plan_.hosts.end() && sound(found->second.place, {"site", "address", "via"});
}

bool UsableParts::component(const Component& component) const {
    const auto runbook = plan_.runbooks.find(component.runbook);
    if (runbook == plan_.runbooks.end() || !sound(runbook->second.place, {"steps"})) return false;
    if (!sound(component.place, {"hosts", "to", "runbook"})) return false;
    if (component.hosts.empty() || component.hosts.size() != component.targets.size()) return false;
    return std::all_of(component.hosts.begin(), component.hosts.end(),
                       [this](const HostId& id) { return host(id); }) &&
           std::all_of(component.targets.begin(), component.targets.end(),
                       [this](const TargetHost& target) { return host(target.host); });
}

bool UsableParts::waits(const Component& component) const {
    return sound(component.place, {"waits", "needs"});
}

bool UsableParts::place(const RunbookStep& step) const {
    return !step.id.empty() &&
           sound(step.place, {"id", "phase", "after", "once", "opens", "closes", kStepKind});
}

bool UsableParts::channel(const Application& application, const Component& component,
                          const RunbookChannel& channel) const {
    if (faulty_.empty()) return true;
    return !faulty_.at(channel.place) && text(application, component, channel.path) &&
           text(application, component, channel.expose);
}

bool UsableParts::step(const Application& application, const Component& component,
                       const RunbookStep& step) const {
    if (faulty_.empty()) return true;
    if (!place(step) || !sound(step.place, {"action", "on", "with", "timeout", "gate", "manual", "soak"}))
        return false;
    if (step.kind == TaskKind::kStep) {
        const auto action = plan_.actions.find(step.action);
        if (action == plan_.actions.end() || faulty_.at(action->second.place)) return false;
        if (!faulty_.knows("hosts") && step.on != "source" && step.on != "target") return false;
    }
    if (step.kind == TaskKind::kGate && plan_.gates.count(step.gate) == 0 && !faulty_.knows("gates")) {
        return false;
    }
    for (const std::string* part : {&step.on, &step.text, &step.soak, &step.timeout}) {
        if (!text(application, component, *part)) return false;
    }
    return std::all_of(step.with.begin(), step.with.end(),
                       [&](const auto& value) { return text(application, component, value.second); });
}

bool UsableParts::text(const Application& application, const Component& component,
                       const std::string& text) const {
    const auto parts = split_template(text);
    if (!parts.ok()) return true;  // its own fault
    return std::all_of(parts->begin(), parts->end(), [&](const TemplatePart& part) {
        return !part.is_reference || reference(application, component, part.text);
    });
}

bool UsableParts::reference(const Application& application, const Component& component,
                            const std::string& reference) const {
    const Runbook& runbook = plan_.runbooks.at(component.runbook);
    if (reference.rfind("host.", 0) == 0) return faulty_.knows("hosts");
    if (const std::string name = after_prefix(reference, "param."); !name.empty()) {
        if (!sound(component.place, {"params"}) || !sound(runbook.place, {"params"})) return false;
        const auto given = component.params.find(name);
        const auto fallback = runbook.defaults.find(name);
        const auto* const value = given != component.params.end()      ? &given->second
                                  : fallback != runbook.defaults.end() ? &fallback->second
                                                                       : nullptr;
        // A parameter's own value takes no parameters, so this does not go round in a circle.
        return value == nullptr || value->find("${param.") != std::string::npos ||
               text(application, component, *value);
    }
    if (std::string name = after_prefix(reference, "channel."); !name.empty()) {
        name = name.substr(0, name.rfind(".expose"));
        return sound(runbook.place, {"channels"}) &&
               std::none_of(runbook.channels.begin(), runbook.channels.end(),
                            [&](const RunbookChannel& entry) {
                                return entry.name == name && faulty_.at(entry.place);
                            });
    }
    return output(application, component, reference);
}

bool UsableParts::output(const Application& application, const Component& component,
                         const std::string& reference) const {
    const std::string rest = after_prefix(reference, "step.");
    const std::size_t dot = rest.rfind('.');
    const auto ref = dot == std::string::npos ? std::nullopt : read_step_ref(rest.substr(0, dot), {});
    if (!ref) return true;
    const Component* owner = &component;
    if (!ref->component.empty()) owner = find_component(plan_, application, *ref);
    if (owner == nullptr) return faulty_.knows("applications");
    if (owner != &component && !this->component(*owner)) return false;
    for (const RunbookStep& step : plan_.runbooks.at(owner->runbook).steps) {
        if (step.id != ref->step) continue;
        const auto action = plan_.actions.find(step.action);
        if (action == plan_.actions.end()) return sound(step.place, {"action"}) && faulty_.knows("actions");
        return !faulty_.at(action->second.place);
    }
    return !has_unnamed_step(plan_.runbooks.at(owner->runbook), faulty_);
}

}  // namespace ararat::planning
