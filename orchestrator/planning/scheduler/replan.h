// Planning the rest anew while a programme runs: what is done is a fact, what runs is fixed where it began,
// and what people know of the rest is kept where it can be. Units: minutes. Errors: InvalidArgument, with the
// fault. Thread promise: pure functions.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "planning/scheduler/programme.h"
#include "planning/scheduler/what_if.h"

namespace ararat::planning::scheduler {

struct WorkSoFar {
    JobIndex job = 0;
    Minute start = 0;
    std::int32_t way = 0;
    Minute end = kNoMinute;        // none: it still runs
    Minute remaining = kNoMinute;  // of one that runs; none: what is left of the plan, and a minute at least
};

// What facts have made of the plan's promises, which no plan of the rest can mend.
struct BrokenPromises {
    std::vector<JobIndex> late;  // done or under way, and over later than their hard due
    struct Overdrawn {
        std::int32_t service = 0;
        std::int32_t month = 0;
        Minute over = 0;
    };
    std::vector<Overdrawn> budgets;
    // Maximum lags, by number in Programme::lags, that have run out before the later job has begun: a replica
    // that is stale. They stay in the programme, which therefore has no schedule until the caller lifts them
    // (and seeds again) or gives the job up.
    std::vector<std::int32_t> expired;
};

struct RestOfProgramme {
    Programme programme;
    BrokenPromises broken;
};

// Jobs and ways keep their numbers. Facts are bound by nothing: a job that has begun has no calendar; one
// that is done takes as long as it took, holds no resource (nothing else can begin in the past), and is
// charged its outage as it was, longer or shorter as the job; a budget that it overdrew is raised to what was
// taken; a hard due that it missed is no longer hard; lags between two that have begun ask for no more than
// what was, and neither they are kept apart nor a pinned wave's others held to the window of one that has
// begun. All others, but those that the programme itself has fixed, are not released before `now`, and their
// published start is the one in `published`.
[[nodiscard]] Result<RestOfProgramme> rest_of_programme(const Programme& programme,
                                                        const ProgrammeTimes& published, Minute now,
                                                        std::span<const WorkSoFar> work);

struct MovedCutover {
    JobIndex job = 0;
    Minute published = 0;
    Minute start = 0;
    std::int32_t hosts = 0;
};
struct ReplanChanges {
    std::vector<MovedCutover> moved;  // in the order of their new starts
    std::int64_t hosts = 0;           // of all cutovers that have not begun
    std::int64_t moved_hosts = 0;
    // Of the hosts that were still to be moved; 0 where there are none.
    [[nodiscard]] double moved_share() const {
        return hosts == 0 ? 0 : static_cast<double>(moved_hosts) / static_cast<double>(hosts);
    }
};
[[nodiscard]] ReplanChanges changes_from_published(const Programme& rest, const ProgrammeTimes& times);

struct Replan {
    RestOfProgramme rest;
    std::optional<SolvedProgramme> solved;
    std::optional<Error> unsolved;  // why there is no schedule; rest.broken may tell more
    ReplanChanges changes;
};
[[nodiscard]] Result<Replan> replan(const Programme& programme, const ProgrammeTimes& published, Minute now,
                                    std::span<const WorkSoFar> work, const SolveProgramme& solve);

}  // namespace ararat::planning::scheduler
