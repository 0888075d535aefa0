// The smallest set of constraints that cannot hold together, when a programme has no schedule: without any
// one of them there is one. Proofs that need no search come first (programme_proof.h); then QuickXplain
// narrows all constraints down by asking a bounded solver. Source: Junker, "QuickXplain: preferred
// explanations and relaxations for over-constrained problems", AAAI 2004. Thread promise: as the solver that
// is handed in.
#pragma once

#include <functional>
#include <vector>

#include "planning/scheduler/programme.h"
#include "planning/scheduler/programme_constraint.h"
#include "planning/scheduler/programme_proof.h"

namespace ararat::planning::scheduler {

enum class Feasibility : std::uint8_t {
    kFeasible,  // there is a schedule
    kProvedInfeasible,
    kNotFound,  // the bounded search ended without either
};
using FeasibilityFunction = std::function<Feasibility(const Programme&)>;

struct ConflictOptions {
    std::int32_t checks_max = 400;  // of the solver; what is proved without it costs none
};

enum class ConflictStanding : std::uint8_t {
    kFeasible,  // there is a schedule
    kProved,    // the set as it is given has none
    kNotFound,  // the search found none for it; more search might
};

struct Conflict {
    ConflictStanding standing = ConflictStanding::kFeasible;
    std::vector<Constraint> constraints;  // in their own order; empty: what cannot be lifted is impossible
    // Without any one of them a schedule was found. False: for some the bounded search found none, or the
    // checks came to an end.
    bool minimal = false;
    InfeasibilityProof proof;  // where one without search suffices: jobs, interval and amounts
    std::int32_t checks = 0;
};

// Precondition: well formed.
[[nodiscard]] Conflict find_conflict(const Programme& programme, const FeasibilityFunction& feasible,
                                     const ConflictOptions& options = {});

}  // namespace ararat::planning::scheduler
