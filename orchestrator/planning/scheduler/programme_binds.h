// What binds a schedule: the chain that its last job hangs on, and what more of something is worth. Each
// relief is tried by solving the programme anew with it, so its figure is what that solver reaches in its
// bounds: exact with an exact solver, an estimate with a bounded one. The present programme is solved in the
// same way first, so that nothing is credited with what solving once more would have found anyway.
// Units: minutes; amounts in the resource's own unit. Thread promise: as the solver that is handed in.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "planning/scheduler/programme.h"
#include "planning/scheduler/programme_constraint.h"
#include "planning/scheduler/programme_explain.h"

namespace ararat::planning::scheduler {

// A schedule that keeps the programme, by so much work as the caller wants to spend; nothing: none found.
using SolveFunction = std::function<std::optional<ProgrammeTimes>(const Programme&)>;

struct ReliefOptions {
    std::int32_t solves_max = 24;  // the present programme's included
    std::vector<std::int32_t> resource_units =
        {};                                      // by resource: how much one unit more is; empty: 1 of each
    std::vector<std::int32_t> stock_units = {};  // by stock
    Minute budget_minutes = 10;                  // more in every month
    Minute deadline_minutes = 1440;              // later
    Minute release_minutes = 1440;               // earlier
};

struct Relief {
    Constraint constraint;            // a resource, stock, budget, calendar, hard deadline or release
    std::int64_t units = 0;           // units or minutes added; of a calendar: one window
    Minute window_start = kNoMinute;  // of a calendar: where the window was added
    bool on_chain = false;
    ProgrammeScore score;             // with it; the present one's where nothing better was found
    std::int64_t finish_earlier = 0;  // minutes; below nothing only where being less late is worth more
    std::int64_t late_pence_less = 0;
};

struct Binding {
    std::vector<WhyStep> chain;   // of the schedule handed in, from its last job to the root
    ProgrammeTimes times;         // the best known without any relief: that handed in, or what solving found
    ProgrammeScore score;         // of it
    std::vector<Relief> reliefs;  // the worthiest first: by score, then those on the chain, then as tried
    std::int32_t solves = 0;
    bool all_tried =
        true;  // false: solves_max left some out, none of which is on the chain before those tried
};

// The programme with one unit more; nothing: there is no place for a window more. `by` is where a window
// should help: it is added before the window that begins there or next after.
[[nodiscard]] std::optional<Programme> relieved(const Programme& programme, const Constraint& constraint,
                                                const ReliefOptions& options, Minute by, Relief& relief);

// Precondition: the times keep the programme.
[[nodiscard]] Binding what_binds(const Programme& programme, const ProgrammeTimes& times,
                                 const SolveFunction& solve, const ReliefOptions& options = {});

}  // namespace ararat::planning::scheduler
