// The fold: each record changes the state in one way, whatever program wrote it. An impossible record
// means that the journal or the engine is wrong, and stops the process before it does harm.
#include <algorithm>

#include "base/check.h"
#include "execution/engine_core.h"
#include "execution/index_updates.h"
#include "execution/queries.h"

namespace ararat::execution {
namespace {

// More than anybody tries one thing between two backups.
constexpr std::uint32_t kCountsLostMax = 1'000;

class Applier {
public:
    Applier(State& state, const Record& record) : state_(state), record_(record) {}

    void operator()(const EpochStarted& body) {
        ARARAT_CHECK(body.epoch > state_.epoch, "an epoch that does not grow");
        state_.epoch = body.epoch;
        state_.epoch_at = record_.at;
        state_.boot_id = body.boot_id;
        state_.booted_at = body.booted_at;
        if (body.history_lost) lose_history();
    }

    void operator()(const PlanApplied& body) {
        const auto plan = state_.plans.find(body.hash);
        ARARAT_CHECK(plan != state_.plans.end(), "a plan was applied whose bytes are not there");
        state_.plan = plan->second;
        if (state_.project.empty()) state_.project = state_.plan->project;
        for (const Wave& wave : state_.plan->waves) state_.subtree_authors[wave.subtree].insert(body.by);
        forget_plans();
    }

    void operator()(const GateDecided& body) {
        RoleDecisions& made = state_.decisions[{body.wave, body.gate}][body.role];
        std::erase_if(made, [&](const GateDecision& earlier) { return earlier.by == body.by; });
        made.push_back({body.granted, body.by, body.comment, body.subtree, record_.at});
    }

    void operator()(const HostJournalSeen& body) {
        HostState& host = state_.hosts[body.host];
        host.journal_id = body.journal_id;
        host.quarantined = body.quarantined;
        if (body.quarantined) doubt_answers_of(body.host);
    }

    // They say who may take part, which the registry knows; no run changes by them.
    void operator()(const EnrolTokenMade&) {}
    void operator()(const Enrolled&) {}
    void operator()(const EnrolmentRefused&) {}
    void operator()(const HostKeyPinned&) {}

    void operator()(const ClockJumped& body) {
        state_.epoch_at += body.by;
        state_.booted_at += body.by;
        if (state_.loss_epoch != 0) state_.loss_at += body.by;
        state_.clock_jump = ClockJump{body.by, record_.at};
        for (const RunId& id : state_.active_runs) {
            Run& shifted = state_.runs.at(id);
            shifted.held_for_clock.clear();
            IndexUpdates(state_, shifted).shift_due(body.by);
        }
    }
    void operator()(const ClockTrusted&) { state_.clock_jump.reset(); }

    void operator()(const RunStarted& body);
    void operator()(const RunStatusChanged& body);
    void operator()(const GroupChanged& body);
    void operator()(const AttemptStarted& body);
    void operator()(const AttemptRunning& body);
    void operator()(const AttemptFinished& body);
    void operator()(const TaskChanged& body);

    void operator()(const LatestReturnReached& body) {
        Run& reached = run(body.run);
        ARARAT_CHECK(reached.groups.contains(body.group), "a record of a group that its run does not move");
        const auto [entry, is_new] = reached.late_returns.try_emplace(body.group);
        ARARAT_CHECK(is_new, "the latest moment for a back-out comes twice");
        const bool go = body.answer == WhenLate::kGoOn;
        entry->second = {body.latest, body.back_out, body.window_end, body.task, body.answer, go, {}, {}};
    }

    void operator()(const GoGiven& body) {
        if (!body.without.empty()) return end_without(body);
        auto& reached = run(body.run).late_returns;
        const auto late = reached.find(body.group);
        ARARAT_CHECK(late != reached.end() && !late->second.go, "a go that nobody waited for");
        late->second.go = true;
        late->second.by = body.by;
        late->second.reason = body.reason;
    }

