#include "agent/core/agent_core.h"

#include <algorithm>
#include <iterator>

namespace ararat::agent {

namespace {

StepResult not_started(Outcome outcome, std::string why) {
    StepResult result;
    result.outcome = outcome;
    result.detail = std::move(why);
    return result;
}

std::string stale(std::uint64_t epoch, std::uint64_t seen) {
    return std::string(kStaleEpochWords) + ": " + std::to_string(epoch) + " is older than " +
           std::to_string(seen);
}

}  // namespace

void Decision::append(Decision other) {
    std::ranges::move(other.records, std::back_inserter(records));
    std::ranges::move(other.actions, std::back_inserter(actions));
}

void AgentCore::apply(const JournalRecord& record) {
    if (const auto* created = std::get_if<JournalCreated>(&record)) {
        journal_id_ = created->journal_id;
    } else if (const auto* seen = std::get_if<EpochSeen>(&record)) {
        epoch_ = std::max(epoch_, seen->epoch);
        // What was acknowledged in an older epoch can only be asked for by a command of that epoch, which is
        // refused for it: the tombstone is no longer needed.
        std::erase_if(attempts_, [&](const auto& entry) {
            return entry.second.phase == Phase::kAcknowledged && entry.second.epoch < epoch_;
        });
    } else if (const auto* started = std::get_if<Started>(&record)) {
        attempts_[started->key] = {Phase::kStarted, started->epoch, {}, Duration{0}};
        // Written by a version that knew no hashes; this one has written its ChainSeen before.
        if (started->sequence > chain_.sequence) chain_ = {started->sequence, {}};
    } else if (const auto* finished = std::get_if<Finished>(&record)) {
        attempts_[finished->key] = {Phase::kFinished, finished->epoch, finished->result, Duration{0}};
    } else if (const auto* acknowledged = std::get_if<Acknowledged>(&record)) {
        const auto found = attempts_.find(acknowledged->key);
        if (found != attempts_.end()) found->second.phase = Phase::kAcknowledged;
    } else if (const auto* withdrawn = std::get_if<Withdrawn>(&record)) {
        attempts_.erase(withdrawn->key);
    } else if (const auto* chain = std::get_if<ChainSeen>(&record)) {
        chain_ = *chain;
    }
}

Decision AgentCore::recover() const {
    Decision decision;
    for (const auto& [key, attempt] : attempts_) {
        if (attempt.phase == Phase::kStarted) decision.actions.emplace_back(CheckSupervisor{key});
        // It may have died between the acknowledgement and the forgetting.
        if (attempt.phase == Phase::kAcknowledged) decision.actions.emplace_back(ForgetSupervisor{key});
    }
    return decision;
}

std::vector<JournalRecord> AgentCore::snapshot() const {
    std::vector<JournalRecord> records;
    records.emplace_back(JournalCreated{journal_id_});
    records.emplace_back(EpochSeen{epoch_});
    if (!chain_.hash.empty()) records.emplace_back(chain_);
    for (const auto& [key, attempt] : attempts_) {
        records.emplace_back(Started{key, attempt.epoch, chain_.sequence});
        if (attempt.phase != Phase::kStarted)
            records.emplace_back(Finished{key, attempt.result, attempt.epoch});
        if (attempt.phase == Phase::kAcknowledged) records.emplace_back(Acknowledged{key});
    }
    return records;
}

Decision AgentCore::on_welcome(std::uint64_t epoch, const ChainSeen& chain, Duration now) {
    Decision decision;
    connected_ = true;
    // A new epoch's journal may be the shorter one: what was seen beyond it was given up. Before the epoch,
    // so that a torn tail does not leave that with a history which is not its own.
    if (epoch > epoch_ && chain.sequence < chain_.sequence) take_chain(decision, chain);
    raise_epoch(decision, epoch);
    raise_chain(decision, chain);
    for (auto& [key, attempt] : attempts_) answer_known(decision, key, attempt, now);
    return decision;
}

Decision AgentCore::on_start(const StepSpec& spec, const ChainSeen& chain, Duration now,
                             const PathsOnDisk& on_disk) {
    Decision decision;
    if (!accepts(spec.epoch)) {
        decision.actions.emplace_back(
            SendFinished{spec.key, not_started(Outcome::kRefused, stale(spec.epoch, epoch_))});
        return decision;
    }
    raise_epoch(decision, spec.epoch);
    raise_chain(decision, chain);
    if (const auto known = attempts_.find(spec.key); known != attempts_.end()) {
        if (known->second.phase == Phase::kAcknowledged) {
            send_finished(decision, spec.key, known->second, now);
        } else {
            answer_known(decision, spec.key, known->second, now);
        }
        return decision;
    }
    if (std::string why = options_.policy.refusal(spec, on_disk); !why.empty()) {
        finish(decision, spec.key, not_started(Outcome::kRefused, std::move(why)), now);
        return decision;
    }
    if (running().size() >= options_.running_max) {
        const std::string why = "this host already runs " + std::to_string(options_.running_max) + " steps";
        finish(decision, spec.key, not_started(Outcome::kRefused, why), now);
        return decision;
    }
    record(decision, Started{spec.key, spec.epoch, chain.sequence});
    decision.actions.emplace_back(StartSupervisor{spec});
    decision.actions.emplace_back(SendStarted{spec.key});
    return decision;
}

Decision AgentCore::on_cancel(const std::string& key, std::uint64_t epoch, Duration now) {
    Decision decision;
    if (!accepts(epoch)) return decision;
    raise_epoch(decision, epoch);
    const auto known = attempts_.find(key);
    if (known == attempts_.end()) {
        // A start that an earlier process of this agent had begun may still be on its way: it must find the
        // tombstone where it looks.
        decision.actions.emplace_back(CancelSupervisor{key});
        finish(decision, key, not_started(Outcome::kCancelled, "cancelled before it was started"), now);
    } else if (known->second.phase == Phase::kStarted) {
        decision.actions.emplace_back(CancelSupervisor{key});
    } else {
        send_finished(decision, key, known->second, now);
    }
    return decision;
}

Decision AgentCore::on_acknowledge(const std::string& key, std::uint64_t epoch) {
    Decision decision;
    const auto known = attempts_.find(key);
    if (!accepts(epoch) || known == attempts_.end() || known->second.phase != Phase::kFinished)
        return decision;
    record(decision, Acknowledged{key});
    decision.actions.emplace_back(ForgetSupervisor{key});
    return decision;
}

Decision AgentCore::on_report(const std::string& key, const AttemptReport& report, Duration now) {
    Decision decision;
    const auto known = attempts_.find(key);
    if (known == attempts_.end() || known->second.phase != Phase::kStarted) return decision;
    switch (report.state) {
        case AttemptState::kRunning: break;
        case AttemptState::kAbsent: record(decision, Withdrawn{key}); break;
        case AttemptState::kFinished: finish(decision, key, report.result.value_or(StepResult{}), now); break;
        case AttemptState::kLost:
            finish(decision, key, not_started(Outcome::kUnknown, report.detail), now);
            break;
        case AttemptState::kRefused:
            finish(decision, key, not_started(Outcome::kRefused, report.detail), now);
            break;
    }
    return decision;
}

Decision AgentCore::on_start_failed(const std::string& key, const std::string& why, Duration now) {
    AttemptReport report;
    report.state = AttemptState::kRefused;
    report.detail = "the step could not be started: " + why;
    return on_report(key, report, now);
}

Decision AgentCore::on_tick(Duration now) {
    Decision decision;
    if (!connected_) return decision;
    for (auto& [key, attempt] : attempts_) {
        if (attempt.phase == Phase::kFinished && now - attempt.sent_at >= kResendAfter) {
            send_finished(decision, key, attempt, now);
        }
    }
    return decision;
}

std::vector<std::string> AgentCore::unacknowledged() const {
    std::vector<std::string> keys;
    for (const auto& [key, attempt] : attempts_) {
        if (attempt.phase != Phase::kAcknowledged) keys.push_back(key);
    }
    return keys;
}

std::vector<std::string> AgentCore::running() const {
    std::vector<std::string> keys;
    for (const auto& [key, attempt] : attempts_) {
        if (attempt.phase == Phase::kStarted) keys.push_back(key);
    }
    return keys;
}

void AgentCore::record(Decision& decision, JournalRecord record) {
    apply(record);
    decision.records.push_back(std::move(record));
}

void AgentCore::finish(Decision& decision, const std::string& key, StepResult result, Duration now) {
    record(decision, Finished{key, std::move(result), epoch_});
    send_finished(decision, key, attempts_[key], now);
}

void AgentCore::send_finished(Decision& decision, const std::string& key, Attempt& attempt,
                              Duration now) const {
    attempt.sent_at = now;
    decision.actions.emplace_back(SendFinished{key, attempt.result});
}

void AgentCore::raise_epoch(Decision& decision, std::uint64_t epoch) {
    if (epoch > epoch_) record(decision, EpochSeen{epoch});
}

void AgentCore::raise_chain(Decision& decision, const ChainSeen& chain) {
    if (chain.sequence > chain_.sequence) take_chain(decision, chain);
}

void AgentCore::take_chain(Decision& decision, const ChainSeen& chain) {
    // With a NUL in it the record could be written and never be read: the journal would count as damaged.
    if (chain.hash.empty() || chain.hash.find('\0') != std::string::npos) {
        // A number proves little, and an attempt's own record keeps it.
        chain_ = {chain.sequence, {}};
    } else {
        record(decision, chain);
    }
}

void AgentCore::answer_known(Decision& decision, const std::string& key, Attempt& attempt,
                             Duration now) const {
    switch (attempt.phase) {
        case Phase::kStarted: decision.actions.emplace_back(SendStarted{key}); break;
        case Phase::kFinished: send_finished(decision, key, attempt, now); break;
        case Phase::kAcknowledged: break;
    }
}

}  // namespace ararat::agent
