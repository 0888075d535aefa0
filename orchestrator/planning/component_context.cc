#include "planning/component_context.h"

#include <algorithm>
#include <optional>

#include "base/check.h"
#include "planning/nearest_name.h"
#include "planning/plan_builder.h"
#include "planning/template_text.h"

namespace ararat::planning {
namespace {

Error bad(std::string message) { return Error{ErrorCode::kInvalidArgument, std::move(message)}; }

bool take_prefix(std::string& text, std::string_view prefix) {
    if (text.compare(0, prefix.size(), prefix) != 0) return false;
    text.erase(0, prefix.size());
    return true;
}

std::optional<std::string> host_property(const Host& host, const std::string& property) {
    if (property == "name") return host.id.str();
    if (property == "address") return host.address;
    if (property == "site") return host.site.str();
    return std::nullopt;
}

const Runbook& runbook_of(const Plan& plan, const Component& component) {
    const auto found = plan.runbooks.find(component.runbook);
    ARARAT_CHECK(found != plan.runbooks.end(), "a component whose runbook does not exist");
    return found->second;
}

const Host& host_of(const Plan& plan, const HostId& id) {
    const auto found = plan.hosts.find(id);
    ARARAT_CHECK(found != plan.hosts.end(), "a component whose host does not exist");
    return found->second;
}

}  // namespace

const Component* find_component(const Plan& plan, const Application& application, const StepRef& ref) {
    const Application* owner = &application;
    if (!ref.application.empty()) {
        const auto found = plan.applications.find(ref.application);
        if (found == plan.applications.end()) return nullptr;
        owner = &found->second;
    }
    for (const Component& component : owner->components) {
        if (component.name == ref.component) return &component;
    }
    return nullptr;
}

ComponentContext::ComponentContext(const Plan& plan, const Application& application,
                                   const Component& component)
    : plan_(plan), application_(application), component_(component), runbook_(runbook_of(plan, component)) {
    ARARAT_CHECK(!component.hosts.empty() && component.hosts.size() == component.targets.size(),
                 "a component without as many targets as hosts");
}

const Host& ComponentContext::source(std::size_t pair) const {
    return host_of(plan_, component_.hosts[pair]);
}

const Host& ComponentContext::target(std::size_t pair) const {
    return host_of(plan_, component_.targets[pair].host);
}

std::vector<PairScope> ComponentContext::scopes(const RunbookStep& step) const {
    if (step.once || pair_count() == 1) return {PairScope{0, step.once}};
    std::vector<PairScope> all;
    for (std::size_t pair = 0; pair < pair_count(); ++pair) all.push_back({pair, false});
    return all;
}

TaskId ComponentContext::task_id(const RunbookStep& step, const PairScope& scope) const {
    std::string id = application_.id.str() + "/" + component_.name;
    if (!scope.once && pair_count() > 1) id += "@" + component_.hosts[scope.pair].str();
    return TaskId(id + "/" + step.id);
}

ChannelId ComponentContext::channel_id(const std::string& channel, std::size_t pair) const {
    std::string id = application_.id.str() + "/" + component_.name;
    if (pair_count() > 1) id += "@" + component_.hosts[pair].str();
    return ChannelId(id + "/" + channel);
}

const RunbookStep* ComponentContext::find_step(const std::string& id) const {
    const auto found = std::find_if(runbook_.steps.begin(), runbook_.steps.end(),
                                    [&id](const RunbookStep& step) { return step.id == id; });
    return found == runbook_.steps.end() ? nullptr : &*found;
}

Result<std::string> ComponentContext::expanded(const std::string& text, const PairScope& scope) const {
    return expand(text, [&](const std::string& reference) { return lookup(reference, scope); });
}

Result<std::string> ComponentContext::lookup(const std::string& reference, const PairScope& scope) const {
    std::string rest = reference;
    if (take_prefix(rest, "param.")) return param(rest, scope);
    if (take_prefix(rest, "channel.")) return channel(rest, scope);
    return basic_lookup(reference, scope);
}

Result<std::string> ComponentContext::basic_lookup(const std::string& reference,
                                                   const PairScope& scope) const {
    std::string rest = reference;
    if (rest == "project") return plan_.project.str();
    if (rest == "application") return application_.id.str();
    if (rest == "component") return component_.name;
    if (take_prefix(rest, "step.")) return step_output(rest, scope);
    std::optional<std::string> value;
    if (take_prefix(rest, "source.")) {
        value = host_property(source(scope.pair), rest);
    } else if (take_prefix(rest, "target.")) {
        value = host_property(target(scope.pair), rest);
    } else if (take_prefix(rest, "host.")) {
        const std::size_t dot = rest.rfind('.');
        const auto host = plan_.hosts.find(HostId(rest.substr(0, dot)));
        if (dot != std::string::npos && host != plan_.hosts.end()) {
            value = host_property(host->second, rest.substr(dot + 1));
        }
    } else if (rest.rfind("param.", 0) == 0 || rest.rfind("channel.", 0) == 0) {
        return bad("'${" + reference + "}' cannot be used in a parameter's own value");
    }
    if (value) return *value;
    return bad("'${" + reference +
               "}' names nothing (known: project, application, component, source.*, target.* and "
               "host.NAME.* with name, address or site, param.*, channel.*, step.STEP.OUTPUT)");
}

Result<std::string> ComponentContext::param(const std::string& name, const PairScope& scope) const {
    const auto value = [&](const std::string& text) {
        return expand(text, [&](const std::string& inner) { return basic_lookup(inner, scope); });
    };
    const auto given = component_.params.find(name);
    if (given != component_.params.end()) return value(given->second);
    const auto fallback = runbook_.defaults.find(name);
    if (fallback != runbook_.defaults.end()) return value(fallback->second);
    std::vector<std::string> known(runbook_.required.begin(), runbook_.required.end());
    for (const auto& [key, text] : runbook_.defaults) known.push_back(key);
    return bad("'${param." + name + "}' is not a parameter of runbook '" + runbook_.id + "'" +
               did_you_mean(name, known));
}

Result<std::string> ComponentContext::channel(const std::string& rest, const PairScope& scope) const {
    std::string name = rest;
    constexpr std::string_view kExpose = ".expose";
    const bool expose = name.size() > kExpose.size() &&
                        name.compare(name.size() - kExpose.size(), kExpose.size(), kExpose) == 0;
    if (expose) name.resize(name.size() - kExpose.size());
    std::vector<std::string> known;
    for (const RunbookChannel& entry : runbook_.channels) {
        known.push_back(entry.name);
        if (entry.name != name) continue;
        if (!expose) return channel_id(name, scope.pair).str();
        if (entry.kind == ChannelKind::kTree) {
            return bad("'${channel." + rest + "}': channel '" + name + "' is a tree and exposes nothing");
        }
        return channel_text(entry.expose, scope);
    }
    return bad("'${channel." + rest + "}' is not a channel of runbook '" + runbook_.id + "'" +
               did_you_mean(name, known));
}

Result<std::string> ComponentContext::channel_text(const std::string& text, const PairScope& scope) const {
    return expand(text, [&](const std::string& reference) -> Result<std::string> {
        std::string rest = reference;
        if (take_prefix(rest, "param.")) return param(rest, scope);
        if (rest.rfind("step.", 0) == 0) return bad("a channel cannot use the output of a step");
        return basic_lookup(reference, scope);
    });
}

Result<std::string> ComponentContext::step_output(const std::string& rest, const PairScope& scope) const {
    const std::string shown = "'${step." + rest + "}'";
    const std::size_t dot = rest.rfind('.');
    const auto ref = dot == std::string::npos ? std::nullopt : read_step_ref(rest.substr(0, dot), {});
    if (!ref) return bad(shown + " is not a step's output (meant: step.STEP.OUTPUT)");
    const std::string output = rest.substr(dot + 1);
    const Component* owner = &component_;
    const Application* application = &application_;
    if (!ref->component.empty()) {
        owner = find_component(plan_, application_, *ref);
        if (owner == nullptr || plan_.runbooks.count(owner->runbook) == 0) {
            return bad(shown + " names a component that does not exist");
        }
        if (!ref->application.empty()) application = &plan_.applications.at(ref->application);
    }
    const ComponentContext there(plan_, *application, *owner);
    const RunbookStep* step = there.find_step(ref->step);
    const auto action = step == nullptr ? plan_.actions.end() : plan_.actions.find(step->action);
    if (action == plan_.actions.end()) return bad(shown + " names a step that has no action");
    const std::vector<std::string>& outputs = action->second.outputs;
    if (std::count(outputs.begin(), outputs.end(), output) == 0) {
        return bad(shown + ": action '" + action->first + "' has no output '" + output + "'" +
                   did_you_mean(output, outputs));
    }
    const std::vector<PairScope> scopes = there.scopes(*step);
    if (scopes.size() == 1) return "${step." + there.task_id(*step, scopes[0]).str() + "." + output + "}";
    if (owner == &component_ && !scope.once) {
        return "${step." + there.task_id(*step, scope).str() + "." + output + "}";
    }
    return bad(shown + " is ambiguous: the step is done for each of " + std::to_string(scopes.size()) +
               " hosts");
}

}  // namespace ararat::planning
