#include "planning/programme_schedule.h"

#include <algorithm>

#include "planning/programme_words.h"
#include "planning/scheduler/programme_check.h"
#include "planning/scheduler/programme_conflict.h"

namespace ararat::planning {
namespace {

// Of each check of a candidate conflict: enough to place a programme of this size, not to improve it.
scheduler::Feasibility feasibility_of(const scheduler::Programme& programme) {
    scheduler::SolveOptions options;
    options.improve = false;
    const auto solved = scheduler::solve_programme(programme, options);
    if (!solved) return scheduler::Feasibility::kNotFound;
    switch (solved->outcome) {
        case scheduler::SolveOutcome::kFound: return scheduler::Feasibility::kFeasible;
        case scheduler::SolveOutcome::kProvedInfeasible: return scheduler::Feasibility::kProvedInfeasible;
        case scheduler::SolveOutcome::kNotFound: break;
    }
    return scheduler::Feasibility::kNotFound;
}

}  // namespace

Result<SolvedProgramme> solve_plan(const Plan& plan, Instant as_of, const ProgrammeOptions& options,
                                   const scheduler::SolveOptions& solve) {
    ARARAT_ASSIGN_OR_RETURN(ProgrammeProblem problem, make_programme(plan, as_of, options));
    ARARAT_ASSIGN_OR_RETURN(auto solution, scheduler::solve_programme(problem.programme, solve));
    if (solution.outcome != scheduler::SolveOutcome::kFound) {
        auto conflict = scheduler::find_conflict(problem.programme, feasibility_of);
        if (conflict.standing == scheduler::ConflictStanding::kFeasible)
            conflict.standing = scheduler::ConflictStanding::kNotFound;
        return conflict_error(plan, problem, conflict);
    }
    const auto faults = scheduler::check_programme_times(problem.programme, solution.times);
    if (!faults.empty()) {
        return Error{ErrorCode::kInternal,
                     "the schedule that was found breaks the plan: " + faults.front().text +
                         (faults.size() > 1 ? " and " + std::to_string(faults.size() - 1) + " more" : ""),
                     {}};
    }
    return SolvedProgramme{std::move(problem), std::move(solution)};
}

Result<ScheduledProgramme> schedule_programme(const Plan& plan, Instant as_of,
                                              const ProgrammeOptions& options,
                                              const scheduler::SolveOptions& solve) {
    ARARAT_ASSIGN_OR_RETURN(SolvedProgramme solved, solve_plan(plan, as_of, options, solve));
    ScheduledProgramme result;
    result.plan = plan_in_ways(plan, solved.problem, solved.solution.times);
    result.schedule = waves_of(plan, solved.problem, solved.solution);
    result.problem = std::move(solved.problem);
    result.solution = std::move(solved.solution);
    return result;
}

}  // namespace ararat::planning
