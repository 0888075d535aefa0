// Plans, waves and approvals: what people decide before anything moves.
#include <algorithm>

#include "execution/decide.h"
#include "execution/queries.h"

namespace ararat::execution {
namespace {

std::string named(const Hash& hash) { return hash.empty() ? "none" : hash.str(); }

// A run pins its plan, but a second plan for a wave that is on its way would leave people approving one
// thing and watching another.
Result<void> refuse_change_under_way(const State& state, const CompiledPlan& plan) {
    for (const RunId& id : state.active_runs) {
        const Run& run = state.runs.at(id);
        const Wave* wave = find_wave(plan, run.wave);
        if (wave != nullptr && wave->subtree == run.index.graph->wave->subtree) continue;
        return Error{ErrorCode::kFailedPrecondition,
                     "wave " + run.wave.str() + (wave == nullptr ? " is not in" : " is changed by") +
                         " this plan while its run " + id.str() + " is under way"};
    }
    return {};
}

Result<void> check_decider(const State& state, const DecideGate& input, const Wave& wave) {
    if (input.subtree != wave.subtree) {
        return Error{ErrorCode::kAborted, "the decision is about " + named(input.subtree) + " but wave " +
                                              wave.id.str() + " is now " + wave.subtree.str() +
                                              ": look at the plan again"};
    }
    const auto authors = state.subtree_authors.find(wave.subtree);
    const bool applied = authors != state.subtree_authors.end() && authors->second.contains(input.by.name);
    if (applied || state.plan->author == input.by.name) {
        return Error{ErrorCode::kPermissionDenied,
                     input.by.name + " applied this plan; someone else has to decide about it"};
    }
    return {};
}

}  // namespace

Result<Records> decide_apply_plan(const State& state, const ApplyPlan& input) {
    if (!input.plan) return Error{ErrorCode::kInvalidArgument, "no plan was given"};
    const Hash current = state.plan ? state.plan->hash : Hash{};
    if (input.base != current) {
        return Error{ErrorCode::kAborted, "the plan was made against revision " + named(input.base) +
                                              " but the current one is " + named(current) + ": plan again"};
    }
    if (!state.project.empty() && input.plan->project != state.project) {
        return Error{ErrorCode::kInvalidArgument, "the plan is of project " + input.plan->project.str() +
                                                      ", this is " + state.project.str()};
    }
    ARARAT_RETURN_IF_ERROR(check_plan(*input.plan));
    if (input.plan->hash == current) return Records{};
    ARARAT_RETURN_IF_ERROR(refuse_change_under_way(state, *input.plan));
    return Records{PlanApplied{input.plan->hash, input.base, input.by.name}};
}

Result<Records> decide_start_wave(const State& state, const StartWave& input) {
    if (!state.plan) return Error{ErrorCode::kFailedPrecondition, "no plan has been applied yet"};
    const Wave* wave = find_wave(*state.plan, input.wave);
    if (wave == nullptr) {
        return Error{ErrorCode::kNotFound, "the current plan has no wave " + input.wave.str()};
    }
    const std::string obstacle = obstacle_to_start(state, *wave);
    if (!obstacle.empty()) {
        return Error{ErrorCode::kFailedPrecondition, "wave " + wave->id.str() + " cannot start: " + obstacle};
    }
    return Records{make_run(state, *wave, input.by.name, input.ignore_window)};
}

Result<Records> decide_gate(const State& state, const DecideGate& input) {
    if (!state.plan) return Error{ErrorCode::kFailedPrecondition, "no plan has been applied yet"};
    const Wave* wave = find_wave(*state.plan, input.wave);
    const auto gate = std::find_if(state.plan->gates.begin(), state.plan->gates.end(),
                                   [&](const Gate& candidate) { return candidate.id == input.gate; });
    if (wave == nullptr || gate == state.plan->gates.end()) {
        return Error{ErrorCode::kNotFound,
                     "the current plan has no gate " + input.gate.str() + " for a wave " + input.wave.str()};
    }
    ARARAT_RETURN_IF_ERROR(check_decider(state, input, *wave));
    Records out;
    for (const RoleId& role : gate->roles) {
        if (!input.by.roles.contains(role)) continue;
        out.push_back(GateDecided{input.wave, input.gate, role, input.granted, input.by.name, input.comment,
                                  input.subtree, input.signature, input.certificate_pem});
    }
    if (out.empty()) {
        return Error{ErrorCode::kPermissionDenied,
                     input.by.name + " has none of the roles that decide about gate " + input.gate.str()};
    }
    return out;
}

}  // namespace ararat::execution
