// The computed point of no return: the latest moment at which a group's back-out still ends inside its
// window. Then, or before a step that would end after it, somebody decides: a person, or the plan. Internal
// to execution. Thread promise: pure functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "execution/transitions.h"

namespace ararat::execution {

// The longest chain of undos that a back-out of the group would have to wait for if it began now, in reverse
// order of the plan; of `also` too, if it were sent out now. Each undo counts with the longest that it ever
// took after its step had been done; else with what the plan expects; else with the time limit of one try.
[[nodiscard]] Duration back_out_length(const State& state, const Run& run, GroupIndex group,
                                       TaskIndex also = kNoIndex);

// The wave has an end that the run keeps to.
[[nodiscard]] bool has_window(const Run& run);

// The longest that the task ever took, else what the plan expects, else 0.
[[nodiscard]] Duration expected_length(const State& state, const Task& task);

// The group is in its cutover, on its way or held on it, it can still be backed out, its window has an end,
// and nobody has decided yet.
[[nodiscard]] std::optional<Instant> latest_return(const Run& run, GroupIndex group);

// Groups whose latest_return(), where they have one, is not after `now`; in their order.
[[nodiscard]] std::vector<GroupIndex> late_groups(const Run& run, Instant now);

// The step is one of the cutover and is not to start before a decision: it is expected to end after the
// latest moment at which a back-out, with it, would still end inside the window; or the decision is waited
// for.
[[nodiscard]] bool waits_for_go(const State& state, const Run& run, TaskIndex task, Instant now);

// The group goes forward, or is held on its way, and waits for a go/no-go.
[[nodiscard]] bool waits_for_decision(const Run& run, GroupIndex group);

// What was reached and not answered with a go; nullptr: nothing, or its point of no return is passed.
[[nodiscard]] const LateReturn* undecided(const Run& run, GroupIndex group);

// Past its point of no return a group cannot be backed out, so that one whose window closed before it was
// through would stand still for ever: with a go on record it goes on outside its window.
[[nodiscard]] bool may_end_late(const Run& run, GroupIndex group);
// It is such a group, and the go is not on record yet.
[[nodiscard]] bool ends_late_only_with_a_go(const Run& run, GroupIndex group, Instant now);

[[nodiscard]] LatestReturnReached make_latest_return(const State& state, const Run& run, GroupIndex group,
                                                     TaskIndex task);

// Journals each moment that has come; a group that is held already stays so, and its reason says it.
void notice_late_returns(Records& out, const State& state, const Run& run, Instant now);

// "a back-out takes 2min and has to begin by 2018-01-15T20:58:00Z to end inside the window (...): ..."
[[nodiscard]] std::string late_text(const LateReturn& late);

}  // namespace ararat::execution
