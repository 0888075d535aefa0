#include "planning/step_expansion.h"

#include <algorithm>
#include <utility>

#include "base/units.h"
#include "planning/nearest_name.h"
#include "planning/operation_expansion.h"
#include "planning/param_types.h"
#include "planning/template_text.h"

namespace ararat::planning {
namespace {

// Reports faults of one step, each with the component it was compiled for.
class StepReport {
public:
    StepReport(const ComponentContext& context, const RunbookStep& step, DiagnosticList& faults)
        : context_(context), step_(step), faults_(faults) {}

    void add(DiagnosticCode code, const std::string& message) { add(step_.place, code, message); }
    void add(const SourcePlace& place, DiagnosticCode code, const std::string& message) {
        faults_.add(place, code,
                    "step '" + step_.id + "' for '" + context_.application().id.str() + "/" +
                        context_.component().name + "': " + message);
        clean_ = false;
    }
    // The value, or nothing and a fault.
    template <typename T>
    std::optional<T> take(Result<T> result, const SourcePlace& place, DiagnosticCode code) {
        if (result.ok()) return std::move(result).value();
        add(place, code, result.error().message);
        return std::nullopt;
    }
    [[nodiscard]] bool clean() const { return clean_; }
    [[nodiscard]] const SourcePlace& place() const { return step_.place; }

private:
    const ComponentContext& context_;
    const RunbookStep& step_;
    DiagnosticList& faults_;
    bool clean_ = true;
};

std::map<std::string, std::string> param_values(const ComponentContext& context, const RunbookStep& step,
                                                const PairScope& scope, const Action& action,
                                                StepReport& report) {
    std::map<std::string, std::string> values;
    for (const ActionParam& param : action.params) {
        const auto given = step.with.find(param.name);
        if (given == step.with.end()) {
            if (param.fallback) values[param.name] = *param.fallback;
            continue;
        }
        const auto written = step.with_places.find(param.name);
        const SourcePlace& place = written == step.with_places.end() ? report.place() : written->second;
        const auto value =
            report.take(context.expanded(given->second, scope), place, DiagnosticCode::kBadReference);
        if (!value) continue;
        values[param.name] = *value;
        // What a host will report is not known yet; it stays one argument whatever it is.
        if (has_late_reference(*value)) continue;
        if (const auto checked = check_param_value(param.type, *value); !checked.ok()) {
            report.add(place, DiagnosticCode::kBadParameter,
                       "parameter '" + param.name + "': " + checked.error().message);
        }
    }
    return values;
}

HostId executor_of(const Plan& plan, const ComponentContext& context, const RunbookStep& step,
                   const PairScope& scope, StepReport& report) {
    const auto on =
        report.take(context.expanded(step.on, scope), report.place(), DiagnosticCode::kBadReference);
    if (!on) return {};
    HostId id(*on);
    if (*on == "source") id = context.source(scope.pair).id;
    if (*on == "target") id = context.target(scope.pair).id;
    const auto host = plan.hosts.find(id);
    if (host == plan.hosts.end()) {
        std::vector<std::string> known = {"source", "target"};
        for (const auto& [name, entry] : plan.hosts) known.push_back(name.str());
        report.add(DiagnosticCode::kUnknownName, "unknown host '" + *on + "'" + did_you_mean(*on, known));
    } else if (host->second.via == HostVia::kManual) {
        report.add(DiagnosticCode::kHostUse, "host '" + id.str() +
                                                 "' is driven by people only (via: manual) and cannot run an "
                                                 "action (meant: a manual step)");
    }
    return id;
}

std::optional<Duration> duration_of(const ComponentContext& context, const std::string& text,
                                    const PairScope& scope, StepReport& report) {
    const auto value =
        report.take(context.expanded(text, scope), report.place(), DiagnosticCode::kBadReference);
    if (!value) return std::nullopt;
    const auto duration = report.take(parse_duration(*value), report.place(), DiagnosticCode::kBadParameter);
    if (duration && *duration <= Duration{0}) {
        report.add(DiagnosticCode::kBadParameter, "'" + *value + "' is not a duration above zero");
    }
    return duration;
}

using Stages = std::array<Boxed<Operation>, 5>;

std::array<const std::optional<OperationTemplate>*, 5> templates_of(const Action& action) {
    return {&action.check, &action.perform, &action.probe, &action.undo, &action.verify};
}

bool copies_trees(const Action& action) {
    const auto templates = templates_of(action);
    return std::any_of(templates.begin(), templates.end(), [](const auto* from) {
        return from->has_value() &&
               ((*from)->operation.verb == Verb::kCopyTree || (*from)->operation.verb == Verb::kVerifyTree);
    });
}

Stages expanded_stages(const Action& action, const OperationValues& values, StepReport& report) {
    Stages stages;
    const auto templates = templates_of(action);
    for (std::size_t i = 0; i < templates.size(); ++i) {
        if (!templates[i]->has_value()) continue;
        if (auto operation = report.take(expand_operation(**templates[i], values), report.place(),
                                         DiagnosticCode::kBadParameter)) {
            stages[i] = std::move(*operation);
        }
    }
    return stages;
}

void set_operations(const ComponentContext& context, const RunbookStep& step, const PairScope& scope,
                    const Action& action, ExpandedSteps& before, StepReport& report, Task& task) {
    OperationValues values;
    values.params = param_values(context, step, scope, action, report);
    if (copies_trees(action)) {
        for (const RunbookChannel& channel : context.runbook().channels) {
            if (channel.kind != ChannelKind::kTree) continue;
            values.tree_channels.insert(context.channel_id(channel.name, scope.pair).str());
        }
    }
    if (!report.clean()) return;
    ExpandedStep& last = before.last(step);
    if (!last.known || last.values != values) {
        Stages stages = expanded_stages(action, values, report);
        last = {report.clean(), std::move(values), std::move(stages), std::nullopt, {}};
    }
    task.check = last.stages[0];
    task.perform = last.stages[1];
    task.probe = last.stages[2];
    task.undo = last.stages[3];
    task.verify = last.stages[4];
    // A check tells whether it took effect, where nothing else does.
    if (task.action_class == ActionClass::kProbeable && !task.probe) task.probe = task.check;
}

void set_timeout(Duration timeout, ExpandedStep& last, Task& task) {
    if (!last.known || last.timeout != timeout) {
        last.timeout = timeout;
        last.timed = task.perform;
        last.timed.edit().timeout = timeout;
    }
    task.perform = last.timed;
}

void set_action(const Plan& plan, const ComponentContext& context, const RunbookStep& step,
                const PairScope& scope, ExpandedSteps& before, StepReport& report, Task& task) {
    const Action& action = plan.actions.at(step.action);
    task.action = action.id;
    task.action_class = action.action_class;
    task.guard = action.guard;
    task.executor = executor_of(plan, context, step, scope, report);
    task.outputs = action.outputs;
    for (const auto& [name, hash] : action.files) task.files.push_back({name, hash});
    if (action.retry) task.retry = *action.retry;
    if (step.retry) task.retry = *step.retry;
    set_operations(context, step, scope, action, before, report, task);
    if (!step.timeout.empty() && task.perform) {
        if (const auto timeout = duration_of(context, step.timeout, scope, report)) {
            set_timeout(*timeout, before.last(step), task);
        }
    }
}

std::vector<ChannelId> channel_ids(const ComponentContext& context, const std::vector<std::string>& names,
                                   const PairScope& scope) {
    std::vector<ChannelId> ids;
    for (const std::string& name : names) {
        for (std::size_t pair = 0; pair < context.pair_count(); ++pair) {
            if (scope.once || pair == scope.pair) ids.push_back(context.channel_id(name, pair));
        }
    }
    return ids;
}

}  // namespace

Task begin_task(const ComponentContext& context, const RunbookStep& step, const PairScope& scope) {
    Task task;
    task.id = context.task_id(step, scope);
    task.kind = step.kind;
    task.application = context.application().id;
    task.component = context.component().name;
    task.step = step.id;
    task.phase = step.phase;
    task.source = context.source(scope.pair).id;
    task.target = context.target(scope.pair).id;
    task.opens = channel_ids(context, step.opens, scope);
    task.closes = channel_ids(context, step.closes, scope);
    task.point_of_no_return = step.point_of_no_return;
    task.gate = step.gate;
    task.when_late = context.application().when_late;
    return task;
}

std::optional<Task> expand_step(const Plan& plan, const ComponentContext& context, const RunbookStep& step,
                                const PairScope& scope, ExpandedSteps& before, DiagnosticList& faults) {
    StepReport report(context, step, faults);
    Task task = begin_task(context, step, scope);
    switch (step.kind) {
        case TaskKind::kStep: set_action(plan, context, step, scope, before, report, task); break;
        case TaskKind::kGate:
            if (plan.gates.count(step.gate) == 0) {
                report.add(DiagnosticCode::kUnknownName, "unknown gate '" + step.gate.str() + "'");
            }
            break;
        case TaskKind::kManual:
            task.text =
                report.take(context.expanded(step.text, scope), report.place(), DiagnosticCode::kBadReference)
                    .value_or(std::string());
            break;
        case TaskKind::kSoak:
            task.soak = duration_of(context, step.soak, scope, report).value_or(Duration{0});
            break;
    }
    if (!step.expected.empty()) {
        task.expected = duration_of(context, step.expected, scope, report).value_or(Duration{0});
    }
    if (!step.undo_expected.empty()) {
        task.undo_expected = duration_of(context, step.undo_expected, scope, report).value_or(Duration{0});
    }
    if (!report.clean()) return std::nullopt;
    return task;
}

}  // namespace ararat::planning
