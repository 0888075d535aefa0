// A person's back-out of a move group or of a whole wave.
#include "execution/decide.h"
#include "execution/lacking.h"
#include "execution/queries.h"

namespace ararat::execution {
namespace {

Error refused(const std::string& words) { return Error{ErrorCode::kFailedPrecondition, words}; }

class BackOutRequest {
public:
    BackOutRequest(const Run& run, const State& state, const Connectivity& connectivity, const BackOut& input)
        : run_(run),
          state_(state),
          connectivity_(connectivity),
          cause_{input.by.name, input.reason},
          although_needed_(input.although_needed) {}

    // Whom its back-out would leave held, where nobody has said that it may; empty: nobody.
    [[nodiscard]] std::string leaves_alone(GroupIndex group) const {
        const bool begins = !is_final(group_state(run_, group)) && !counts_of(run_, group).turned_back &&
                            passed_no_return(run_, group) == nullptr;
        return begins && !although_needed_ ? left_alone_by(run_, group) : "";
    }

    // Why this group cannot be backed out; empty: its records are in out().
    std::string group(GroupIndex group) {
        const GroupState is = group_state(run_, group);
        if (is_final(is)) return "it is " + std::string(to_string(is));
        if (const Task* passed = passed_no_return(run_, group)) {
            return "it is past its point of no return (" + passed->id.str() + ")";
        }
        switch (is) {
            case GroupState::kWaiting:
            case GroupState::kMoving: start_back_out(out_, run_, group, cause_); return {};
            case GroupState::kHeld:
                if (run_.held_in_back_out.contains(run_.index.graph->groups[group])) {
                    go_on(group);
                } else {
                    leave_lost_hosts(group);
                    start_back_out(out_, run_, group, cause_);
                }
                return {};
            case GroupState::kBackingOut:
                if (is_doubtful(run_, group)) {
                    change_group(out_, run_, group, GroupState::kBackingOut, cause_);
                    return {};
                }
                if (leave_lost_hosts(group)) return {};
                return "its back-out is under way";
            case GroupState::kMoved:
            case GroupState::kBackedOut:
            case GroupState::kCancelled: break;
        }
        return "it has ended";
    }

    Records& out() { return out_; }

private:
    // A held back-out goes on: what failed to be undone is tried again. State changes come before the
    // group's, so that the group counts what is left with them.
    void go_on(GroupIndex group) {
        leave_lost_hosts(group);
        for (const TaskIndex task : run_.index.graph->tasks_of_group[group]) {
            const TaskProgress& progress = progress_at(run_, task);
            if (progress.in_flight || is_lost(task)) continue;
            const bool failed = progress.state == TaskState::kUndoFailed;
            const bool held = progress.state == TaskState::kHeld && progress.performed;
            if (failed || (held && task_at(run_, task).undo)) {
                change_task(out_, run_, task, TaskState::kUndoing, cause_);
            }
        }
        change_group(out_, run_, group, GroupState::kBackingOut, cause_);
    }

    [[nodiscard]] bool is_lost(TaskIndex index) const {
        return is_lost_target(connectivity_, task_at(run_, index));
    }

    bool leave_lost_hosts(GroupIndex group) {
        bool any = false;
        for (const TaskIndex task : run_.index.graph->tasks_of_group[group]) {
            const TaskProgress& progress = progress_at(run_, task);
            const bool left_something =
                progress.in_flight.has_value() || (progress.performed && !is_settled_for_back_out(progress));
            if (!left_something || progress.state == TaskState::kWaiting || !is_lost(task)) continue;
            any = true;
            leave(task, progress);
        }
        return any;
    }

    void leave(TaskIndex task, const TaskProgress& progress) {
        const std::string host = task_at(run_, task).executor.str();
        const std::string words = "left as it is: host " + host + " is not connected";
        if (progress.in_flight) {
            out_.push_back(AttemptFinished{
                key_in_flight(state_, run_, task), Outcome::kUnknown, false, 0, words, {}, 0});
        }
        if (progress.state != TaskState::kUndoing) {
            change_task(out_, run_, task, TaskState::kUndoing, {cause_.by, words});
        }
        change_task(out_, run_, task, TaskState::kUndoFailed, {cause_.by, words});
    }

    const Run& run_;
    const State& state_;
    const Connectivity& connectivity_;
    Cause cause_;
    bool although_needed_ = false;
    Records out_;
};

Result<Records> back_out_one(const Run& run, const MoveGroupId& id, BackOutRequest& request) {
    const auto& groups = run.index.graph->groups;
    for (GroupIndex group = 0; group < groups.size(); ++group) {
        if (groups[group] != id) continue;
        if (const std::string alone = request.leaves_alone(group); !alone.empty()) return refused(alone);
        const std::string obstacle = request.group(group);
        if (obstacle.empty()) return std::move(request.out());
        return refused("group " + id.str() + " cannot be backed out: " + obstacle);
    }
    return Error{ErrorCode::kNotFound, "run " + run.id.str() + " does not move group " + id.str()};
}

Result<Records> back_out_all(const Run& run, BackOutRequest& request) {
    const auto& groups = run.index.graph->groups;
    std::string obstacles;
    for (GroupIndex group = 0; group < groups.size(); ++group) {
        if (const std::string alone = request.leaves_alone(group); !alone.empty()) return refused(alone);
    }
    for (GroupIndex group = 0; group < groups.size(); ++group) {
        const std::string obstacle = request.group(group);
        if (!obstacle.empty()) obstacles += "; group " + groups[group].str() + ": " + obstacle;
    }
    if (request.out().empty()) {
        return refused("no group of run " + run.id.str() + " can be backed out" + obstacles);
    }
    return std::move(request.out());
}

}  // namespace

Result<Records> decide_back_out(const State& state, const Connectivity& connectivity, const BackOut& input) {
    ARARAT_ASSIGN_OR_RETURN(const Run* run, run_under_way(state, input.run));
    BackOutRequest request(*run, state, connectivity, input);
    auto records = input.group ? back_out_one(*run, *input.group, request) : back_out_all(*run, request);
    if (!records) return records.error();
    Records out = std::move(records).value();
    if (run->status == RunStatus::kHeld) {
        change_run(out, *run, RunStatus::kRunning, {input.by.name, input.reason}, run->cancelling);
    }
    return out;
}

}  // namespace ararat::execution