    void operator()(const TicketIssued& body) {
        Ticket& ticket = run(body.run).tickets[body.channel];
        ARARAT_CHECK(!ticket.active && body.generation == next_count(state_, ticket.generation),
                     "a ticket out of its generation's order");
        ticket = {body.generation, true};
    }

    void operator()(const TicketRevoked& body) {
        Ticket& ticket = run(body.run).tickets[body.channel];
        ARARAT_CHECK(ticket.active && body.generation == ticket.generation, "a ticket revoked twice");
        ticket.active = false;
    }

private:
    // What was sent there may have run before the journal went: that it is refused now, or that all is found
    // done, does not show that this step did nothing.
    void doubt_answers_of(const HostId& host) {
        for (const RunId& id : state_.active_runs) {
            Run& doubted = state_.runs.at(id);
            for (const auto& [at, tasks] : doubted.index.in_flight) {
                if (doubted.index.graph->hosts[at] != host) continue;
                for (const TaskIndex task : tasks) {
                    TaskProgress& progress = progress_at(doubted, task);
                    if (progress.in_flight == Purpose::kForward) progress.performed_before = true;
                }
            }
        }
    }

    // As if every host had lost its journal: what it did since the backup is not known here. No number that
    // may have been given out in between is given out again. And no run goes on before a person has looked:
    // also what may be repeated at will, a copy, does harm where its source is no longer what is served.
    void lose_history() {
        state_.count_floor += kCountsLostMax;
        state_.loss_epoch = state_.epoch;
        state_.loss_at = record_.at;
        for (const RunId& id : state_.active_runs) doubt(state_.runs.at(id));
        for (auto& [id, host] : state_.hosts) {
            if (!host.journal_id.empty()) host.journal_id = kLostJournal;
        }
    }

    static void doubt(Run& run) {
        run.reason = std::string(
                         "restored from a backup, without what was done since: look what the hosts "
                         "hold, then resume or back out") +
                     (run.cancelling ? "; it was being cancelled" : "");
        run.status = RunStatus::kPaused;
        run.cancelling = false;
        run.one_step = false;
        for (const auto& [group, state] : run.groups) {
            if (!is_final(state)) run.doubtful.insert(group);
        }
    }

    // Whole plans are large, and every edit makes one: what nothing refers to is left to the journal.
    void forget_plans() {
        std::set<Hash> needed{state_.plan->hash};
        for (const auto& [id, run] : state_.runs) needed.insert(run.plan->hash);
        std::erase_if(state_.plans, [&](const auto& entry) { return !needed.contains(entry.first); });
    }

    Run& run(const RunId& id) {
        const auto found = state_.runs.find(id);
        ARARAT_CHECK(found != state_.runs.end(), "a record of a run that was never started");
        return found->second;
    }

    void end_without(const GoGiven& body) {
        Run& let = run(body.run);
        for (const MoveGroupId& needed : body.without) {
            const bool is_new = let.ends_without[body.group].insert(needed).second;
            ARARAT_CHECK(is_new, "a group ends without another one twice");
            IndexUpdates(state_, let).end_without(group(let, body.group), group(let, needed));
        }
    }

    static GroupIndex group(const Run& run, const MoveGroupId& id) {
        const auto& groups = run.index.graph->groups;
        const auto place = std::lower_bound(groups.begin(), groups.end(), id);
        ARARAT_CHECK(place != groups.end() && *place == id, "a record of a group that its run does not move");
        return static_cast<GroupIndex>(place - groups.begin());
    }

    static TaskIndex task(const Run& run, const TaskId& id) {
        const TaskIndex index = index_of(run, id);
        ARARAT_CHECK(index != kNoIndex, "a record of a task that its run does not have");
        return index;
    }

    // Changes one task's progress with the index kept true around it.
    template <typename Change>
    void change_task(const RunId& run_id, const TaskId& task_id, const Change& change) {
        Run& changed = run(run_id);
        const TaskIndex index = task(changed, task_id);
        IndexUpdates updates(state_, changed);
        updates.unlink(index);
        change(progress_at(changed, index));
        updates.link(index);
    }

    void note_time(const AttemptFinished& body);

