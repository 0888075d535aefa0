// Why a schedule is as it is: what keeps a job from starting earlier and what keeps that, back to a root; and
// everything that refuses one start. Each answer is true of the schedule as it stands, all other jobs staying
// where they are: without the named constraint the job may start earlier, without one that is not named it
// may not. Answers are values; whoever knows the names writes the sentences. Units: minutes. Thread promise:
// const functions from any thread.
#pragma once

#include <vector>

#include "planning/scheduler/programme.h"
#include "planning/scheduler/programme_constraint.h"
#include "planning/scheduler/programme_refused.h"

namespace ararat::planning::scheduler {

struct HeldBy {
    Constraint constraint;
    Minute would_start = 0;  // the earliest start without it; of joint refusals: without all of them
    Minute at = 0;           // the latest earlier start that it refuses, alone or with the others named
    std::vector<JobIndex> blockers;  // through which it refuses that start
    JobIndex releaser = kNone;       // the one whose end, give-back or window ends the refusal
};

enum class HoldKind : std::uint8_t {
    kOrigin,    // it starts at the origin
    kFixed,     // its start is fixed
    kNothing,   // nothing does: it could start at `free_from`
    kAlone,     // each of `by` alone: lifting one of them is enough
    kTogether,  // all of `by` at once: no single one is enough
};

struct WhyStep {
    JobIndex job = kNone;
    Minute start = 0;
    HoldKind kind = HoldKind::kOrigin;
    std::vector<HeldBy> by;         // the nearest refusal first
    std::int32_t followed = kNone;  // of `by`: whose releaser the next step is about; none: this is the root
    Minute free_from = kNoMinute;
};

struct StartRefusal {
    Constraint constraint;
    Minute until = kNoMinute;  // it refuses every start from the minute asked for to before this; none: all
    std::vector<JobIndex> blockers;  // what would have to move, or be less
    std::int64_t over = 0;           // by how many units or minutes it is too much, too early or too late
};

struct WhyNot {
    std::vector<StartRefusal> refusals;  // all of them, in order of constraint; empty: it may start then
    Minute next = kNoMinute;             // the first start from there on that nothing refuses
};

class Explanation {
public:
    // Preconditions: well formed, and the times keep it; both outlive this.
    Explanation(const Programme& programme, const ProgrammeTimes& times);

    // What keeps one job, without going on.
    [[nodiscard]] WhyStep hold(JobIndex job) const;
    // From the job to the root; no job twice.
    [[nodiscard]] std::vector<WhyStep> why(JobIndex job) const;
    // Precondition: the minute lies in 0 ... horizon.
    [[nodiscard]] WhyNot why_not(JobIndex job, Minute minute) const;
    // The job that ends last, the lowest number of several; kNone: there is no job.
    [[nodiscard]] JobIndex last_job() const;

private:
    void choose_next(WhyStep& step, const std::vector<JobIndex>& visited) const;

    const Programme& programme_;
    const ProgrammeTimes& times_;
    StartRefusals refusals_;
};

}  // namespace ararat::planning::scheduler
