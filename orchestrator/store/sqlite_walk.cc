// The journal's walk: the chain is checked row by row, in pieces, so that others read and append in between.
#include <limits>
#include <string_view>
#include <utility>

#include "store/digest_bytes.h"
#include "store/sqlite_journal.h"
#include "wire/chain.h"
#include "wire/convert.h"

namespace ararat::store {
namespace {

using internal::as_bytes;
using internal::as_digest;

// Not the storage's fault, but what it holds.
bool is_damage(const Error& error) {
    return error.code == ErrorCode::kDataLoss || error.code == ErrorCode::kNotFound ||
           error.code == ErrorCode::kInvalidArgument;
}

Result<Sha256Digest> digest_of(const Hash& hash) {
    Sha256Digest digest{};
    const std::string& text = hash.str();
    const auto value = [](char digit) { return digit <= '9' ? digit - '0' : digit - 'a' + 10; };
    if (text.size() != digest.size() * 2 || text.find_first_not_of("0123456789abcdef") != std::string::npos) {
        return Error{ErrorCode::kInvalidArgument, "no hash: " + text, "journal"};
    }
    for (std::size_t i = 0; i < digest.size(); ++i) {
        digest[i] = static_cast<std::uint8_t>(value(text[2 * i]) * 16 + value(text[2 * i + 1]));
    }
    return digest;
}

}  // namespace

class SqliteJournal::Walk {
public:
    struct Row {
        std::int64_t sequence = 0;
        std::string bytes;
        std::string hash;
    };

    // False: `problem` says why the row does not follow those before it.
    bool follows(const Row& row) {
        const std::string name = "row " + std::to_string(row.sequence);
        if (row.sequence != static_cast<std::int64_t>(good) + 1) {
            problem = "row " + std::to_string(good + 1) + " is missing: " + name + " follows " +
                      std::to_string(good);
            return false;
        }
        const Sha256Digest next = wire::chain_next(hash, static_cast<std::uint64_t>(row.sequence), row.bytes);
        if (row.hash != as_bytes(next)) {
            const auto stored = as_digest(row.hash, row.sequence);
            problem = stored
                          ? name + " has hash " + to_hex(*stored) + " but its content gives " + to_hex(next)
                          : stored.error().message;
            return false;
        }
        if (reads && !read(row)) return false;
        hash = next;
        good = static_cast<std::uint64_t>(row.sequence);
        next_row = row.sequence + 1;
        return true;
    }
    bool read(const Row& row) {
        auto record = wire::record_from_bytes(row.bytes);
        const std::string cannot = "row " + std::to_string(row.sequence) + " cannot be read: ";
        if (!record) {
            problem = cannot + record.error().text();
            return false;
        }
        if (record->sequence != static_cast<std::uint64_t>(row.sequence)) {
            problem = cannot + "it holds record " + std::to_string(record->sequence);
            return false;
        }
        hashes.push_back(row.hash);
        records.push_back(std::move(record).value());
        return true;
    }

    bool reads = false;
    std::uint64_t until = 0;
    // Also rows before the first are looked at: there must be none.
    std::int64_t next_row = std::numeric_limits<std::int64_t>::min();
    std::uint64_t good = 0;  // the newest row that holds
    Sha256Digest hash{};     // its hash
    std::string problem;
    // Of this piece, to be visited when the lock is let go.
    std::vector<execution::Record> records;
    std::vector<std::string> hashes;
};

Result<bool> SqliteJournal::walk_some(Walk& walk) {
    const auto lock = connection_->lock();
    auto prepared = connection_->prepare(
        "SELECT sequence, bytes, hash FROM journal WHERE project = ? AND sequence >= ? "
        "ORDER BY sequence LIMIT ?");
    if (!prepared && prepared.error().code == ErrorCode::kDataLoss) {
        walk.problem = "no row can be read: " + prepared.error().message;
        return false;
    }
    ARARAT_ASSIGN_OR_RETURN(auto select, std::move(prepared));
    select->text(project_.str()).number(walk.next_row).number(static_cast<std::int64_t>(kVerifyChunk));
    for (std::uint64_t rows = 0; walk.good < walk.until; ++rows) {
        const auto there = select->step();
        if (!there && there.error().code == ErrorCode::kDataLoss) {
            walk.problem =
                "row " + std::to_string(walk.good + 1) + " cannot be read: " + there.error().message;
            return false;
        }
        if (!there) return there.error();
        if (!*there) return rows == kVerifyChunk;
        if (!walk.follows({select->number_at(0), select->bytes_at(1), select->bytes_at(2)})) return false;
    }
    return false;
}

Result<ChainReport> SqliteJournal::walk_all(Walk& walk, const Visit& visit) {
    Sha256Digest newest{};
    {
        const auto lock = connection_->lock();
        walk.until = head_problem_.empty() ? sequence_ : std::numeric_limits<std::uint64_t>::max();
        newest = hash_;
    }
    for (bool more = true; more;) {
        const Sha256Digest before = walk.hash;
        ARARAT_ASSIGN_OR_RETURN(more, walk_some(walk));
        for (std::size_t i = 0; i < walk.records.size(); ++i) {
            const execution::Record& record = walk.records[i];
            const auto visited = visit(record);
            if (visited.ok()) continue;
            if (!is_damage(visited.error())) return visited.error();
            walk.problem = "row " + std::to_string(record.sequence) + ": " + visited.error().message;
            more = false;
            // It is not among those that hold.
            walk.good = record.sequence - 1;
            walk.hash = i > 0 ? *as_digest(walk.hashes[i - 1], 0) : before;
            break;
        }
        walk.records.clear();
        walk.hashes.clear();
    }
    if (walk.problem.empty()) walk.problem = head_problem_;
    if (walk.problem.empty() && (walk.good != walk.until || walk.hash != newest)) {
        walk.problem = "the journal ends at row " + std::to_string(walk.good) + " but row " +
                       std::to_string(walk.until) + " was written";
    }
    return ChainReport{walk.problem.empty(), walk.good, ChainHead{walk.good, Hash(to_hex(walk.hash))},
                       walk.problem};
}

Result<ChainReport> SqliteJournal::verify() {
    Walk walk;
    walk.hash = wire::chain_start(project_);
    return walk_all(walk, {});
}

Result<ChainReport> SqliteJournal::walk(const ChainHead& from, const Visit& visit) {
    Walk walk;
    walk.reads = true;
    walk.hash = wire::chain_start(project_);
    if (from.sequence != 0) {
        ARARAT_ASSIGN_OR_RETURN(walk.hash, digest_of(from.hash));
        walk.good = from.sequence;
        walk.next_row = static_cast<std::int64_t>(from.sequence) + 1;
    }
    return walk_all(walk, visit);
}

}  // namespace ararat::store