    State& state_;
    const Record& record_;
};

void Applier::operator()(const RunStarted& body) {
    ARARAT_CHECK(!state_.runs.contains(body.run), "a run was started twice");
    const auto plan = state_.plans.find(body.plan);
    ARARAT_CHECK(plan != state_.plans.end(), "a run pins a plan whose bytes are not there");
    Run& started = state_.runs[body.run];
    started.id = body.run;
    started.wave = body.wave;
    started.plan = plan->second;
    started.started_by = body.by;
    started.ignore_window = body.ignore_window;
    started.reason = body.reason;
    started.started_at = record_.at;
    started.index.graph = make_run_graph(started.plan, body.wave, body.groups);
    for (const MoveGroupId& group : body.groups) started.groups[group] = GroupState::kWaiting;
    for (const Task* each : started.index.graph->tasks) started.tasks.try_emplace(each->id);
    state_.active_runs.insert(body.run);
    IndexUpdates(state_, started).start();
}

void Applier::operator()(const RunStatusChanged& body) {
    Run& changed = run(body.run);
    ARARAT_CHECK(!is_final(changed.status), "a run that has ended changes");
    changed.status = body.status;
    changed.reason = body.reason;
    changed.cancelling = body.cancelling;
    changed.one_step = body.one_step;
    // Whatever lets it go on is a person's word.
    if (body.status == RunStatus::kRunning || body.one_step) changed.doubtful.clear();
    if (!is_final(body.status)) return;
    changed.ended_at = record_.at;
    state_.active_runs.erase(body.run);
}

void Applier::operator()(const GroupChanged& body) {
    Run& changed = run(body.run);
    const auto found = changed.groups.find(body.group);
    ARARAT_CHECK(found != changed.groups.end(), "a record of a group that its run does not move");
    ARARAT_CHECK(!is_final(found->second), "a group that has ended changes");
    const GroupState before = found->second;
    found->second = body.state;
    const GroupIndex index = group(changed, body.group);
    changed.index.groups[index].state = body.state;
    list_group(changed.index, index);
    changed.group_reasons[body.group] = body.reason;
    changed.doubtful.erase(body.group);
    if (body.state != GroupState::kHeld) changed.held_in_back_out.erase(body.group);
    changed.held_for_clock.erase(body.group);
    if (body.for_clock) changed.held_for_clock.insert(body.group);
    changed.lacking.erase(body.group);
    if (!body.lacks.empty()) changed.lacking[body.group] = {body.lacks.begin(), body.lacks.end()};
    switch (body.state) {
        case GroupState::kHeld:
            if (before == GroupState::kBackingOut) changed.held_in_back_out.insert(body.group);
            break;
        case GroupState::kBackingOut: IndexUpdates(state_, changed).begin_back_out(index); break;
        case GroupState::kMoved:
            state_.moved.insert(body.group);
            for (const RunId& id : state_.active_runs) {
                IndexUpdates(state_, state_.runs.at(id)).group_moved_elsewhere(body.group);
            }
            break;
        case GroupState::kCancelled: IndexUpdates(state_, changed).turn_back(index); break;
        case GroupState::kWaiting:
        case GroupState::kMoving:
        case GroupState::kBackedOut: break;
    }
}

void Applier::operator()(const AttemptStarted& body) {
    change_task(body.key.run, body.key.task, [&](TaskProgress& progress) {
        ARARAT_CHECK(!progress.in_flight, "two attempts of one task at once");
        std::uint32_t* made = nullptr;
        std::uint32_t* base = nullptr;
        switch (body.key.purpose) {
            case Purpose::kForward:
                made = &progress.attempts;
                base = &progress.attempts_base;
                progress.performed_before = progress.performed;
                progress.performed = true;
                progress.already = false;
                break;
            case Purpose::kProbe: made = &progress.probes; break;
            case Purpose::kUndo:
                made = &progress.undos;
                base = &progress.undos_base;
                break;
        }
        ARARAT_CHECK(body.key.attempt == next_count(state_, *made), "an attempt out of order");
        // Numbers that were left out are no tries.
        if (base != nullptr) *base += body.key.attempt - *made - 1;
        *made = body.key.attempt;
        progress.in_flight = body.key.purpose;
        if (progress.started_at == Instant{}) progress.started_at = record_.at;
    });
}

void Applier::operator()(const AttemptRunning&) {}

void Applier::operator()(const AttemptFinished& body) {
    change_task(body.key.run, body.key.task, [&](TaskProgress& progress) {
        ARARAT_CHECK(progress.in_flight == body.key.purpose, "a result of an attempt that is not out");
        progress.in_flight.reset();
        progress.finished_at = record_.at;
        switch (body.key.purpose) {
            case Purpose::kForward:
                progress.finished_sequence = record_.sequence;
                progress.already = body.already;
                progress.done = body.outcome == Outcome::kSucceeded && !body.already;
                if (body.outcome != Outcome::kUnknown) progress.effect_confirmed = false;
                // Neither a refusal nor a state that was found leaves anything of ours behind.
                if (body.outcome == Outcome::kRefused ||
                    (body.outcome == Outcome::kSucceeded && body.already)) {
                    progress.performed = progress.performed_before;
                }
                for (const auto& [name, value] : body.outputs) {
                    progress.outputs[name] = value;
                    progress.outputs_not_kept.erase(name);
                }
                for (const auto& [name, why] : body.outputs_not_kept) progress.outputs_not_kept[name] = why;
                break;
            case Purpose::kProbe: progress.effect_confirmed = body.outcome == Outcome::kSucceeded; break;
            case Purpose::kUndo: break;
        }
    });
    note_time(body);
}

// Only what was done, to its end: a state that was found, or a try that failed, says nothing of the time it
// takes. Nor does the undo of a step that failed: there may have been nothing to undo.
void Applier::note_time(const AttemptFinished& body) {
    if (body.outcome != Outcome::kSucceeded || body.already || body.key.purpose == Purpose::kProbe) return;
    const Run& run_of_it = run(body.key.run);
    if (!progress_at(run_of_it, index_of(run_of_it, body.key.task)).done) return;
    StepTimes& times = state_.times[body.key.task];
    auto& longest = body.key.purpose == Purpose::kUndo ? times.undo : times.forward;
    const Duration took = std::max(Duration(body.duration_ms), Duration{0});
    if (longest && *longest >= took) return;
    longest = took;
    if (body.key.purpose != Purpose::kUndo) return;
    for (const RunId& id : state_.active_runs) {
        Run& measured = state_.runs.at(id);
        const TaskIndex index = index_of(measured, body.key.task);
        if (index == kNoIndex || measured.index.graph->group_of[index] == kNoIndex) continue;
        IndexUpdates(state_, measured).measure_back_out(measured.index.graph->group_of[index]);
    }
}

void Applier::operator()(const TaskChanged& body) {
    change_task(body.run, body.task, [&](TaskProgress& progress) {
        ARARAT_CHECK(may_follow(progress.state, body.state), "an impossible change of a task's state");
        if (body.state == TaskState::kWaiting) {
            progress.attempts_base = progress.attempts;
        } else if (body.state == TaskState::kUndoing && progress.state != TaskState::kUndoing) {
            progress.undos_base = progress.undos;
        }
        if (progress.state == TaskState::kOpen || body.state == TaskState::kOpen) {
            Instant& at = body.state == TaskState::kOpen ? progress.started_at : progress.finished_at;
            at = record_.at;
        }
        if (is_satisfied(body.state) && progress.finished_sequence == 0) {
            progress.finished_sequence = record_.sequence;
        }
        progress.state = body.state;
        progress.reason = body.reason;
        progress.not_before = body.not_before;
    });
}

}  // namespace

void apply(State& state, const Record& record) {
    ARARAT_CHECK(record.sequence == state.sequence + 1, "the journal has a gap");
    state.sequence = record.sequence;
    std::visit(Applier(state, record), record.body);
}

}  // namespace ararat::execution
