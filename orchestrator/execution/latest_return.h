// The computed point of no return: the latest moment at which a group's back-out still ends inside its
// window. Then, or before a step that would end after it, somebody decides: a person, or the plan. Internal
// to execution. Thread promise: pure functions.
#pragma once

#include <optional>
#include <string>

#include "execution/run_state.h"

namespace ararat::execution {

// The longest chain of undos that a back-out of the group would have to wait for if it began now, in reverse
// order of the plan; of `also` too, if it were sent out now. Each undo counts with the longest that it ever
// took; else with what the plan expects; else with its time limit, which cannot be exceeded.
[[nodiscard]] Duration back_out_length(const State& state, const Run& run, GroupIndex group,
                                       TaskIndex also = kNoIndex);

// The longest that the task ever took, else what the plan expects, else 0.
[[nodiscard]] Duration expected_length(const State& state, const Task& task);

// The group is in its cutover, it can still be backed out, its window has an end, and nobody has decided yet.
[[nodiscard]] std::optional<Instant> latest_return(const Run& run, GroupIndex group);

// The step is one of the cutover and is not to start before a decision: it is expected to end after the
// latest moment at which a back-out, with it, would still end inside the window; or the decision is waited
// for.
[[nodiscard]] bool waits_for_go(const State& state, const Run& run, TaskIndex task, Instant now);

// What was reached and not answered with a go; nullptr: nothing, or its point of no return is passed.
[[nodiscard]] const LateReturn* undecided(const Run& run, GroupIndex group);

[[nodiscard]] LatestReturnReached make_latest_return(const State& state, const Run& run, GroupIndex group,
                                                     TaskIndex task);

// "a back-out takes 2min and has to begin by 2018-01-15T20:58:00Z to end inside the window (...): ..."
[[nodiscard]] std::string late_text(const LateReturn& late);

}  // namespace ararat::execution
