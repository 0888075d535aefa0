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

// No group of it can begin its cutover any more.
bool is_too_late(const Wave& wave, Instant now) { return now > wave.latest_start || now >= wave.window_end; }

bool has_moved(const State& state, const Wave& wave) {
    return std::all_of(wave.groups.begin(), wave.groups.end(),
                       [&](const MoveGroupId& group) { return state.moved.contains(group); });
}

// A plan that lay about until its windows were over would be in force and could not be carried out.
Result<void> refuse_windows_of_the_past(const State& state, const CompiledPlan& plan, Instant now) {
    std::string late;
    for (const Wave& wave : plan.waves) {
        const bool is_under_way =
            std::any_of(state.active_runs.begin(), state.active_runs.end(),
                        [&](const RunId& run) { return state.runs.at(run).wave == wave.id; });
        if (!is_too_late(wave, now) || is_under_way || has_moved(state, wave)) continue;
        late += (late.empty() ? "wave " : ", wave ") + wave.id.str() + " (latest start " +
                time_text(wave.latest_start) + ")";
    }
    if (late.empty()) return {};
    return Error{ErrorCode::kAborted,
                 "it is " + time_text(now) + ", too late to begin " + late + ": plan again"};
}

Result<void> check_window(const Wave& wave, const StartWave& input, Instant now) {
    if (input.ignore_window) {
        if (!input.reason.empty()) return {};
        return Error{ErrorCode::kInvalidArgument, "a start that ignores the change window needs a reason"};
    }
    if (!is_too_late(wave, now)) return {};
    return Error{ErrorCode::kFailedPrecondition,
                 "wave " + wave.id.str() + " cannot start: its change window was from " +
                     time_text(wave.window_start) + " to " + time_text(wave.window_end) + " (latest start " +
                     time_text(wave.latest_start) + "), and it is " + time_text(now) + ": plan again"};
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

Result<Records> decide_apply_plan(const State& state, const ApplyPlan& input, Instant now) {
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
    ARARAT_RETURN_IF_ERROR(check_new_plan(*input.plan));
    if (input.plan->hash == current) return Records{};
    ARARAT_RETURN_IF_ERROR(refuse_change_under_way(state, *input.plan));
    ARARAT_RETURN_IF_ERROR(refuse_windows_of_the_past(state, *input.plan, now));
    return Records{PlanApplied{input.plan->hash, input.base, input.by.name}};
}

Result<Records> decide_start_wave(const State& state, const StartWave& input, Instant now) {
    if (!state.plan) return Error{ErrorCode::kFailedPrecondition, "no plan has been applied yet"};
    const Wave* wave = find_wave(*state.plan, input.wave);
    if (wave == nullptr) {
        return Error{ErrorCode::kNotFound, "the current plan has no wave " + input.wave.str()};
    }
    const std::string obstacle = obstacle_to_start(state, *wave);
    if (!obstacle.empty()) {
        return Error{ErrorCode::kFailedPrecondition, "wave " + wave->id.str() + " cannot start: " + obstacle};
    }
    ARARAT_RETURN_IF_ERROR(check_window(*wave, input, now));
    RunStarted started = make_run(state, *wave, input.by.name);
    started.ignore_window = input.ignore_window;
    started.reason = input.reason;
    return Records{std::move(started)};
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
