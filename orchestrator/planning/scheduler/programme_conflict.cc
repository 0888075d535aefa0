#include "planning/scheduler/programme_conflict.h"

#include <algorithm>
#include <iterator>
#include <span>

namespace ararat::planning::scheduler {
namespace {

using Set = std::vector<Constraint>;

Set joined(const Set& a, std::span<const Constraint> b) {
    Set both = a;
    both.insert(both.end(), b.begin(), b.end());
    return both;
}

class Search {
public:
    Search(const Programme& programme, const FeasibilityFunction& feasible, const ConflictOptions& options)
        : programme_(programme), feasible_(feasible), options_(options), all_(constraints_of(programme)) {}

    Conflict run() {
        const InfeasibilityProof proof = prove_infeasible(programme_);
        if (proof.kind != ProofKind::kNothing) {
            by_proof_ = true;
            // The constraints that the proof names mostly suffice, and are few.
            const Set& few = proof.constraints;
            result_.constraints = minimised(!few.empty() && impossible(few) ? few : all_);
        } else {
            const Feasibility whole = ask(programme_);
            if (whole == Feasibility::kFeasible) return std::move(result_);
            result_.constraints = minimised(all_);
        }
        by_proof_ = false;
        drop_what_is_not_needed();
        judge();
        return std::move(result_);
    }

private:
    // The programme with no constraints but these.
    [[nodiscard]] Programme only(Set kept) const {
        std::ranges::sort(kept);
        Set lifted;
        std::ranges::set_difference(all_, kept, std::back_inserter(lifted));
        return without(programme_, lifted);
    }

    Feasibility ask(const Programme& programme) {
        if (prove_infeasible(programme).kind != ProofKind::kNothing) return Feasibility::kProvedInfeasible;
        if (result_.checks >= options_.checks_max) {
            ended_ = true;
            return Feasibility::kNotFound;
        }
        ++result_.checks;
        return feasible_(programme);
    }

    // While a proof without search is narrowed down, only such proofs count: they cost little and are
    // certain. Without one, a programme for which the search finds nothing counts as impossible.
    bool impossible(const Set& kept) {
        const Programme programme = only(kept);
        if (by_proof_) return prove_infeasible(programme).kind != ProofKind::kNothing;
        // With no checks left everything is kept that was not yet ruled out.
        if (ended_) return false;
        return ask(programme) != Feasibility::kFeasible && !ended_;
    }

    Set minimised(const Set& candidates) {
        if (impossible({})) return {};
        return narrowed({}, false, candidates);
    }

    // Junker's QX: the part of `candidates` that conflicts with `background`, which grew just now or did not.
    Set narrowed(const Set& background, bool grew, const Set& candidates) {
        if (grew && impossible(background)) return {};
        if (candidates.size() <= 1) return candidates;
        const auto half = static_cast<std::ptrdiff_t>(candidates.size() / 2);
        const Set first(candidates.begin(), candidates.begin() + half);
        const Set second(candidates.begin() + half, candidates.end());
        const Set of_second = narrowed(joined(background, first), !first.empty(), second);
        const Set of_first = narrowed(joined(background, of_second), !of_second.empty(), first);
        return joined(of_first, of_second);
    }

    // A proof can rest on more than is needed where a search needs less, and a bounded search may have failed
    // for want of time: each is tried once more.
    void drop_what_is_not_needed() {
        result_.minimal = true;
        Set kept = result_.constraints;
        for (const Constraint& constraint : result_.constraints) {
            Set rest = kept;
            std::erase(rest, constraint);
            switch (ask(only(rest))) {
                case Feasibility::kFeasible: break;
                case Feasibility::kProvedInfeasible: kept = rest; break;
                case Feasibility::kNotFound: result_.minimal = false; break;
            }
        }
        std::ranges::sort(kept);
        result_.constraints = kept;
    }

    void judge() {
        const Programme programme = only(result_.constraints);
        result_.proof = prove_infeasible(programme);
        result_.proof.constraints = result_.proof.kind == ProofKind::kNothing ? Set{} : result_.constraints;
        const Feasibility standing = ask(programme);
        if (standing == Feasibility::kFeasible) {
            // A search that once finds nothing and once something is no ground for a smaller set.
            result_.constraints = all_;
            result_.minimal = false;
        }
        result_.standing = standing == Feasibility::kProvedInfeasible ? ConflictStanding::kProved
                                                                      : ConflictStanding::kNotFound;
    }

    const Programme& programme_;
    const FeasibilityFunction& feasible_;
    const ConflictOptions& options_;
    const Set all_;
    bool by_proof_ = false;
    bool ended_ = false;
    Conflict result_;
};

}  // namespace

Conflict find_conflict(const Programme& programme, const FeasibilityFunction& feasible,
                       const ConflictOptions& options) {
    return Search(programme, feasible, options).run();
}

}  // namespace ararat::planning::scheduler
