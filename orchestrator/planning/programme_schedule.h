// From a plan to its waves by the wave solver, with everything that the plan says about when things move: the
// programme is made, solved, held against the verifier, and written as the schedule that the compiler takes.
// The same plan, `as_of` and options give the same schedule.
// Preconditions: names refer to things that exist (plan_parser has checked it).
// Errors: as make_schedule's; of a programme without a schedule the smallest set of what cannot hold
// together, each part at its place ("proved:" or "not found:"). internal: the verifier found a fault. Thread
// promise: functions of their arguments; no shared state.
#pragma once

#include "base/instant.h"
#include "base/result.h"
#include "model/plan.h"
#include "planning/programme_problem.h"
#include "planning/schedule.h"
#include "planning/scheduler/programme_solver.h"

namespace ararat::planning {

struct ScheduledProgramme {
    Plan plan;  // with the ways that were chosen in it: their runbooks and sites
    ProgrammeProblem problem;
    scheduler::SolveResult solution;
    Schedule schedule;
};

// The programme and its solution; a programme without one is an error.
struct SolvedProgramme {
    ProgrammeProblem problem;
    scheduler::SolveResult solution;
};
[[nodiscard]] Result<SolvedProgramme> solve_plan(const Plan& plan, Instant as_of,
                                                 const ProgrammeOptions& options,
                                                 const scheduler::SolveOptions& solve);

[[nodiscard]] Result<ScheduledProgramme> schedule_programme(const Plan& plan, Instant as_of,
                                                            const ProgrammeOptions& options = {},
                                                            const scheduler::SolveOptions& solve = {});

// Waves, placements and reasons of the solution. Precondition: it was found.
[[nodiscard]] Schedule waves_of(const Plan& plan, const ProgrammeProblem& problem,
                                const scheduler::SolveResult& solution);

}  // namespace ararat::planning
