// What would be if: changes to a programme, each with what is wrong with it, and two solved programmes side
// by side. Who solves and who forecasts is given as a function; what the numbers are called is known to the
// caller. Units: minutes; pence; amounts in the resource's unit. Errors: a change that cannot be made is told
// with its number and left out, the others are made. Thread promise: pure functions.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "base/result.h"
#include "planning/scheduler/forecast.h"
#include "planning/scheduler/programme.h"

namespace ararat::planning::scheduler {

struct CapacityMore {  // less, where `by` is negative
    std::int32_t resource = 0;
    std::int32_t by = 0;
    Minute from = 0;
    Minute until = kNoMinute;
};
// A link or a team is gone from then on. Who still needs it, is over by then.
struct ResourceLost {
    std::int32_t resource = 0;
    Minute from = 0;
};
// No group moves there any more; jobs that are done or under way to it are told.
struct SiteLost {
    std::int32_t site = 0;
};
struct WindowAdded {
    std::int32_t calendar = 0;
    OpenTime window;
};
// Windows that lie in it are gone, those that reach into it are cut, the later part of one around it too.
struct ClosedBetween {
    std::int32_t calendar = 0;
    Minute from = 0;
    Minute until = 0;
};
struct DueMoved {
    JobIndex job = 0;
    Minute due = kNoMinute;
};
struct ReleaseMoved {
    JobIndex job = 0;
    Minute release = 0;
};
// No more hosts in cutovers at once.
struct HostsAtOnce {
    std::int32_t hosts = 0;
};
using ProgrammeChange = std::variant<CapacityMore, ResourceLost, SiteLost, WindowAdded, ClosedBetween,
                                     DueMoved, ReleaseMoved, HostsAtOnce>;

enum class ChangeProblem : std::uint8_t {
    kNoSuchResource,
    kNoSuchSite,  // no way leads there
    kNoSuchCalendar,
    kNoSuchJob,
    kNoTime,         // from and until, or a window's start, latest start and end, are not in order
    kWindowTouches,  // it overlaps or touches one that is there
    kNothingThere,   // nothing is open then: the change changes nothing
    kBelowNothing,   // the capacity is nothing where it would be less; the change is made
    kNoOtherWay,     // `jobs` have no way without it; the change is made
    kUnderWay,       // `jobs` are done or under way with it; the change is made
    kTooSmall,       // `jobs` alone are more; the change is made
};
[[nodiscard]] const char* to_string(ChangeProblem problem);

struct ChangeFault {
    std::size_t change = 0;  // its number in the list
    ChangeProblem problem = ChangeProblem::kNoTime;
    bool made = false;
    std::vector<JobIndex> jobs;
};
struct ChangedProgramme {
    Programme programme;
    std::vector<ChangeFault> faults;
};
// Jobs keep their numbers, and so do ways: one that cannot be gone any more is closed, not removed.
[[nodiscard]] ChangedProgramme with_changes(const Programme& programme,
                                            std::span<const ProgrammeChange> changes);

struct SolvedProgramme {
    ProgrammeTimes times;
    Minute lower_bound = 0;  // of the finish
};
using SolveProgramme = std::function<Result<SolvedProgramme>(const Programme&)>;
using ForecastProgramme = std::function<Result<Forecast>(const Programme&, const ProgrammeTimes&)>;

// Of one of the two programmes.
struct WhatIfSide {
    std::optional<Error> unsolved;  // then the rest is empty
    ProgrammeScore score;
    std::int32_t late_jobs = 0;
    Minute lower_bound = 0;
    std::vector<Percentile> finish;  // of the forecast, where there is one
    std::optional<Error> not_forecast;
};
// In rows of two, the present first.
struct WhatIfDue {
    JobIndex job = 0;
    Minute due[2] = {kNoMinute, kNoMinute};
    std::optional<Minute> slack[2];  // minutes to spare; negative: late
    std::optional<double> missed[2];
};
struct WhatIfBudget {
    std::int32_t service = 0;
    std::int32_t month = 0;
    Minute left[2] = {0, 0};
    Minute used[2] = {0, 0};
};
struct WhatIfMove {
    JobIndex job = 0;
    Minute start[2] = {0, 0};
    std::int32_t way[2] = {0, 0};
};
struct WhatIf {
    std::vector<ChangeFault> faults;
    WhatIfSide side[2];
    std::vector<WhatIfDue> dues;        // jobs that are due in either
    std::vector<WhatIfBudget> budgets;  // services and months of which either uses any
    std::vector<WhatIfMove> moved;      // jobs whose start or way differs; none where either is unsolved
    std::int64_t moved_hosts = 0;
    // Of the changed programme, for who wants to see more of it.
    Programme programme;
    std::optional<SolvedProgramme> solved;
};

// `forecast` may be empty. The present schedule is given: it is what people know, whatever a solver would
// find.
[[nodiscard]] WhatIf what_if(const Programme& programme, const SolvedProgramme& present,
                             std::span<const ProgrammeChange> changes, const SolveProgramme& solve,
                             const ForecastProgramme& forecast);

}  // namespace ararat::planning::scheduler
