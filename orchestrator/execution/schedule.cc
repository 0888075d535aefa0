// One pass over what can move: groups that end, turn round or are stuck, open tasks that are due, tasks
// that may be sent out, runs that end. Looks only at what the index holds ready, so that a pass costs what
// there is to do and not the size of the plan.
#include <algorithm>
#include <set>

#include "execution/engine_core.h"
#include "execution/lacking.h"
#include "execution/latest_return.h"
#include "execution/queries.h"
#include "execution/references.h"
#include "execution/run_end.h"
#include "execution/start_rules.h"
#include "execution/transitions.h"

namespace ararat::execution {
namespace {

class Pass {
public:
    Pass(const State& state, const Connectivity& connectivity, Instant now)
        : state_(state), connectivity_(connectivity), now_(now) {}

    Records run() {
        start_due_waves(out_, state_, now_);
        for (const RunId& id : state_.active_runs) {
            const Run& run = state_.runs.at(id);
            const std::size_t before = out_.size();
            for (const GroupIndex group : groups_to_settle(run)) settle_group(run, group);
            // What the groups do next is decided on the state after these records.
            if (out_.size() != before) continue;
            if (state_.clock_jump) {
                doubt_clock(out_, state_, run);
            } else {
                notice_late_returns(out_, state_, run, now_);
            }
            if (out_.size() != before) continue;
            hold_for_lost_hosts(run);
            finish_open_tasks(run);
            send_out(run);
            if (out_.size() == before) settle_run(out_, run);
        }
        return std::move(out_);
    }

private:
    // ---- groups ----
    void settle_group(const Run& run, GroupIndex group) {
        if (is_doubtful(run, group)) return;
        const GroupCounts& counts = counts_of(run, group);
        switch (group_state(run, group)) {
            case GroupState::kWaiting:
            case GroupState::kMoving:
                if (!run.cancelling && answer_late_return(run, group)) return;
                if (counts.forward_in_flight > 0) return;
                if (counts.unfinished == 0) {
                    revoke_tickets(out_, run, group, "its group has moved");
                    change_group(out_, run, group, GroupState::kMoved, {});
                } else if (run.cancelling) {
                    end_group(run, group, {"", "the run is cancelled: " + run.reason});
                } else if (counts.starved && passed_no_return(run, group) == nullptr) {
                    end_group(run, group, {"", "it waits for a group that is backed out"});
                } else if (hold_for_lack(out_, run, group)) {
                    return;
                } else if (counts.pending == 0 && counts.rested > 0) {
                    hold_if_stuck(run, group);
                }
                return;
            case GroupState::kHeld: settle_held(run, group); return;
            case GroupState::kBackingOut: back_out_further(run, group); return;
            case GroupState::kMoved:
            case GroupState::kBackedOut:
            case GroupState::kCancelled: return;
        }
    }

    // ---- the latest moment for a back-out ----
    // What was reached is answered, by the plan or by a person who is waited for; false: there is nothing to
    // answer.
    bool answer_late_return(const Run& run, GroupIndex group) {
        const LateReturn* late = undecided(run, group);
        if (late == nullptr) return false;
        const bool is_held = group_state(run, group) == GroupState::kHeld;
        if (late->answer != WhenLate::kBackOut) {
            if (is_held) return false;
            change_group(out_, run, group, GroupState::kHeld,
                         {"", late_text(*late) + "; give a go, or back out"});
        } else if (leaves_something_live(run, group) || counts_of(run, group).forward_in_flight == 0) {
            end_group(run, group, {"", late_text(*late) + "; the plan says to back out then"});
        }
        return true;
    }

    void settle_held(const Run& run, GroupIndex group) {
        const GroupCounts& counts = counts_of(run, group);
        const bool in_back_out = run.held_in_back_out.contains(run.index.graph->groups[group]);
        if (!in_back_out && !run.cancelling && answer_late_return(run, group)) return;
        if (counts.forward_in_flight > 0 || counts.undo_in_flight > 0) return;
        if (in_back_out) return;
        if (counts.unfinished == 0) {
            // What it was held for has come to a good end meanwhile.
            revoke_tickets(out_, run, group, "its group has moved");
            change_group(out_, run, group, GroupState::kMoved, {});
        } else if (run.cancelling && passed_no_return(run, group) == nullptr) {
            end_group(run, group, {"", "the run is cancelled: " + run.reason});
        } else {
            hold_for_lack(out_, run, group);
        }
    }

