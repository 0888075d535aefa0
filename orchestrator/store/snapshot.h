// The state at one record, kept beside the journal so that a restart replays only what came after it. A cache
// and nothing more: the journal alone says what happened, and a snapshot that does not hold is named, passed
// over, and everything replayed.
//
// A sealed snapshot is HMAC-SHA256(key, what follows) and then: the format, the program's version, the
// project, the sequence and chain hash of the record it stands at, the state's fingerprint, the state
// (state_bytes.h). The key is not in the database: who can write there cannot make up a state that no record
// gave. The version: a newer program may derive other things from the same records.
//
// Thread promise: pure functions but for what they ask of the journal.
#pragma once

#include <string>

#include "base/result.h"
#include "execution/run_state.h"
#include "store/journal.h"

namespace ararat::store {

// Whose snapshots are believed. No key: none, and none are made.
struct SnapshotTerms {
    std::string key;
    std::string version;
};

// Precondition: `state` is that of the record `at`, and the key is not empty.
[[nodiscard]] std::string seal_snapshot(const execution::State& state, const ChainHead& at,
                                        const SnapshotTerms& terms);

// The state, proved to be that of record `at.sequence` of this very journal. Errors: data-loss (damaged, or
// made by somebody else, or of another history), failed-precondition (of another version, which is no fault),
// those of the journal.
[[nodiscard]] Result<execution::State> open_snapshot(Journal& journal, const Snapshot& snapshot,
                                                     const ProjectId& project, const SnapshotTerms& terms);

}  // namespace ararat::store
