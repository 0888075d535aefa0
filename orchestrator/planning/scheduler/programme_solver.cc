#include "planning/scheduler/programme_solver.h"

#include <string>
#include <utility>

#include "planning/scheduler/programme_construct.h"
#include "planning/scheduler/programme_finish_bound.h"
#include "planning/scheduler/programme_network.h"
#include "planning/scheduler/programme_search.h"
#include "planning/scheduler/programme_validity.h"

namespace ararat::planning::scheduler {
namespace {

constexpr int kSettlingRounds = 3;

Infeasibility not_placed(const ProgrammeBuilder& builder) {
    const Unplaced& first = builder.unplaced().front();
    Infeasibility why;
    why.obstacle = Obstacle::kNotPlaced;
    why.job = first.job;
    why.refusal = first.refusal;
    return why;
}

std::vector<Refusal> refusals_of(const Programme& programme, ProgrammeState& state) {
    std::vector<Refusal> refusals;
    refusals.reserve(programme.jobs.size());
    for (JobIndex job = 0; job < static_cast<JobIndex>(programme.jobs.size()); ++job)
        refusals.push_back(state.refusal_of(job));
    state.name_blockers(refusals);
    return refusals;
}

}  // namespace

Result<SolveResult> solve_programme(const Programme& programme, const SolveOptions& options) {
    ARARAT_RETURN_IF_ERROR(check_indices(programme));
    SolveResult result;
    const ProgrammeNetwork network(programme);
    if (network.flaw().obstacle != Obstacle::kNothing) {
        result.outcome = SolveOutcome::kProvedInfeasible;
        result.why = network.flaw();
        return result;
    }
    if (options.explain) {
        result.why = overload(programme, network);
        if (result.why.obstacle != Obstacle::kNothing) {
            result.outcome = SolveOutcome::kProvedInfeasible;
            return result;
        }
        result.bound = finish_bound(programme, network);
    }
    ProgrammeBuilder builder(programme, network);
    ProgrammeConstruction construction(programme, network, builder, options.seed);
    const bool found = construction.run(options.repairs_max);
    result.schedules = construction.passes();
    if (!found) {
        result.why = not_placed(builder);
        return result;
    }
    result.outcome = SolveOutcome::kFound;
    if (options.improve) {
        ProgrammeSearch search(programme, network, builder, options, result.schedules);
        search.run();
        result.schedules = search.schedules();
        result.stopped = search.stopped();
    }
    if (options.explain) {
        for (int round = 0; round < kSettlingRounds && move_earlier(programme, network, builder.state());)
            ++round;
        result.refusals = refusals_of(programme, builder.state());
    }
    result.times = builder.state().times();
    result.score = score_of(programme, result.times);
    return result;
}

}  // namespace ararat::planning::scheduler
