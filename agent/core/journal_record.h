// What the agent's journal holds: facts, in order. Thread promise: values, pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "agent/step_spec/step_result.h"
#include "base/result.h"

namespace ararat::agent {

// The first record of every journal: random, made once. Another one means that the history is lost.
struct JournalCreated {
    std::string journal_id;
    friend bool operator==(const JournalCreated&, const JournalCreated&) = default;
};
// Commands of lower epochs are refused from here on.
struct EpochSeen {
    std::uint64_t epoch = 0;
    friend bool operator==(const EpochSeen&, const EpochSeen&) = default;
};
// After this is durable the supervisor may be started.
struct Started {
    std::string key;
    std::uint64_t epoch = 0;
    std::uint64_t sequence = 0;  // the orchestrator's journal record that is the intent
    friend bool operator==(const Started&, const Started&) = default;
};
// Also an attempt that never started: refused, or cancelled before it arrived (a tombstone).
struct Finished {
    std::string key;
    StepResult result;
    std::uint64_t epoch = 0;
    friend bool operator==(const Finished&, const Finished&) = default;
};
// The orchestrator has the result.
struct Acknowledged {
    std::string key;
    friend bool operator==(const Acknowledged&, const Acknowledged&) = default;
};
// The agent died between Started and the supervisor's start: nothing was done, and the key may come again.
struct Withdrawn {
    std::string key;
    friend bool operator==(const Withdrawn&, const Withdrawn&) = default;
};

// How far the orchestrator's journal had come, and the hash of its record there: one that later shows
// another hash at this place is not the journal this agent has obeyed.
struct ChainSeen {
    std::uint64_t sequence = 0;
    std::string hash;
    friend bool operator==(const ChainSeen&, const ChainSeen&) = default;
};

using JournalRecord =
    std::variant<JournalCreated, EpochSeen, Started, Finished, Acknowledged, Withdrawn, ChainSeen>;

[[nodiscard]] std::string encode_record(const JournalRecord& record);
// Errors: data-loss.
[[nodiscard]] Result<JournalRecord> decode_record(std::string_view bytes);

}  // namespace ararat::agent
