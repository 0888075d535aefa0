// Proofs that a programme has no schedule, from what must hold in every one: lags that go round in a circle,
// earliest ends by lags, releases and windows that pass a deadline, and jobs that must lie in an interval
// whose resource does not hold them all. No search. Each job counts with its shortest way and its least
// demand, so that a proof holds whatever ways are chosen; not every impossible programme is found out.
// Source: Baptiste, Le Pape and Nuijten (2001) for the energy of intervals. Units: minutes; amounts times
// minutes. Thread promise: pure function.
#pragma once

#include <vector>

#include "planning/scheduler/programme.h"
#include "planning/scheduler/programme_constraint.h"

namespace ararat::planning::scheduler {

enum class ProofKind : std::uint8_t {
    kNothing,   // is proved
    kLagCycle,  // round the jobs, each asks for a later start of the next
    kTimes,     // `job` cannot end, or begin, as early as it must
    kOverload,  // `jobs` must lie in from ... to and ask more of `resource` than it has there
};

struct InfeasibilityProof {
    ProofKind kind = ProofKind::kNothing;
    std::vector<Constraint> constraints;  // which suffice for the proof; not yet the fewest
    JobIndex job = kNone;
    std::vector<JobIndex>
        jobs;  // of a cycle in its order; of an overload by number; of times the chain to `job`
    std::int32_t resource = kNone;
    Minute from = 0;
    Minute to = 0;
    std::int64_t demanded = 0;   // amount times minutes
    std::int64_t available = 0;  // by what is fixed already less
};

// Precondition: well formed.
[[nodiscard]] InfeasibilityProof prove_infeasible(const Programme& programme);

}  // namespace ararat::planning::scheduler
