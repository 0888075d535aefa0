#include "planning/runbook_validator.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "planning/nearest_name.h"
#include "planning/param_types.h"
#include "planning/plan_builder.h"
#include "planning/template_text.h"

namespace ararat::planning {
namespace {

const RunbookStep* find_step(const Runbook& runbook, const std::string& id) {
    for (const RunbookStep& step : runbook.steps) {
        if (step.id == id) return &step;
    }
    return nullptr;
}

std::vector<std::string> step_ids(const Runbook& runbook) {
    std::vector<std::string> ids;
    for (const RunbookStep& step : runbook.steps) ids.push_back(step.id);
    return ids;
}

// Every ${...} of a runbook against what is known without a component.
class RunbookReferences {
public:
    RunbookReferences(const Plan& plan, const Runbook& runbook, DiagnosticList& faults)
        : plan_(plan), runbook_(runbook), faults_(faults) {
        if (faults.parts().at(runbook.place, "params")) unsure_.emplace_back("param.");
        if (faults.parts().at(runbook.place, "channels")) unsure_.emplace_back("channel.");
        known_ = {"project",     "application", "component",      "source.name", "source.address",
                  "source.site", "target.name", "target.address", "target.site"};
        for (const auto& [name, text] : runbook.defaults) known_.push_back("param." + name);
        for (const std::string& name : runbook.required) known_.push_back("param." + name);
        for (const RunbookChannel& channel : runbook.channels) {
            known_.push_back("channel." + channel.name);
            if (channel.kind == ChannelKind::kSocket) {
                known_.push_back("channel." + channel.name + ".expose");
            }
        }
    }

    void check(const std::string& text, const SourcePlace& place, const std::string& where) const {
        const auto parts = split_template(text);
        if (!parts.ok()) {
            faults_.add(place, DiagnosticCode::kBadReference, where + parts.error().message);
            return;
        }
        for (const TemplatePart& part : *parts) {
            if (part.is_reference) check_reference(part.text, place, where);
        }
    }

private:
    void check_reference(const std::string& reference, const SourcePlace& place,
                         const std::string& where) const {
        if (std::find(known_.begin(), known_.end(), reference) != known_.end()) return;
        if (reference.rfind("host.", 0) == 0) return;  // known only in a plan
        for (const std::string& prefix : unsure_) {
            if (reference.rfind(prefix, 0) == 0) return;
        }
        if (reference.rfind("step.", 0) == 0) {
            check_output(reference, place, where);
            return;
        }
        faults_.add(place, DiagnosticCode::kBadReference,
                    where + "'${" + reference + "}' names nothing" + did_you_mean(reference, known_));
    }

    void check_output(const std::string& reference, const SourcePlace& place,
                      const std::string& where) const {
        const std::string rest = reference.substr(5);
        const std::size_t dot = rest.rfind('.');
        const auto ref = dot == std::string::npos ? std::nullopt : read_step_ref(rest.substr(0, dot), place);
        if (!ref) {
            faults_.add(place, DiagnosticCode::kBadReference,
                        where + "'${" + reference + "}' is not a step's output (meant: step.STEP.OUTPUT)");
            return;
        }
        if (!ref->component.empty()) return;  // known only in a plan
        const RunbookStep* step = find_step(runbook_, ref->step);
        if (step == nullptr && has_unnamed_step(runbook_, faults_.parts())) return;
        if (step == nullptr) {
            faults_.add(place, DiagnosticCode::kBadReference,
                        where + "'${" + reference + "}': unknown step '" + ref->step + "'" +
                            did_you_mean(ref->step, step_ids(runbook_)));
            return;
        }
        const auto action = plan_.actions.find(step->action);
        if (action == plan_.actions.end()) return;  // reported where the action is named
        if (faults_.parts().at(action->second.place)) return;
        const std::vector<std::string>& outputs = action->second.outputs;
        const std::string output = rest.substr(dot + 1);
        if (std::count(outputs.begin(), outputs.end(), output) > 0) return;
        faults_.add(place, DiagnosticCode::kBadReference,
                    where + "'${" + reference + "}': action '" + action->first + "' has no output '" +
                        output + "'" + did_you_mean(output, outputs));
    }