    // The group goes no further: backed out when it touched a service, held when it cannot be.
    void end_group(const Run& run, GroupIndex group, const Cause& cause) {
        if (const Task* passed = passed_no_return(run, group)) {
            change_group(out_, run, group, GroupState::kHeld,
                         {"", cause.reason + "; it is past its point of no return (" + passed->id.str() +
                                  "), so that a person has to see it through"});
        } else if (leaves_something_live(run, group)) {
            start_back_out(out_, run, group, cause);
        } else {
            cancel_group(out_, run, group, cause);
        }
    }

    // After a retry the group goes on around other steps that are still held; then it is held again.
    void hold_if_stuck(const Run& run, GroupIndex group) {
        for (const TaskIndex task : run.index.graph->tasks_of_group[group]) {
            const TaskProgress& progress = progress_at(run, task);
            if (progress.state != TaskState::kHeld && progress.state != TaskState::kFailed) continue;
            change_group(out_, run, group, GroupState::kHeld,
                         {"", task_at(run, task).id.str() + " is " + std::string(to_string(progress.state)) +
                                  ": " + progress.reason});
            return;
        }
    }

    void back_out_further(const Run& run, GroupIndex group) {
        const GroupCounts& counts = counts_of(run, group);
        // What runs is stopped first: its result decides whether there is something to undo.
        if (counts.forward_in_flight > 0) return;
        if (counts.unresolved == 0) {
            if (counts.undo_in_flight == 0) end_back_out(run, group);
            return;
        }
        std::vector<TaskIndex> next(counts.undo_ready.begin(), counts.undo_ready.end());
        std::sort(next.begin(), next.end(), [&](TaskIndex a, TaskIndex b) {
            const auto finished_a = progress_at(run, a).finished_sequence;
            const auto finished_b = progress_at(run, b).finished_sequence;
            return finished_a != finished_b ? finished_a > finished_b : a > b;
        });
        for (const TaskIndex task : next) turn_back(run, task);
    }

    // A retry of one step whose undo had failed is no word about the others: nothing is left but what lost
    // targets hold.
    void end_back_out(const Run& run, GroupIndex group) {
        for (const TaskIndex index : run.index.graph->tasks_of_group[group]) {
            const TaskProgress& progress = progress_at(run, index);
            const Task& task = task_at(run, index);
            if (progress.state != TaskState::kUndoFailed || is_lost_target(connectivity_, task)) continue;
            return change_group(
                out_, run, group, GroupState::kHeld,
                {"", task.id.str() + " is still not undone: " + progress.reason +
                         "; put the cause right on " + task.executor.str() + " and retry it"});
        }
        revoke_tickets(out_, run, group, "its group is backed out");
        change_group(out_, run, group, GroupState::kBackedOut, {"", back_out_result(run, group)});
    }

    void turn_back(const Run& run, TaskIndex task) {
        const TaskProgress& progress = progress_at(run, task);
        if (progress.state == TaskState::kUndoing || progress.in_flight) return;
        // Also across groups: an application's source is not started again before its database's.
        if (!followers_to_undo(run, task).empty()) return;
        if (!progress.performed) {
            change_task(out_, run, task, TaskState::kCancelled, {"", "its group is backed out"});
        } else if (task_at(run, task).undo) {
            change_task(out_, run, task, TaskState::kUndoing, {"", "its group is backed out"});
        } else {
            change_task(out_, run, task, TaskState::kUndone, {"", "nothing to undo: the action has no undo"});
        }
    }

    // ---- tasks ----
    void hold_for_lost_hosts(const Run& run) {
        for (const HostIndex host : hosts_awaited(connectivity_, run)) {
            const HostId& id = run.index.graph->hosts[host];
            const auto known = connectivity_.since.find(id);
            // Never seen by this process: away since it began.
            const Instant since = known == connectivity_.since.end() ? state_.epoch_at : known->second;
            if (now_ - since < connectivity_.lost_after) continue;
            for (const TaskIndex task : run.index.in_flight.at(host)) {
                const GroupIndex group = run.index.graph->group_of[task];
                if (group_state(run, group) != GroupState::kMoving) continue;
                if (!held_.insert({run.id, group}).second) continue;
                change_group(out_, run, group, GroupState::kHeld,
                             {"", away_text(connectivity_, id) + "; nobody knows what became of " +
                                      task_at(run, task).id.str() + " there: bring the host back and retry" +
                                      or_back_out(run, group, ", or back out")});
            }
        }
    }

