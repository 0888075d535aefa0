// Keeps a run's index true while apply() changes its tasks. Internal to apply().
//
//   unlink(task); change its progress; link(task);
//
// Everything a task contributes to the index is a function of its progress and of its count of open
// predecessors, so taking the contribution out, changing, and putting it back cannot drift.
#pragma once

#include "execution/run_state.h"

namespace ararat::execution {

class IndexUpdates {
public:
    IndexUpdates(State& state, Run& run) : state_(state), run_(run), index_(run.index) {}

    // After RunStarted: all tasks wait.
    void start();
    void unlink(TaskIndex task);
    void link(TaskIndex task);
    // The group will not move: what it has done is no ground for another group's step any more.
    void turn_back(GroupIndex group);
    // The steps of this group do not wait for those of that one any more, which has turned back.
    void end_without(GroupIndex group, GroupIndex needed);
    // The group's state has become backing-out: turns it back, and counts anew what has to be looked at,
    // leaves first.
    void begin_back_out(GroupIndex group);
    // The group's back-out would take so long, as far as is known now.
    void measure_back_out(GroupIndex group);
    // Retries, undos' next tries and soaks that are to come are due so much later.
    void shift_due(Duration by);
    // A group that is not part of this run has moved.
    void group_moved_elsewhere(const MoveGroupId& group);

private:
    [[nodiscard]] bool wants_attention(TaskIndex task, const TaskProgress& progress) const;
    [[nodiscard]] bool lets_followers_go(TaskIndex task, const TaskProgress& progress) const;
    void count(TaskIndex task, const TaskProgress& progress, int sign);
    void count_in_flight(TaskIndex task, Purpose purpose, int sign);
    void put_pending(TaskIndex task, const TaskProgress& progress, bool present);
    void put_due(TaskIndex task, const TaskProgress& progress, bool present);
    void change_blockers(TaskIndex successor, int by);
    void starve_followers(TaskIndex task);
    void resolve_settled(GroupIndex group, TaskIndex first);

    State& state_;
    Run& run_;
    RunIndex& index_;
    bool was_satisfied_ = false;
    bool was_performed_ = false;
};

}  // namespace ararat::execution