    const Plan& plan_;
    const Runbook& runbook_;
    DiagnosticList& faults_;
    std::vector<std::string> known_;
    std::vector<std::string> unsure_;  // beginnings of references of which not all that is known was read
};

SourcePlace place_of(const RunbookStep& step, const std::string& param) {
    const auto found = step.with_places.find(param);
    return found == step.with_places.end() ? step.place : found->second;
}

void check_params(const Plan& plan, const RunbookStep& step, DiagnosticList& faults) {
    const auto action = plan.actions.find(step.action);
    if (action == plan.actions.end() || faults.parts().at(action->second.place)) return;
    if (faults.parts().at(step.place, "with")) return;
    std::vector<std::string> known;
    for (const ActionParam& param : action->second.params) {
        known.push_back(param.name);
        const auto given = step.with.find(param.name);
        if (given == step.with.end()) {
            if (!param.required) continue;
            faults.add(step.place, DiagnosticCode::kBadParameter,
                       "step '" + step.id + "': action '" + step.action + "' wants parameter '" + param.name +
                           "' of type " + std::string(to_string(param.type)));
            continue;
        }
        if (given->second.find("${") != std::string::npos) continue;  // checked when it is filled in
        if (const auto checked = check_param_value(param.type, given->second); !checked.ok()) {
            faults.add(place_of(step, param.name), DiagnosticCode::kBadParameter,
                       "parameter '" + param.name + "': " + checked.error().message);
        }
    }
    for (const auto& [name, value] : step.with) {
        if (std::count(known.begin(), known.end(), name) > 0) continue;
        faults.add(
            place_of(step, name), DiagnosticCode::kBadParameter,
            "action '" + step.action + "' has no parameter '" + name + "'" + did_you_mean(name, known));
    }
}

void check_after(const Runbook& runbook, const RunbookStep& step, DiagnosticList& faults) {
    if (!step.after) return;
    for (const std::string& name : *step.after) {
        const auto ref = read_step_ref(name, step.place);
        if (!ref) {
            faults.add(step.place, DiagnosticCode::kBadReference,
                       "step '" + step.id + "': '" + name +
                           "' is not a step (meant: STEP, COMPONENT/STEP or APPLICATION/COMPONENT/STEP)");
        } else if (ref->component.empty() && find_step(runbook, ref->step) == nullptr &&
                   !has_unnamed_step(runbook, faults.parts())) {
            faults.add(step.place, DiagnosticCode::kUnknownName,
                       "step '" + step.id + "': unknown step '" + name + "'" +
                           did_you_mean(name, step_ids(runbook)));
        }
    }
}

}  // namespace

bool has_unnamed_step(const Runbook& runbook, const FaultyParts& faulty) {
    return faulty.at(runbook.place, "steps") ||
           std::any_of(runbook.steps.begin(), runbook.steps.end(),
                       [&faulty](const RunbookStep& step) { return faulty.at(step.place, "id"); });
}

void check_runbook(const Plan& plan, const Runbook& runbook, DiagnosticList& faults) {
    const RunbookReferences references(plan, runbook, faults);
    for (const RunbookChannel& channel : runbook.channels) {
        const std::string where = "channel '" + channel.name + "': ";
        references.check(channel.path, channel.place, where);
        references.check(channel.expose, channel.place, where);
    }
    const std::size_t before_defaults = faults.count();
    for (const auto& [name, text] : runbook.defaults) {
        references.check(text, runbook.default_places.at(name), "parameter '" + name + "': ");
    }
    if (faults.count() != before_defaults) faults.parts().mark(runbook.place, "params");
    const RunbookStep* no_return = nullptr;
    for (const RunbookStep& step : runbook.steps) {
        const std::size_t before = faults.count();
        const std::string where = "step '" + step.id + "': ";
        for (const auto& [name, text] : step.with) {
            references.check(text, place_of(step, name), "parameter '" + name + "': ");
        }
        for (const std::string& text : {step.on, step.text, step.soak, step.timeout}) {
            references.check(text, step.place, where);
        }
        check_params(plan, step, faults);
        check_after(runbook, step, faults);
        if (faults.count() != before) faults.parts().mark(step.place, "with");
        if (!step.point_of_no_return) continue;
        if (no_return != nullptr) {
            faults.add(step.place, DiagnosticCode::kUnsafeOrder,
                       where + "a second point of no return (first at " + to_string(no_return->place) + ")");
        } else {
            no_return = &step;
        }
    }
}

}  // namespace ararat::planning