    void finish_open_tasks(const Run& run) {
        for (const TaskIndex index : run.index.open) {
            const Task& task = task_at(run, index);
            const TaskProgress& progress = progress_at(run, index);
            if (task.kind == TaskKind::kGate) {
                const GateStatus gate = gate_status(state_, *run.plan, run.wave, task.gate);
                if (gate.granted) change_task(out_, run, index, TaskState::kSucceeded, {"", gate.words});
            } else if (task.kind == TaskKind::kSoak && progress.not_before <= now_) {
                change_task(out_, run, index, TaskState::kSucceeded, {"", "soaked"});
            }
        }
    }

    void send_out(const Run& run) {
        const auto undoes = [&](GroupIndex group) { return !counts_of(run, group).undoing.empty(); };
        const bool undoing = std::any_of(run.index.restless.begin(), run.index.restless.end(), undoes);
        std::set<std::pair<TaskIndex, HostIndex>> in_order;
        const bool late = is_late(run, now_);
        for (const auto& [host, tasks] : run.index.pending) {
            if (!late && is_full(run, host)) continue;
            if (run.one_step) {
                for (const TaskIndex task : tasks) in_order.insert({task, host});
            } else if (host == kNoIndex) {
                for (const TaskIndex task : tasks) open(run, task);
            }
            if (host == kNoIndex) continue;
            const HostId& id = run.index.graph->hosts[host];
            // Service waits for a back-out, so it goes first, and it goes in reverse order.
            if (undoing) send_out_to(run, id, undos_of(run, tasks));
            if (!run.one_step) send_out_to(run, id, tasks);
        }
        send_out_one(run, in_order);
    }

    // The first that can start, in the plan's order; then the run is paused as before.
    void send_out_one(const Run& run, const std::set<std::pair<TaskIndex, HostIndex>>& in_order) {
        for (const auto& [task, host] : in_order) {
            if (progress_at(run, task).state == TaskState::kUndoing) continue;
            let_through_ = false;
            if (host == kNoIndex) {
                open(run, task);
            } else {
                send_out_to(run, run.index.graph->hosts[host], std::vector<TaskIndex>{task});
            }
            if (!let_through_) continue;
            change_run(out_, run, RunStatus::kPaused, {"", run.reason});
            return;
        }
    }

    static std::vector<TaskIndex> undos_of(const Run& run, const std::set<TaskIndex>& tasks) {
        std::vector<TaskIndex> undos;
        for (auto task = tasks.rbegin(); task != tasks.rend(); ++task) {
            if (progress_at(run, *task).state == TaskState::kUndoing) undos.push_back(*task);
        }
        return undos;
    }

    template <typename Tasks>
    void send_out_to(const Run& run, const HostId& host, const Tasks& tasks) {
        const bool away = obstacle_of_host(state_, connectivity_, host, 0) == Obstacle::kHostAway;
        // Nothing can be sent to it, and nothing can be too late either.
        if (away && !is_late(run, now_)) return;
        for (const TaskIndex task : tasks) {
            if (sent_.contains({run.id, task})) continue;
            if (!away && obstacle_of_host(state_, connectivity_, host, given_[host]) != Obstacle::kNone)
                return;
            const Obstacle obstacle = obstacle_to_task(state_, run, task, now_);
            if (obstacle >= Obstacle::kWindowOver) {
                hold_group(run, task, obstacle);
            } else if (obstacle == Obstacle::kNone && !away) {
                dispatch(run, task);
            }
        }
    }

    void open(const Run& run, TaskIndex index) {
        const Task& task = task_at(run, index);
        const Obstacle obstacle = obstacle_to_task(state_, run, index, now_);
        if (obstacle >= Obstacle::kWindowOver) hold_group(run, index, obstacle);
        if (obstacle != Obstacle::kNone || held_.contains({run.id, run.index.graph->group_of[index]})) return;
        mark_moving(run, index);
        let_through_ = true;
        const Instant until = task.kind == TaskKind::kSoak ? now_ + task.soak : Instant{};
        change_task(out_, run, index, TaskState::kOpen, {"", task.text}, until);
    }

