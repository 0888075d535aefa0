#include <algorithm>

#include "execution/engine_core.h"
#include "execution/queries.h"

namespace ararat::execution {
namespace {

const Gate* find_gate(const CompiledPlan& plan, const GateId& gate) {
    const auto found = std::find_if(plan.gates.begin(), plan.gates.end(),
                                    [&](const Gate& candidate) { return candidate.id == gate; });
    return found == plan.gates.end() ? nullptr : &*found;
}

std::string waits_for(const Gate& gate, const std::vector<RoleId>& missing) {
    std::string words = gate.all ? "waits for approval by " : "waits for approval by one of ";
    for (std::size_t i = 0; i < missing.size(); ++i) {
        words += (i == 0 ? "" : ", ") + missing[i].str();
    }
    return words;
}

}  // namespace

GateStatus gate_status(const State& state, const CompiledPlan& plan, const WaveId& wave,
                       const GateId& gate_id) {
    GateStatus status;
    const Gate* gate = find_gate(plan, gate_id);
    const Wave* of = find_wave(plan, wave);
    if (gate == nullptr || of == nullptr) {
        status.words = "the plan has no gate " + gate_id.str() + " for wave " + wave.str();
        return status;
    }
    const auto decided = state.decisions.find({wave, gate_id});
    bool any_granted = false;
    for (const RoleId& role : gate->roles) {
        const GateDecision* decision = nullptr;
        if (decided != state.decisions.end()) {
            const auto found = decided->second.find(role);
            if (found != decided->second.end() && found->second.subtree == of->subtree) {
                decision = &found->second;
            }
        }
        if (decision == nullptr) {
            status.missing.push_back(role);
        } else if (decision->granted) {
            any_granted = true;
        } else {
            status.rejected = true;
            status.words = "rejected by " + decision->by + " (" + role.str() + ")" +
                           (decision->comment.empty() ? "" : ": " + decision->comment);
        }
    }
    if (status.rejected) return status;
    status.granted = gate->all ? status.missing.empty() && any_granted : any_granted;
    if (status.granted) status.missing.clear();
    status.words = status.granted ? "approved" : waits_for(*gate, status.missing);
    return status;
}

}  // namespace ararat::execution
