// Questions about a run that several parts of the engine ask. Internal to execution.
#pragma once

#include <string>
#include <vector>

#include "base/time_text.h"
#include "execution/run_state.h"

namespace ararat::execution {

// Unlimited parallel steps would let one host's wave starve its own services.
inline constexpr std::uint32_t kParallelStepsPerHost = 8;

// nullptr: no such run, or it has ended.
[[nodiscard]] const Run* active_run(const State& state, const RunId& run);
// kNoIndex: no such task in this run.
[[nodiscard]] TaskIndex index_of(const Run& run, const TaskId& task);

[[nodiscard]] const Task& task_at(const Run& run, TaskIndex index);
[[nodiscard]] const TaskProgress& progress_at(const Run& run, TaskIndex index);
[[nodiscard]] TaskProgress& progress_at(Run& run, TaskIndex index);
[[nodiscard]] GroupState group_state(const Run& run, GroupIndex group);
[[nodiscard]] const GroupCounts& counts_of(const Run& run, GroupIndex group);

// Since a history was lost nobody has said what is to become of it: see Run::doubtful.
[[nodiscard]] bool is_doubtful(const Run& run, GroupIndex group);

// A predecessor in this state lets its successors go.
[[nodiscard]] bool is_satisfied(TaskState state);
[[nodiscard]] bool is_final(GroupState state);
// quiesce ... switch: what the change window is for.
[[nodiscard]] bool is_cutover_phase(Phase phase);

// Groups that a pass has to look at, in their order. A run that is cancelled, and a latest moment for a
// back-out, turn round groups whose own steps say nothing of it.
[[nodiscard]] std::vector<GroupIndex> groups_to_settle(const Run& run);

// The task of this group that has passed the point of no return; nullptr: it can still be backed out.
[[nodiscard]] const Task* passed_no_return(const Run& run, GroupIndex group);

// Only a target may be left behind by a back-out: before the point of no return nobody is served from it.
// What is to be undone on a source brings the service back and is waited for.
[[nodiscard]] bool is_lost_target(const Connectivity& connectivity, const Task& task);

// Nothing is left to do for it in a back-out.
[[nodiscard]] bool is_settled_for_back_out(const TaskProgress& progress);

// Tasks that came after this one, may have left something behind and are undone before it: those of its
// own group, and those of other groups that are backing out or are about to. A group whose back-out is held
// is not waited for: a person may take long, and service waits for the rest.
[[nodiscard]] std::vector<TaskIndex> followers_to_undo(const Run& run, TaskIndex task);

// An attempt of the task waits for this channel where it is not open: it opens it, names it, or is given the
// socket that stands for it.
[[nodiscard]] bool uses_channel(const Task& task, const Channel& channel);

// The attempt that is out for this task. Precondition: one is in flight.
[[nodiscard]] AttemptKey key_in_flight(const State& state, const Run& run, TaskIndex index);

// Attempts since a person's last retry.
// The number that follows `last` (0: none was given out).
[[nodiscard]] std::uint32_t next_count(const State& state, std::uint32_t last);

[[nodiscard]] std::uint32_t tries(const TaskProgress& progress);

// The wave with this id in a plan; nullptr: none.
[[nodiscard]] const Wave* find_wave(const CompiledPlan& plan, const WaveId& wave);

using ararat::time_text;

}  // namespace ararat::execution
