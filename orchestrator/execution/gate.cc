// Whether a gate is open. Where every role has to approve, every role has to have a person of its own:
// somebody with several roles would be alone with a decision that was meant for several.
#include <algorithm>
#include <deque>
#include <map>

#include "execution/engine_core.h"
#include "execution/queries.h"

namespace ararat::execution {
namespace {

const Gate* find_gate(const CompiledPlan& plan, const GateId& gate) {
    const auto found = std::find_if(plan.gates.begin(), plan.gates.end(),
                                    [&](const Gate& candidate) { return candidate.id == gate; });
    return found == plan.gates.end() ? nullptr : &*found;
}

// What was decided in a role about the wave as it is now.
struct RoleWord {
    const GateDecision* latest = nullptr;
    std::vector<std::string> granted_by;  // whose own latest word is a go
};

RoleWord word_of(const std::map<RoleId, RoleDecisions>& decided, const RoleId& role, const Hash& subtree) {
    RoleWord word;
    const auto found = decided.find(role);
    if (found == decided.end()) return word;
    for (const GateDecision& decision : found->second) {
        if (decision.subtree != subtree) continue;
        word.latest = &decision;
        if (decision.granted) word.granted_by.push_back(decision.by);
    }
    return word;
}

// Gives as many roles as possible a person of their own: a maximum bipartite matching by augmenting paths
// (Kuhn 1955), so that it does not matter who decided first or in how many roles.
class Seating {
public:
    explicit Seating(const std::vector<RoleWord>& words) : words_(words), person_of_(words.size()) {
        for (std::size_t role = 0; role < words.size(); ++role) seat(role);
    }
    [[nodiscard]] bool has_person(std::size_t role) const { return !person_of_[role].empty(); }

private:
    void seat(std::size_t wanted) {
        std::map<std::string, std::size_t> asked_by;  // person -> the role that asks for them
        std::deque<std::size_t> asking{wanted};
        while (!asking.empty()) {
            const std::size_t role = asking.front();
            asking.pop_front();
            for (const std::string& person : words_[role].granted_by) {
                if (!asked_by.try_emplace(person, role).second) continue;
                const auto seated = role_of_.find(person);
                if (seated == role_of_.end()) {
                    move_along(person, wanted, asked_by);
                    return;
                }
                asking.push_back(seated->second);
            }
        }
    }

    // Along the way back to `wanted` each role gets the person it asked for.
    void move_along(std::string person, std::size_t wanted,
                    const std::map<std::string, std::size_t>& asked_by) {
        while (true) {
            const std::size_t role = asked_by.at(person);
            role_of_[person] = role;
            std::swap(person, person_of_[role]);
            if (role == wanted) return;
        }
    }

    const std::vector<RoleWord>& words_;
    std::vector<std::string> person_of_;
    std::map<std::string, std::size_t> role_of_;
};

std::string others_than(const std::vector<std::string>& people) {
    std::string words;
    for (const std::string& person : people) words += (words.empty() ? "" : " or ") + person;
    return words.empty() ? "" : " (by someone other than " + words + ")";
}

// Every role, each by another person.
void judge_all(const Gate& gate, const std::vector<RoleWord>& words, GateStatus& status) {
    const Seating seating(words);
    std::string missing;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (seating.has_person(i)) continue;
        status.missing.push_back(gate.roles[i]);
        missing += (missing.empty() ? "" : ", ") + gate.roles[i].str() + others_than(words[i].granted_by);
    }
    status.granted = status.missing.empty() && !words.empty();
    status.words = status.granted ? "approved" : "waits for approval by " + missing;
}

void judge_any(const Gate& gate, const std::vector<RoleWord>& words, GateStatus& status) {
    status.granted = std::any_of(words.begin(), words.end(),
                                 [](const RoleWord& word) { return !word.granted_by.empty(); });
    status.words = "approved";
    if (status.granted) return;
    status.missing = gate.roles;
    status.words = "waits for approval by one of ";
    for (std::size_t i = 0; i < gate.roles.size(); ++i) {
        status.words += (i == 0 ? "" : ", ") + gate.roles[i].str();
    }
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
    static const std::map<RoleId, RoleDecisions> kNone;
    const auto found = state.decisions.find({wave, gate_id});
    const auto& decided = found == state.decisions.end() ? kNone : found->second;
    std::vector<RoleWord> words;
    for (const RoleId& role : gate->roles) {
        words.push_back(word_of(decided, role, of->subtree));
        const GateDecision* latest = words.back().latest;
        if (latest == nullptr || latest->granted) continue;
        status.rejected = true;
        status.words = "rejected by " + latest->by + " (" + role.str() + ")" +
                       (latest->comment.empty() ? "" : ": " + latest->comment);
    }
    if (status.rejected) return status;
    gate->all ? judge_all(*gate, words, status) : judge_any(*gate, words, status);
    return status;
}

}  // namespace ararat::execution
