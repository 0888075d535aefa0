// What leaves, made from committed records, and made again for a host that comes back.
#include <algorithm>
#include <iterator>

#include "base/check.h"
#include "execution/engine_core.h"
#include "execution/queries.h"
#include "execution/references.h"

namespace ararat::execution {
namespace {

// The command of the attempt that is out for this task. Made the same way each time from the pinned plan
// and recorded outputs.
Command command_for(const State& state, const Run& run, TaskIndex index) {
    const Task& task = task_at(run, index);
    Command command;
    command.host = task.executor;
    command.key = key_in_flight(state, run, index);
    command.plan = run.plan->hash;
    command.epoch = state.epoch;
    command.action_class = task.action_class;
    command.guard = task.guard;
    auto stages = stages_of(run, index, command.key.purpose);
    ARARAT_CHECK(stages.ok(), "an attempt was recorded although its references do not resolve");
    command.stages = std::move(stages).value();
    command.files = task.files;
    command.outputs = task.outputs;
    command.pinned = run.plan;
    return command;
}

class Collector {
public:
    explicit Collector(const State& state) : state_(state) {}

    void operator()(const AttemptStarted& body) {
        const Run& run = state_.runs.at(body.key.run);
        const TaskIndex task = index_of(run, body.key.task);
        // Its end may already be in the same commit.
        const auto& progress = progress_at(run, task);
        if (progress.in_flight && key_in_flight(state_, run, task) == body.key) {
            effects.push_back(command_for(state_, run, task));
        }
    }
    void operator()(const TicketIssued& body) {
        const Run& run = state_.runs.at(body.run);
        const Ticket& ticket = run.tickets.at(body.channel);
        if (!ticket.active || ticket.generation != body.generation) return;
        effects.push_back(
            OpenTicket{body.run, *run.index.graph->channels.at(body.channel), body.generation, state_.epoch});
    }
    void operator()(const TicketRevoked& body) {
        const Run& run = state_.runs.at(body.run);
        effects.push_back(CloseTicket{body.run, *run.index.graph->channels.at(body.channel), body.generation,
                                      state_.epoch});
    }
    void operator()(const GroupChanged& body) {
        if (body.state != GroupState::kBackingOut) return;
        const Run& run = state_.runs.at(body.run);
        for (const auto& [host, tasks] : run.index.in_flight) {
            for (const TaskIndex task : tasks) {
                if (task_at(run, task).group != body.group) continue;
                const AttemptKey key = key_in_flight(state_, run, task);
                if (key.purpose == Purpose::kUndo) continue;
                effects.push_back(CancelCommand{task_at(run, task).executor, key, state_.epoch});
            }
        }
    }
    void operator()(const EpochStarted&) {}
    void operator()(const PlanApplied&) {}
    void operator()(const GateDecided&) {}
    void operator()(const RunStarted&) {}
    void operator()(const EnrolTokenMade&) {}
    void operator()(const Enrolled&) {}
    void operator()(const EnrolmentRefused&) {}
    void operator()(const HostKeyPinned&) {}
    void operator()(const RunStatusChanged&) {}
    void operator()(const AttemptRunning&) {}
    // Acknowledged by replies_to(), which answers repeated deliveries as well.
    void operator()(const AttemptFinished&) {}
    void operator()(const TaskChanged&) {}
    void operator()(const HostJournalSeen&) {}
    void operator()(const LatestReturnReached&) {}
    void operator()(const GoGiven&) {}
    void operator()(const ClockJumped&) {}
    void operator()(const ClockTrusted&) {}

    std::vector<Effect> effects;

private:
    const State& state_;
};

// A back-out that does not wait for this attempt's success any more.
bool is_turned_back(const Run& run, TaskIndex task, Purpose purpose) {
    if (purpose == Purpose::kUndo) return false;
    return group_state(run, run.index.graph->group_of[task]) == GroupState::kBackingOut ||
           run.held_in_back_out.contains(task_at(run, task).group);
}

void reopen_tickets(std::vector<Effect>& effects, const State& state, const Run& run, const HostId& host) {
    for (const auto& [id, ticket] : run.tickets) {
        if (!ticket.active) continue;
        const Channel& channel = *run.index.graph->channels.at(id);
        if (channel.source == host || channel.target == host) {
            effects.push_back(OpenTicket{run.id, channel, ticket.generation, state.epoch});
        }
    }
}

void resend(std::vector<Effect>& effects, const State& state, const Run& run, const HostId& host) {
    const auto& hosts = run.index.graph->hosts;
    for (const auto& [index, tasks] : run.index.in_flight) {
        if (hosts[index] != host) continue;
        for (const TaskIndex task : tasks) {
            const AttemptKey key = key_in_flight(state, run, task);
            // The cancel first: a host that never saw the command answers it from the tombstone.
            if (is_turned_back(run, task, key.purpose)) {
                effects.push_back(CancelCommand{host, key, state.epoch});
            }
            effects.push_back(command_for(state, run, task));
        }
    }
}

// What a host still holds of an attempt that is not waited for any more. It may have been given up (its host
// lost its journal, its undo was tried again) and still be running there: it is ended before it is forgotten.
void settle_known(std::vector<Effect>& effects, const State& state, const HostUp& input) {
    for (const AttemptKey& key : input.known) {
        if (key.project != state.project) continue;
        const auto run = state.runs.find(key.run);
        const TaskIndex task = run == state.runs.end() ? kNoIndex : index_of(run->second, key.task);
        const bool awaited = task != kNoIndex && progress_at(run->second, task).in_flight &&
                             key_in_flight(state, run->second, task) == key;
        if (awaited) continue;
        effects.push_back(CancelCommand{input.host, key, state.epoch});
        effects.push_back(AcknowledgeResult{input.host, key, state.epoch});
    }
}

}  // namespace

std::vector<Effect> effects_of(const State& state, const std::vector<Record>& records) {
    Collector collector(state);
    for (const Record& record : records) std::visit(collector, record.body);
    return std::move(collector.effects);
}

std::vector<Effect> reconcile(const State& state, const HostId& host) {
    std::vector<Effect> effects;
    for (const RunId& id : state.active_runs) {
        const Run& run = state.runs.at(id);
        reopen_tickets(effects, state, run, host);
        resend(effects, state, run, host);
    }
    return effects;
}

std::vector<Effect> replies_to(const State& state, const Input& input) {
    if (const auto* up = std::get_if<HostUp>(&input)) {
        // What was given up ends before its successor begins.
        std::vector<Effect> effects;
        settle_known(effects, state, *up);
        std::ranges::move(reconcile(state, up->host), std::back_inserter(effects));
        return effects;
    }
    const auto* finished = std::get_if<StepFinished>(&input);
    if (finished == nullptr) return {};
    const auto run = state.runs.find(finished->key.run);
    if (run != state.runs.end()) {
        const TaskIndex task = index_of(run->second, finished->key.task);
        // Still waited for: the result was refused (another host's, an older epoch's) and stands open.
        if (task != kNoIndex && progress_at(run->second, task).in_flight &&
            key_in_flight(state, run->second, task) == finished->key) {
            return {};
        }
    }
    return {AcknowledgeResult{finished->host, finished->key, state.epoch}};
}

}  // namespace ararat::execution
