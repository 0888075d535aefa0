// The wave solver: from a programme to the start and way of every job, with how good that can be at best and
// why each job is not earlier. Serial generation with unscheduling for maximum lags and repair for what finds
// no place (Franck, Neumann and Schwindt 2001); then a population of activity lists with ways (Debels and
// Vanhoucke 2007) or, for many groups, large neighbourhood search (Palpant, Artigues and Michelon 2004).
// The same programme, seed and number of schedules give the same result. A search that should_stop ended
// says after how many schedules: with these as schedules_max it ends with the same result again.
// Units: minutes from the programme's origin. Errors: invalid-argument for indices that lead nowhere and
// slices out of range. Thread promise: one thread at a time for each call; no shared state.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "base/result.h"
#include "planning/scheduler/programme.h"
#include "planning/scheduler/programme_refusal.h"

namespace ararat::planning::scheduler {

struct SolveOptions {
    // A pass that places every job once is a schedule; a pass over part of the jobs counts as that part. The
    // construction always runs to its end.
    std::int64_t schedules_max = 1000;
    std::uint64_t seed = 1;
    std::function<bool()> should_stop;  // asked between schedules; true: give back the best so far
    bool improve = true;                // false: the first feasible schedule
    // Bounds, proofs of overload, and, of a schedule, every job as early as the others let it and why not
    // earlier.
    bool explain = true;
    std::int32_t repairs_max = 48;  // passes of the construction before it gives up
};

enum class SolveOutcome : std::uint8_t { kFound, kProvedInfeasible, kNotFound };

// What makes a programme impossible, whatever the order: proofs. kNotPlaced is none: the search gave up.
enum class Obstacle : std::uint8_t {
    kNothing,
    kPositiveCycle,  // `lags` go round in a circle and each time ask for a later start
    kWindow,         // no window of its calendar takes `job`
    kDeadline,       // lags and calendars alone make `job` end after its hard deadline
    kHorizon,        // the same with the horizon
    kDemand,         // `job` asks for more of a resource than there ever is (refusal.index)
    kStock,          // all jobs together take more of a stock than it ever holds (refusal.index)
    kBudget,         // `job` has more outage than any month leaves its service (refusal.index)
    kSite,           // `job` could only be where the other of its pair must be (refusal.index, blocker)
    kOverload,       // jobs that must lie in from ... to ask more of a resource than it has (refusal.index)
    kNotPlaced,      // `job` found no place, and `refusal` was the last to turn it away
};

struct Infeasibility {
    Obstacle obstacle = Obstacle::kNothing;
    JobIndex job = kNone;
    Refusal refusal;
    std::vector<std::int32_t> lags;  // of a positive cycle, or those that lead to a missed deadline
    Minute from = 0;
    Minute to = 0;
};

enum class FinishBoundKind : std::uint8_t {
    kPath,      // lags and calendars alone; index: the job that ends last
    kResource,  // what is asked of one resource, against what it has over time; index: the resource
    kDeadline,  // the same for jobs that cannot begin before a time; index: the resource
};

// No schedule finishes earlier.
struct FinishBound {
    Minute finish = 0;
    FinishBoundKind kind = FinishBoundKind::kPath;
    std::int32_t index = kNone;
};

struct SolveResult {
    SolveOutcome outcome = SolveOutcome::kNotFound;
    ProgrammeTimes times;  // kFound only
    ProgrammeScore score;
    FinishBound bound;
    std::vector<Refusal> refusals;  // by job, kFound only
    std::int64_t schedules = 0;     // tried
    bool stopped = false;           // by should_stop
    Infeasibility why;              // when there is no schedule
};

[[nodiscard]] Result<SolveResult> solve_programme(const Programme& programme, const SolveOptions& options);

}  // namespace ararat::planning::scheduler
