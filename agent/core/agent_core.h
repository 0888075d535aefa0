// The agent's rules, as pure functions over its state: what is written down and what is done for everything
// that can happen. Whoever owns it makes a decision's records durable before any of its actions.
//
// An attempt, by its key:
//   unknown --start--> kStarted --supervisor's result, or its loss--> kFinished --acknowledged-->
//   kAcknowledged
//      |  |               |                                            ^  ^             |
//      |  +--refused------(----- agent died before the supervisor -----(--+             | older epoch
//      |                  +----> unknown again (Withdrawn)             |                v
//      +-------------------------- cancelled: a tombstone -------------+             (pruned)
//
// Thread promise: one owner. Time is boot time, in arguments.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "agent/core/journal_record.h"
#include "agent/core/policy.h"
#include "agent/step_spec/step_spec.h"
#include "base/instant.h"

namespace ararat::agent {

// ---- what is to be done, once the records are durable ----
struct StartSupervisor {
    StepSpec spec;
};
struct CancelSupervisor {
    std::string key;
};
struct ForgetSupervisor {
    std::string key;
};
// Ask what became of an attempt that an earlier process of this agent had started.
struct CheckSupervisor {
    std::string key;
};
struct SendStarted {
    std::string key;
};
// After whatever is left of its output.
struct SendFinished {
    std::string key;
    StepResult result;
};
using Action = std::variant<StartSupervisor, CancelSupervisor, ForgetSupervisor, CheckSupervisor, SendStarted,
                            SendFinished>;

struct Decision {
    std::vector<JournalRecord> records;
    std::vector<Action> actions;
    void append(Decision other);
};

// Carried in the detail of a refusal: the orchestrator looks for these words.
inline constexpr const char* kStaleEpochWords = "stale epoch";
inline constexpr std::size_t kRunningMax = 256;
inline constexpr Duration kResendAfter{10'000};

struct CoreOptions {
    Policy policy;
    std::size_t running_max = kRunningMax;
};

class AgentCore {
public:
    explicit AgentCore(CoreOptions options) : options_(std::move(options)) {}

    // ---- from the journal ----
    void apply(const JournalRecord& record);
    // After replay: what earlier processes left under way.
    [[nodiscard]] Decision recover() const;
    // The records that make up this state, for a journal written anew.
    [[nodiscard]] std::vector<JournalRecord> snapshot() const;

    // ---- from the orchestrator ----
    // `chain`: of the orchestrator's journal, as it says; an older one says no hash.
    [[nodiscard]] Decision on_welcome(std::uint64_t epoch, const ChainSeen& chain, Duration now);
    // `on_disk`: of the paths that policy() asks for.
    [[nodiscard]] Decision on_start(const StepSpec& spec, const ChainSeen& chain, Duration now,
                                    const PathsOnDisk& on_disk = {});
    [[nodiscard]] Decision on_cancel(const std::string& key, std::uint64_t epoch, Duration now);
    [[nodiscard]] Decision on_acknowledge(const std::string& key, std::uint64_t epoch);
    // Whether a command of this epoch is obeyed.
    [[nodiscard]] bool accepts(std::uint64_t epoch) const { return epoch >= epoch_; }
    void on_disconnected() { connected_ = false; }

    // ---- from supervisors ----
    [[nodiscard]] Decision on_report(const std::string& key, const AttemptReport& report, Duration now);
    // The supervisor's program could not be run at all.
    [[nodiscard]] Decision on_start_failed(const std::string& key, const std::string& why, Duration now);

    // ---- from the clock ----
    // Results that stay unacknowledged are sent again.
    [[nodiscard]] Decision on_tick(Duration now);

    [[nodiscard]] const Policy& policy() const { return options_.policy; }
    [[nodiscard]] const std::string& journal_id() const { return journal_id_; }
    [[nodiscard]] std::uint64_t epoch() const { return epoch_; }
    // The highest sequence heard of in this epoch's journal, and its hash where that was told.
    [[nodiscard]] std::uint64_t sequence() const { return chain_.sequence; }
    [[nodiscard]] const std::string& chain_hash() const { return chain_.hash; }
    [[nodiscard]] std::vector<std::string> unacknowledged() const;
    [[nodiscard]] std::vector<std::string> running() const;

private:
    enum class Phase { kStarted, kFinished, kAcknowledged };
    struct Attempt {
        Phase phase = Phase::kStarted;
        std::uint64_t epoch = 0;
        StepResult result;
        Duration sent_at{0};
    };

    void record(Decision& decision, JournalRecord record);
    void finish(Decision& decision, const std::string& key, StepResult result, Duration now);
    void send_finished(Decision& decision, const std::string& key, Attempt& attempt, Duration now) const;
    void raise_epoch(Decision& decision, std::uint64_t epoch);
    void raise_chain(Decision& decision, const ChainSeen& chain);
    void take_chain(Decision& decision, const ChainSeen& chain);
    void answer_known(Decision& decision, const std::string& key, Attempt& attempt, Duration now) const;

    CoreOptions options_;
    std::string journal_id_;
    std::uint64_t epoch_ = 0;
    ChainSeen chain_;
    bool connected_ = false;
    std::map<std::string, Attempt> attempts_;
};

}  // namespace ararat::agent
