// Why a job of a programme does not start earlier: the last thing that refused it. Whoever explains a
// schedule follows these from job to job. Units: minutes from the programme's origin. Thread promise: values.
#pragma once

#include <cstdint>

#include "planning/scheduler/programme.h"

namespace ararat::planning::scheduler {

enum class RefusalKind : std::uint8_t {
    kNothing,  // nothing did: it starts at the origin, or where it is fixed
    kRelease,  // its own release
    kLag,      // index: of the lag; blocker: the job at the lag's other end
    kWindow,  // index: of the calendar; it was closed, and nothing else kept the job out of the window before
    kResource,  // index: of the resource; blocker: one that held it until `at`; kNone: there is more from
                // `at` on
    kStock,     // index: of the stock; blocker: one that gives at `at`, or whose later need is kept; kNone:
                // delivered
    kApart,     // index: of the pair; blocker: the other one
    kBudget,    // index: of the service; blocker: one that spent minutes of that month; kNone: used up before
    kWave,      // index: of the pinned wave; blocker: one of its cutovers
};

// A start before `at` was refused so; for a placed job `at` is its start. For a job that found no place it is
// the earliest start that this refusal would have allowed, or kNoMinute: none.
struct Refusal {
    RefusalKind kind = RefusalKind::kNothing;
    Minute at = 0;
    std::int32_t index = kNone;
    JobIndex blocker = kNone;
};

}  // namespace ararat::planning::scheduler
