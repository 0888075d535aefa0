#include "execution/decide.h"

#include "execution/queries.h"

namespace ararat::execution {

Result<const Run*> run_under_way(const State& state, const RunId& run) {
    const auto found = state.runs.find(run);
    if (found == state.runs.end()) {
        return Error{ErrorCode::kNotFound, "there is no run " + run.str()};
    }
    if (is_final(found->second.status)) {
        return Error{ErrorCode::kFailedPrecondition,
                     "run " + run.str() + " has ended (" + std::string(to_string(found->second.status)) +
                         "); start a new run of wave " + found->second.wave.str()};
    }
    return &found->second;
}

namespace {

struct Decider {
    const State& state;
    const Connectivity& connectivity;
    Instant now;

    Result<Records> operator()(const ApplyPlan& input) const { return decide_apply_plan(state, input, now); }
    Result<Records> operator()(const StartWave& input) const { return decide_start_wave(state, input, now); }
    Result<Records> operator()(const ControlRun& input) const { return decide_control(state, input); }
    Result<Records> operator()(const RetryTask& input) const { return decide_retry(state, input); }
    Result<Records> operator()(const SkipTask& input) const { return decide_skip(state, input); }
    Result<Records> operator()(const BackOut& input) const {
        return decide_back_out(state, connectivity, input);
    }
    Result<Records> operator()(const GiveGo& input) const { return decide_go(state, input, now); }
    Result<Records> operator()(const CompleteManual& input) const { return decide_manual(state, input); }
    Result<Records> operator()(const DecideGate& input) const { return decide_gate(state, input); }
    Result<Records> operator()(const NoteFact& input) const {
        return std::visit([](const auto& fact) { return Records{fact}; }, input.fact);
    }
    Result<Records> operator()(const HostUp& input) const { return decide_host_up(state, input, now); }
    // A missing answer is unknown, not failed: losing the connection changes nothing that is recorded.
    Result<Records> operator()(const HostDown&) const { return Records{}; }
    Result<Records> operator()(const HostTroubled&) const { return Records{}; }
    Result<Records> operator()(const StepStarted& input) const { return decide_step_started(state, input); }
    Result<Records> operator()(const StepFinished& input) const {
        return decide_step_finished(state, input, now);
    }
    Result<Records> operator()(const Tick&) const { return Records{}; }
};

}  // namespace

Result<std::vector<RecordBody>> decide(const State& state, const Connectivity& connectivity,
                                       const Input& input, Instant now) {
    return std::visit(Decider{state, connectivity, now}, input);
}

}  // namespace ararat::execution