    void hold_group(const Run& run, TaskIndex task, Obstacle obstacle) {
        const GroupIndex group = run.index.graph->group_of[task];
        if (group == kNoIndex || !held_.insert({run.id, group}).second) return;
        if (obstacle == Obstacle::kWaitsForGo) {
            // Its answer is the next pass's: what this one has sent out has to be applied before.
            if (undecided(run, group) == nullptr) {
                out_.push_back(make_latest_return(state_, run, group, task));
            }
            return;
        }
        const std::string words = task_at(run, task).id.str() + " cannot start: " +
                                  obstacle_text(obstacle, state_, connectivity_, run, task);
        if (obstacle == Obstacle::kClockJumped) return hold_for_clock(out_, run, group, words);
        change_group(
            out_, run, group, GroupState::kHeld,
            {"", words + (passed_no_return(run, group) == nullptr
                              ? "; back out, or retry"
                              : "; it is past its point of no return: give a go to end it all the same")});
    }

    void mark_moving(const Run& run, TaskIndex task) {
        const GroupIndex group = run.index.graph->group_of[task];
        if (group == kNoIndex || group_state(run, group) != GroupState::kWaiting) return;
        if (moving_.insert({run.id, group}).second) change_group(out_, run, group, GroupState::kMoving, {});
    }

    void dispatch(const Run& run, TaskIndex index) {
        const Task& task = task_at(run, index);
        const TaskProgress& progress = progress_at(run, index);
        // The group may have been held a moment ago, in this pass.
        if (held_.contains({run.id, run.index.graph->group_of[index]})) return;
        AttemptKey key{state_.project, run.id, task.id, Purpose::kForward,
                       next_count(state_, progress.attempts)};
        if (progress.state == TaskState::kProbing) {
            key.purpose = Purpose::kProbe;
            key.attempt = next_count(state_, progress.probes);
        } else if (progress.state == TaskState::kUndoing) {
            key.purpose = Purpose::kUndo;
            key.attempt = next_count(state_, progress.undos);
        }
        const std::string fault = fault_of(run, index, key.purpose);
        if (!fault.empty()) {
            stop(run, index, key.purpose, fault);
            return;
        }
        mark_moving(run, index);
        if (key.purpose == Purpose::kUndo) sent_.insert({run.id, index});
        if (key.purpose == Purpose::kForward) issue_tickets(run, task);
        out_.push_back(AttemptStarted{key, task.executor});
        if (key.purpose == Purpose::kForward) change_task(out_, run, index, TaskState::kDispatched, {});
        ++given_[task.executor];
        let_through_ = true;
    }

    // What makes sending it out wrong, now and later.
    std::string fault_of(const Run& run, TaskIndex index, Purpose purpose) const {
        const Task& task = task_at(run, index);
        if (purpose != Purpose::kProbe && is_quarantined_for(state_, task)) {
            return "the journal of host " + task.executor.str() +
                   ", or the record of it here, was lost, so nobody knows what was done there: look at it, "
                   "then retry";
        }
        if (!run.index.graph->refers[index]) return {};
        const auto stages = stages_of(run, index, purpose);
        return stages ? "" : stages.error().message;
    }

    void stop(const Run& run, TaskIndex index, Purpose purpose, const std::string& fault) {
        const GroupIndex group = run.index.graph->group_of[index];
        if (!held_.insert({run.id, group}).second) return;
        if (purpose != Purpose::kUndo) {
            hold(out_, run, index, fault);
            return;
        }
        change_task(out_, run, index, TaskState::kUndoFailed, {"", fault});
        change_group(out_, run, group, GroupState::kHeld,
                     {"", "undo of " + task_at(run, index).id.str() + " cannot start: " + fault});
    }

    void issue_tickets(const Run& run, const Task& task) {
        for (const ChannelId& channel : task.opens) {
            const auto ticket = run.tickets.find(channel);
            const bool active = ticket != run.tickets.end() && ticket->second.active;
            if (active || !issued_.insert({run.id, channel}).second) continue;
            const std::uint32_t generation =
                next_count(state_, ticket == run.tickets.end() ? 0 : ticket->second.generation);
            out_.push_back(TicketIssued{run.id, channel, generation});
        }
    }

    const State& state_;
    const Connectivity& connectivity_;
    Instant now_;
    Records out_;
    std::map<HostId, std::uint32_t> given_;  // sent to each host in this pass
    std::set<std::pair<RunId, GroupIndex>> moving_;
    std::set<std::pair<RunId, GroupIndex>> held_;
    std::set<std::pair<RunId, ChannelId>> issued_;
    std::set<std::pair<RunId, TaskIndex>> sent_;  // undos, which are looked at twice
    bool let_through_ = false;                    // a task was started
};

}  // namespace

std::vector<RecordBody> schedule(const State& state, const Connectivity& connectivity, Instant now) {
    return Pass(state, connectivity, now).run();
}

}  // namespace ararat::execution
