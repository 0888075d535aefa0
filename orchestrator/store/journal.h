// The journal: every record in order, hash-chained, and the plans they name. One implementation keeps it
// in SQLite (sqlite_journal.h); PostgreSQL can stand behind the same calls.
//
// The chain: hash_n = SHA-256(hash_{n-1} || sequence as 8 big-endian bytes || record bytes), where hash_0
// is SHA-256 of the project's id. A changed, missing or moved row breaks every hash after it.
//
// Thread promise: calls are serialised inside; one thread (the engine's) appends.
// Errors: data-loss when what is stored contradicts its hashes, internal when the disk fails (nobody knows
// what is on it then), unavailable when it refuses (full, read-only). After a failed append nothing of it is
// stored, and the caller must stop writing: storage that failed once is not trusted again by trying.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "execution/record.h"
#include "execution/run_state.h"
#include "model/compiled_plan.h"
#include "model/ids.h"

namespace ararat::store {

struct ChainHead {
    std::uint64_t sequence = 0;  // of the newest record; 0: empty
    Hash hash;                   // of the newest record, or hash_0
};

struct JournalEntry {
    execution::Record record;
    Hash hash;
};

inline constexpr std::uint64_t kVerifyChunk = 5'000;

struct ChainReport {
    bool ok = false;
    std::uint64_t records = 0;  // verified
    ChainHead head;             // as far as it verifies
    std::string problem;        // names the row and the hash that break; empty when ok
};

// Kept beside the records; what is in it: snapshot.h.
struct Snapshot {
    ChainHead at;
    std::string bytes;
};

// Well: go on. An error ends the walk.
using Visit = std::function<Result<void>(const execution::Record&)>;

class Journal {
public:
    virtual ~Journal() = default;

    // One durable commit: all of `records` and `plans`, or nothing. Sequences go on from head() without
    // a gap; anything else is refused as failed-precondition.
    virtual Result<void> append(const std::vector<execution::Record>& records,
                                const std::vector<CompiledPlanPtr>& plans) = 0;

    // At most `limit` entries from `from_sequence` on, in order; fewer where one cannot be read, and an error
    // where that is the first.
    virtual Result<std::vector<JournalEntry>> read(std::uint64_t from_sequence, std::uint64_t limit) = 0;

    // not-found when no such plan is stored; data-loss when its bytes do not have this hash.
    virtual Result<CompiledPlanPtr> plan(const Hash& hash) = 0;

    // Walks the chain up to the record that is newest when it begins, in pieces of kVerifyChunk: others read
    // and append in between. An Error only when storage cannot be read at all.
    virtual Result<ChainReport> verify() = 0;

    // The same, and each record that holds is given to `visit`, in order, once its hash and all before it
    // have been checked. Begins after `from`, a head of this journal (empty: with the first record). A record
    // that cannot be read, and what `visit` says of one that is invalid-argument, not-found or data-loss, is
    // a problem; its other errors come back. `visit` may call this journal.
    virtual Result<ChainReport> walk(const ChainHead& from, const Visit& visit) = 0;

    virtual Result<ChainHead> head() = 0;

    // Durable, instead of the one before. Errors as append()'s; the journal itself is not touched by them.
    virtual Result<void> put_snapshot(const Snapshot& snapshot) = 0;
    // Of the newest; nothing: there is none.
    virtual Result<std::optional<Snapshot>> snapshot() = 0;
};

struct SnapshotTerms;

struct Restored {
    execution::State state;
    ChainHead head;                   // of the last record that was applied
    std::string problem;              // why what follows it was not; empty: it is the newest
    std::uint64_t from_snapshot = 0;  // the record whose state was taken from one; 0: all were replayed
    std::string snapshot_problem;     // why the snapshot that is there was passed over
};

// The state after the newest record. Replays the journal in one pass, each hash checked before its record is
// applied, up to its end or to the first record that does not hold: what comes after one that was changed
// proves nothing. With a snapshot that holds (snapshot.h) it begins there, and what is before it is left to
// verify(). Errors: storage that cannot be read at all.
[[nodiscard]] Result<Restored> restore(Journal& journal, const ProjectId& project);
[[nodiscard]] Result<Restored> restore(Journal& journal, const ProjectId& project,
                                       const SnapshotTerms& terms);

}  // namespace ararat::store
