#include "base/join.h"
#include "base/units.h"
#include "execution/engine_core.h"
#include "execution/lacking.h"
#include "execution/latest_return.h"
#include "execution/queries.h"
#include "execution/start_rules.h"

namespace ararat::execution {
namespace {

class Why {
public:
    Why(const State& state, const Connectivity& connectivity, const Run& run, TaskIndex index, Instant now)
        : state_(state),
          connectivity_(connectivity),
          run_(run),
          index_(index),
          now_(now),
          task_(task_at(run, index)),
          progress_(progress_at(run, index)) {}

    std::vector<std::string> words() {
        switch (progress_.state) {
            case TaskState::kWaiting: waiting(); break;
            case TaskState::kOpen: open(); break;
            case TaskState::kDispatched:
                out("sent to " + host() + ", which has not said that it has started");
                break;
            case TaskState::kRunning:
                out("running on " + host() + " since " + time_text(progress_.started_at));
                break;
            case TaskState::kProbing:
                if (progress_.in_flight) {
                    out("asking " + host() + " whether it took effect");
                } else {
                    startable("its outcome is unknown (" + progress_.reason + "), to be probed on " + host());
                }
                break;
            case TaskState::kRetryWait:
                startable("attempt " + std::to_string(progress_.attempts) +
                          " did not succeed: " + progress_.reason);
                break;
            case TaskState::kSucceeded: say("done" + because()); break;
            case TaskState::kSkipped: say("skipped" + because()); break;
            case TaskState::kFailed: say("failed" + because()); break;
            case TaskState::kHeld: say("held" + because()); break;
            case TaskState::kCancelled: say("cancelled" + because()); break;
            case TaskState::kUndoing: undoing(); break;
            case TaskState::kUndone: say("undone" + because()); break;
            case TaskState::kUndoFailed: say("could not be undone" + because()); break;
        }
        to_be_undone();
        return std::move(words_);
    }

private:
    void say(std::string words) { words_.push_back(std::move(words)); }
    [[nodiscard]] std::string host() const { return task_.executor.str(); }
    [[nodiscard]] std::string because() const {
        return progress_.reason.empty() ? "" : ": " + progress_.reason;
    }

    void out(const std::string& words) {
        say(words);
        if (!connectivity_.up.contains(task_.executor)) {
            say(away_text(connectivity_, task_.executor) + "; its result is waited for");
        }
        const auto trouble = connectivity_.troubled.find(task_.executor);
        if (trouble != connectivity_.troubled.end())
            say("the agent of " + host() + " says: " + trouble->second);
        for (const auto& [id, ticket] : run_.tickets) {
            if (ticket.active) channel_end(*run_.index.graph->channels.at(id));
        }
    }

    // A ticket is given to both ends at once: while one is away neither can move anything.
    void channel_end(const Channel& channel) {
        if (!uses_channel(task_, channel)) return;
        for (const HostId& end : {channel.source, channel.target}) {
            if (end == task_.executor || connectivity_.up.contains(end)) continue;
            say("its data channel " + channel.id.str() + " waits for the " +
                (end == channel.source ? "source" : "target") + "'s end: " + away_text(connectivity_, end));
        }
    }

    void undoing() {
        if (progress_.in_flight) {
            out("being undone on " + host());
            return;
        }
        startable("to be undone on " + host() + because());
    }

    void to_be_undone() {
        const GroupIndex group = run_.index.graph->group_of[index_];
        if (group == kNoIndex || group_state(run_, group) != GroupState::kBackingOut) return;
        if (progress_.state == TaskState::kUndoing || is_settled_for_back_out(progress_)) return;
        if (std::string words = followers_text(run_, index_); !words.empty()) say(std::move(words));
    }

    void waiting() {
        predecessors();
        startable("");
    }

    void startable(const std::string& what) {
        if (!what.empty()) say(what);
        const Obstacle obstacle = obstacle_to_task(state_, run_, index_, now_);
        const bool blocked = run_.index.blockers[index_] > 0 && progress_.state == TaskState::kWaiting;
        if (obstacle != Obstacle::kNone) {
            say(obstacle_text(obstacle, state_, connectivity_, run_, index_));
        } else if (blocked) {
            return;
        }
        if (task_.executor.empty()) {
            if (words_.empty()) say("may start now");
            return;
        }
        const Obstacle on_host = obstacle_of_host(state_, connectivity_, task_.executor, 0);
        if (on_host != Obstacle::kNone) say(obstacle_text(on_host, state_, connectivity_, run_, index_));
        if (is_quarantined_for(state_, task_))
            say("host " + host() + " is quarantined: its journal, or the record of it here, was lost");
        if (words_.empty()) say("may start now");
    }

