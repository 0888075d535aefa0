// What hosts say: that they have come up, that a step has started, what came of it.
#include <algorithm>
#include <string>
#include <string_view>

#include "base/utf8.h"
#include "execution/decide.h"
#include "execution/queries.h"

namespace ararat::execution {
namespace {

// A host's words are data of unknown size and kind: what is kept of them is bounded, and is text. Bytes
// that are none could be written into the journal but never read back. An output that is not kept as it was
// is for people only: another step would be given another path, or another command.
constexpr std::size_t kOutputsMax = 64;
constexpr std::size_t kValueBytesMax = 4096;

std::string bounded(const std::string& bytes) {
    return displayable(std::string_view(bytes).substr(0, kValueBytesMax));
}

// Why what is kept of it is not the value; empty: it is.
std::string why_not_kept(const std::string& value) {
    if (value.size() > kValueBytesMax) {
        return "is " + std::to_string(value.size()) + " bytes long, of which " +
               std::to_string(kValueBytesMax) + " are kept";
    }
    const auto fault = find_text_fault(value);
    return fault ? "is not kept as it was (" + fault->text() + ")" : "";
}

AttemptFinished finished(const StepFinished& input) {
    AttemptFinished record{input.key, input.outcome,    input.already, input.exit_code, bounded(input.detail),
                           {},        input.duration_ms};
    for (const auto& [name, value] : input.outputs) {
        if (record.outputs.size() == kOutputsMax) break;
        record.outputs.emplace(bounded(name), bounded(value));
        if (std::string why = why_not_kept(value); !why.empty()) {
            record.outputs_not_kept.emplace(bounded(name), std::move(why));
        }
    }
    return record;
}

// The run and task whose attempt is out under exactly this key; a null run: nobody waits for it.
struct Awaited {
    const Run* run = nullptr;
    TaskIndex task = kNoIndex;
};
Awaited awaited(const State& state, const AttemptKey& key) {
    const Run* run = active_run(state, key.run);
    if (run == nullptr) return {};
    const TaskIndex task = index_of(*run, key.task);
    if (task == kNoIndex || !progress_at(*run, task).in_flight) return {};
    if (key_in_flight(state, *run, task) != key) return {};
    return {run, task};
}

Result<void> check_host(const Awaited& step, const HostId& host) {
    const HostId& executor = task_at(*step.run, step.task).executor;
    if (executor == host) return {};
    return Error{ErrorCode::kPermissionDenied, "host " + host.str() + " reports about " +
                                                   task_at(*step.run, step.task).id.str() +
                                                   ", which runs on " + executor.str()};
}

bool may_be_sent_again(const AttemptKey& key, ActionClass action_class) {
    return action_class == ActionClass::kIdempotent || key.purpose == Purpose::kProbe ||
           (key.purpose == Purpose::kUndo && action_class != ActionClass::kOneShot);
}

// The host has forgotten what it was doing: what may be repeated is simply sent again; for the rest nobody
// can tell any more. Where what was recorded of it is lost, it may have done an attempt, and told so, long
// ago: only what it still holds is waited for, and a probe, which changes nothing.
void forget_in_flight(Records& out, const State& state, const HostUp& input, bool record_lost, Instant now) {
    const std::string name = "host " + input.host.str();
    const std::string why = record_lost ? "what " + name + " did since the backup is not in the record"
                                        : name + " has lost its journal";
    for (const RunId& id : state.active_runs) {
        const Run& run = state.runs.at(id);
        for (const auto& [host, tasks] : run.index.in_flight) {
            if (run.index.graph->hosts[host] != input.host) continue;
            for (const TaskIndex task : tasks) {
                const AttemptKey key = key_in_flight(state, run, task);
                const ActionClass action_class = task_at(run, task).action_class;
                const bool awaited = record_lost
                                         ? key.purpose == Purpose::kProbe ||
                                               std::ranges::find(input.known, key) != input.known.end()
                                         : may_be_sent_again(key, action_class);
                if (awaited) continue;
                const AttemptFinished result{key, Outcome::kUnknown, false, 0, why, {}, 0};
                out.push_back(result);
                judge(out, state, run, task, result, now);
            }
        }
    }
}

}  // namespace

Result<Records> decide_host_up(const State& state, const HostUp& input, Instant now) {
    Records out;
    if (input.journal_id.empty()) return out;
    const std::string journal_id = bounded(input.journal_id);
    const auto known = state.hosts.find(input.host);
    const std::string before = known == state.hosts.end() ? "" : known->second.journal_id;
    if (before == journal_id) return out;
    // One that is not known here may have been given steps in a history that is lost.
    const bool is_forgotten = before.empty() && state.loss_epoch != 0 && !input.is_fresh;
    const bool lost = !before.empty() || is_forgotten;
    const bool was_quarantined = known != state.hosts.end() && known->second.quarantined;
    out.push_back(HostJournalSeen{input.host, journal_id, lost || was_quarantined});
    if (lost) {
        forget_in_flight(out, state, input, before == kLostJournal || is_forgotten, now);
    }
    return out;
}

Result<Records> decide_step_started(const State& state, const StepStarted& input) {
    const Awaited step = awaited(state, input.key);
    if (step.run == nullptr) return Records{};
    ARARAT_RETURN_IF_ERROR(check_host(step, input.host));
    if (progress_at(*step.run, step.task).state != TaskState::kDispatched) return Records{};
    Records out{AttemptRunning{input.key}};
    change_task(out, *step.run, step.task, TaskState::kRunning, {});
    return out;
}

Result<Records> decide_step_finished(const State& state, const StepFinished& input, Instant now) {
    const Awaited step = awaited(state, input.key);
    if (step.run == nullptr) return Records{};
    ARARAT_RETURN_IF_ERROR(check_host(step, input.host));
    // Another orchestrator leads: this says nothing about the step, which stays as it is.
    if (input.outcome == Outcome::kRefused && input.detail.find(kStaleEpoch) != std::string::npos) {
        return Records{};
    }
    const AttemptFinished record = finished(input);
    Records out{record};
    judge(out, state, *step.run, step.task, record, now);
    return out;
}

}  // namespace ararat::execution
