// From a checked plan to the scheduler's programme, and back: every job, lag, resource, stock, budget and
// calendar of it with what people call it and the place where the plan says so.
//
// Jobs: for each move group the seeding over each link it uses (or of a given length), its cutover, its
// hypercare and its decommission, as the plan gives their lengths; for each programme task, and for each
// batch of a cohort, one; and milestones of no length for dates that many jobs are held to.
// Preconditions: names refer to things that exist (plan_parser has checked it).
// Errors: as make_schedule's; invalid-argument, or failed-precondition where a message begins "proved:".
// Units: minutes from ProgrammeProblem::origin, rounded up for what has to be waited for and down for what is
// allowed; links in kbit/s.
// Thread promise: functions of their arguments; no shared state.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "model/plan.h"
#include "planning/calendar.h"
#include "planning/move_groups.h"
#include "planning/schedule.h"
#include "planning/scheduler/programme.h"

namespace ararat::planning {

// What is done or under way: it started then, in this way.
struct FixedMove {
    MoveGroupId group;
    scheduler::JobKind kind = scheduler::JobKind::kCutover;
    Instant start;
    std::string way;  // GroupWay::name
};

struct ProgrammeOptions {
    int horizon_days = 730;
    // What a cutover is taken to last when the plan does not say; listed in the notes.
    Duration assumed_cutover{std::chrono::minutes{15}};
    std::size_t ways_max = 64;  // of a move group
    std::vector<FixedMove> fixed;
    std::map<MoveGroupId, Instant> published;  // cutovers of the plan that people know
};

// What something of the programme comes from.
struct Origin {
    std::string text;
    SourcePlace place;
};

struct JobOrigin {
    scheduler::JobKind kind = scheduler::JobKind::kTask;
    std::string name;  // "cutover of move group housing", "task new-links"
    SourcePlace place;
    std::optional<std::size_t> group;  // in ProgrammeProblem::move_groups.groups
    std::string task;                  // the task's or the cohort's name
    std::optional<Origin> release;     // why it does not begin before
    std::optional<Origin> due;
};

// What is chosen for an application, or for one component of it; in a group each that has ways.
struct WayChoice {
    ApplicationId application;
    std::string component;  // empty: the application
    std::string way;
};
struct GroupWay {
    std::string name;  // "physical", or "replicate + rebuild"; empty: nothing is to be chosen
    std::vector<WayChoice> choices;
    SourcePlace place;
};

struct CalendarOrigin {
    std::string text;  // "calendar evenings", "calendars access and evenings"
    SourcePlace place;
    std::vector<std::string> calendars;  // names; none: only a beginning
    WindowList windows;                  // with the times that are closed, and why
};

struct GroupJobs {
    std::vector<scheduler::JobIndex> seeds;
    scheduler::JobIndex cutover = scheduler::kNone;
    scheduler::JobIndex hypercare = scheduler::kNone;
    scheduler::JobIndex decommission = scheduler::kNone;
    // The one after which nothing of the group is at its source.
    [[nodiscard]] scheduler::JobIndex last() const {
        return decommission == scheduler::kNone ? cutover : decommission;
    }
};

struct ProgrammeProblem {
    scheduler::Programme programme;
    Instant origin;             // minute 0
    scheduler::Minute now = 0;  // as_of
    MoveGroups move_groups;     // group i is the programme's group i
    std::vector<PairTurns> pair_turns;
    std::vector<GroupJobs> group_jobs;              // by group
    std::vector<std::vector<GroupWay>> group_ways;  // by group, then by way
    std::map<std::string, scheduler::JobIndex> task_jobs;
    // By index into the programme's arrays; Lag::tag, Apart::tag and Job::tag are these indices, too.
    std::vector<JobOrigin> jobs;
    std::vector<Origin> lags;
    std::vector<Origin> apart;
    std::vector<Origin> resources;
    std::vector<Origin> stocks;
    std::vector<Origin> budgets;
    std::vector<CalendarOrigin> calendars;
    std::vector<ServiceId> services;  // by budget
    std::vector<std::string> months;  // "2017-10", by month
    std::vector<SiteId> sites;        // Way::site
    std::vector<WaveId> waves;        // Job::wave
    std::optional<int> wave_hosts_max;
    std::optional<int> detail_waves;
    std::vector<std::string> notes;  // for people: what was assumed or simplified
};

[[nodiscard]] Result<ProgrammeProblem> make_programme(const Plan& plan, Instant as_of,
                                                      const ProgrammeOptions& options = {});

[[nodiscard]] Instant instant_of(const ProgrammeProblem& problem, scheduler::Minute minute);

// A schedule in words and instants, in order of start.
struct TimedJob {
    scheduler::JobIndex job = 0;
    const JobOrigin* origin = nullptr;  // in the problem
    std::string way;                    // GroupWay::name; empty for jobs of no group
    Instant start;
    Instant end;
};
// The problem outlives the result. Precondition: `times` is of this programme.
[[nodiscard]] std::vector<TimedJob> timeline_of(const ProgrammeProblem& problem,
                                                const scheduler::ProgrammeTimes& times);

// The plan as it is carried out in the ways that were chosen: their runbooks, lengths, outages and resources
// instead of the plan's own, and nothing left to choose. Where a way lands at a site of its own, `to` stays:
// which hosts there take over, a plan has no words for.
[[nodiscard]] Plan plan_in_ways(const Plan& plan, const ProgrammeProblem& problem,
                                const scheduler::ProgrammeTimes& times);

}  // namespace ararat::planning
