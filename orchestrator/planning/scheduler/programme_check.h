// The verifier of programmes: simple, slow, and sharing no code with whatever makes schedules. It holds a
// schedule against every constraint of programme.h and tells all that is wrong, each fault as a value. What
// programme.h leaves open is read as follows, here and by everybody else.
// - A job runs in [start, end); one of no length loads no resource. Two jobs are at once where each starts
//   before the other ends.
// - Stocks are judged after all that happens in a minute: what is given back at 10:00 may be taken at 10:00.
// - Outages are charged by the minute to the month each minute lies in, and added up job by job; what lies
//   before the first month is charged to none.
// - Jobs are in one window where the windows that they lie in overlap, be they of one calendar or of two
//   owners' calendars. What runs in a way without a calendar lies in no window: it shares none and holds
//   none.
// - What is fixed is a fact. Nothing but its start and its way is held against it: a limit that fixed jobs
//   alone go past is no fault. Everything else must live with what they take.
// Units: minutes and amounts as in programme.h. Thread promise: pure functions.
#pragma once

#include <string>
#include <vector>

#include "planning/scheduler/programme.h"

namespace ararat::planning::scheduler {

enum class ProgrammeFaultKind : std::uint8_t {
    kProgramme,    // the problem itself is not well formed
    kShape,        // not one start and one way for each job
    kWay,          // the job has no such way
    kWaysDiffer,   // within a group; index: the group
    kRelease,      // starts before it may, or before the origin
    kWindow,       // lies in no window; index: the calendar
    kLatestStart,  // lies in a window, and begins after its latest start; index: the calendar
    kResource,     // index: the resource
    kStock,        // index: the stock
    kLag,          // index: the lag
    kApartTime,    // index: of Programme::apart, so for the next two
    kApartWindow,
    kApartSite,
    kBudget,  // index: the service
    kDeadline,
    kFixedStart,
    kFixedWay,
    kWave,     // cutovers of a pinned wave in more than one window; index: the wave
    kHorizon,  // ends after it
};

struct ProgrammeFault {
    ProgrammeFaultKind kind = ProgrammeFaultKind::kProgramme;
    std::vector<JobIndex> jobs;  // all that take part in it, in order of their numbers
    std::int32_t index = kNone;  // of what is broken, as said at the kind
    Minute at = kNoMinute;       // where it begins; of a budget, where the month does
    std::int64_t over = 0;       // units or minutes too many, too early or too late
    std::string text;            // for logs and tests, with numbers for names
    friend bool operator==(const ProgrammeFault&, const ProgrammeFault&) = default;
};

// Whatever in the problem means nothing: slices out of range, windows out of order, groups whose jobs have
// different numbers of ways. A programme that no schedule can keep is well formed.
[[nodiscard]] std::vector<ProgrammeFault> check_programme(const Programme& programme);

// Every constraint that the schedule breaks; empty: it keeps them all. A programme that is not well formed
// yields its own faults alone.
[[nodiscard]] std::vector<ProgrammeFault> check_programme_times(const Programme& programme,
                                                                const ProgrammeTimes& times);

}  // namespace ararat::planning::scheduler