    void predecessors() {
        for (const TaskId& id : task_.after) {
            const TaskIndex predecessor = index_of(run_, id);
            if (predecessor == kNoIndex) {
                elsewhere(id);
                continue;
            }
            const TaskProgress& before = progress_at(run_, predecessor);
            if (turned_back(predecessor)) continue;
            if (is_satisfied(before.state)) continue;
            std::string words =
                "waits for " + id.str() + ", which is " + std::string(to_string(before.state));
            if (task_at(run_, predecessor).kind == TaskKind::kGate && before.state == TaskState::kOpen) {
                words = "waits for gate " + task_at(run_, predecessor).gate.str() + ": " +
                        gate_status(state_, *run_.plan, run_.wave, task_at(run_, predecessor).gate).words;
            }
            say(words);
        }
    }

    // Done or not, a step of another group that turned back lets nothing go. False: it is none.
    bool turned_back(TaskIndex predecessor) {
        const GroupIndex own = run_.index.graph->group_of[index_];
        const GroupIndex other = run_.index.graph->group_of[predecessor];
        if (other == kNoIndex || other == own || !counts_of(run_, other).turned_back) return false;
        if (ends_without(run_, own, other)) return true;
        const MoveGroupId& id = run_.index.graph->groups[other];
        say("waits for " + task_at(run_, predecessor).id.str() + " of group " + id.str() +
            (run_.held_in_back_out.contains(id)
                 ? ", whose back-out is held"
                 : ", which is " + std::string(to_string(group_state(run_, other)))));
        return true;
    }

    void elsewhere(const TaskId& id) {
        for (const Task& task : run_.plan->tasks) {
            if (task.id != id || state_.moved.contains(task.group)) continue;
            say("waits for " + id.str() + " of group " + task.group.str() + " in wave " + task.wave.str() +
                ", which has not moved");
        }
    }

    void open() {
        switch (task_.kind) {
            case TaskKind::kGate:
                say("gate " + task_.gate.str() + " " +
                    gate_status(state_, *run_.plan, run_.wave, task_.gate).words);
                break;
            case TaskKind::kManual: say("waits for a person: " + task_.text); break;
            case TaskKind::kSoak: say("soaks until " + time_text(progress_.not_before)); break;
            case TaskKind::kStep: break;
        }
    }

    const State& state_;
    const Connectivity& connectivity_;
    const Run& run_;
    TaskIndex index_;
    Instant now_;
    const Task& task_;
    const TaskProgress& progress_;
    std::vector<std::string> words_;
};

}  // namespace

std::vector<std::string> why(const State& state, const Connectivity& connectivity, const Run& run,
                             const TaskId& task, Instant now) {
    const TaskIndex index = index_of(run, task);
    if (index == kNoIndex) return {"run " + run.id.str() + " has no task " + task.str()};
    return Why(state, connectivity, run, index, now).words();
}

std::vector<std::string> why(const State& state, const Connectivity& connectivity, const Run& run,
                             Instant now) {
    std::vector<std::string> words;
    for (const auto& [group, is] : run.groups) {
        if (is != GroupState::kHeld && is != GroupState::kBackingOut) continue;
        words.push_back("group " + group.str() + " is " + std::string(to_string(is)) + ": " +
                        run.group_reasons.at(group));
    }
    for (GroupIndex group = 0; group < run.index.groups.size(); ++group) {
        const auto latest = latest_return(run, group);
        if (!latest || group_state(run, group) != GroupState::kMoving) continue;
        words.push_back("group " + run.index.graph->groups[group].str() +
                        " is in its cutover: a back-out takes " +
                        format_duration(counts_of(run, group).back_out) + " and would have to begin by " +
                        time_text(*latest));
    }
    std::size_t more = 0;
    for (TaskIndex index = 0; index < run.index.graph->tasks.size(); ++index) {
        const TaskProgress& progress = progress_at(run, index);
        // What only waits for a step before it is explained by that step.
        const bool blocked = progress.state == TaskState::kWaiting && run.index.blockers[index] > 0;
        if (is_final(progress.state) || blocked) continue;
        if (words.size() >= kWhyLinesMax) {
            ++more;
            continue;
        }
        const std::vector<std::string> of_task = Why(state, connectivity, run, index, now).words();
        words.push_back(task_at(run, index).id.str() + ": " + join(of_task, "; "));
    }
    if (more > 0) words.push_back("and " + std::to_string(more) + " more steps");
    return words;
}

}  // namespace ararat::execution
