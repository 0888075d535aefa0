// Everything that can happen to the engine, as values. Adapters make inputs; decide() turns them into
// records.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "base/instant.h"
#include "execution/attempt_key.h"
#include "execution/audit_fact.h"
#include "model/compiled_plan.h"
#include "model/ids.h"

namespace ararat::execution {

// Who asks. `roles` come from the person's certificate.
struct Principal {
    std::string name;
    std::set<RoleId> roles;
    friend bool operator==(const Principal&, const Principal&) = default;
};

// --- by people ---
struct ApplyPlan {
    Principal by;
    CompiledPlanPtr plan;
    Hash base;  // the revision it was made against; empty: none
};
struct StartWave {
    Principal by;
    WaveId wave;
    bool ignore_window = false;  // rehearsals and labs; recorded, with a reason
    std::string reason = {};
};
// kStep: a paused run lets the next step start, and no other.
enum class RunAction { kPause, kResume, kCancel, kStep };
struct ControlRun {
    Principal by;
    RunId run;
    RunAction action = RunAction::kPause;
    std::string reason;
};
struct RetryTask {
    Principal by;
    RunId run;
    TaskId task;
    std::string reason;
};
// The step is not done, and what comes after it goes on as if it were.
struct SkipTask {
    Principal by;
    RunId run;
    TaskId task;
    std::string reason;
};
// Asked a second time (or of a held group), it goes on without hosts that are not connected: what they
// hold is left as it is, and named.
struct BackOut {
    Principal by;
    RunId run;
    std::optional<MoveGroupId> group;  // none: the whole wave
    std::string reason;
    // Also where a group past its point of no return waits for it, which cannot be backed out with it.
    bool although_needed = false;
};
// The groups that wait for a go/no-go because of the time left go on. No-go is BackOut. Those past their
// point of no return that are held because groups turned back for whose steps they wait go on without them.
struct GiveGo {
    Principal by;
    RunId run;
    std::optional<MoveGroupId> group;  // none: every one that waits
    std::string reason;
};
struct CompleteManual {
    Principal by;
    RunId run;
    TaskId task;
    std::string note;
};
// A signed decision about a gate of a wave. The adapter verified the signature before posting.
struct DecideGate {
    Principal by;
    WaveId wave;
    GateId gate;
    bool granted = false;
    std::string comment;
    Hash subtree;           // what was signed; must be the wave's current subtree
    std::string signature;  // DER, P-256
    std::string certificate_pem;
};

// Something that happened beside the runs and belongs into the journal.
struct NoteFact {
    AuditFact fact;
};

// --- by hosts (agents, and SSH sessions acting as one) ---
// A host that refuses a command of an older epoch says so in its detail: then another orchestrator leads,
// and the result says nothing about the step.
inline constexpr const char* kStaleEpoch = "stale epoch";

enum class Outcome {
    kSucceeded,  // forward: done (or already so) and verified; probe: it took effect; undo: undone
    kFailed,     // forward: judged bad; probe: it did not take effect; undo: failed
    kUnknown,    // nobody can tell (host crashed between start and result)
    kRefused,    // not started: stale epoch, tombstone, not allowed
    kCancelled,
};
struct HostUp {
    HostId host;
    std::string journal_id;  // changes when an agent lost its journal
    std::string version;
    // Attempts the host knows and has not been acknowledged for, so that both sides can compare.
    std::vector<AttemptKey> known;
    // It has never obeyed an orchestrator: nothing was done there for any.
    bool is_fresh = false;
};
struct HostDown {
    HostId host;
    std::string reason;
};
// It is connected and can do nothing, for the reason in words; empty words: it can again.
struct HostTroubled {
    HostId host;
    std::string words;
};
struct StepStarted {
    HostId host;
    AttemptKey key;
};
struct StepFinished {
    HostId host;
    AttemptKey key;
    Outcome outcome = Outcome::kUnknown;
    bool already = false;  // check found the wanted state; nothing was performed
    int exit_code = 0;
    std::string detail;  // for people: last line of output, or the reason
    std::map<std::string, std::string> outputs;
    std::int64_t duration_ms = 0;
};

// --- by the clock ---
struct Tick {};

using Input =
    std::variant<ApplyPlan, StartWave, ControlRun, RetryTask, SkipTask, BackOut, GiveGo, CompleteManual,
                 DecideGate, NoteFact, HostUp, HostDown, HostTroubled, StepStarted, StepFinished, Tick>;

}  // namespace ararat::execution
