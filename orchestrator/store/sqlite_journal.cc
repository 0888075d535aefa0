#include "store/sqlite_journal.h"

#include <algorithm>
#include <limits>

#include "store/chain.h"
#include "wire/convert.h"

namespace ararat::store {
namespace {

std::string as_bytes(const Sha256Digest& digest) {
    return std::string(reinterpret_cast<const char*>(digest.data()), digest.size());
}

Result<Sha256Digest> as_digest(const std::string& bytes, std::int64_t sequence) {
    Sha256Digest digest{};
    if (bytes.size() != digest.size()) {
        return Error{ErrorCode::kDataLoss, "row " + std::to_string(sequence) + " has no whole hash",
                     "journal"};
    }
    std::copy(bytes.begin(), bytes.end(), digest.begin());
    return digest;
}

}  // namespace

Result<std::unique_ptr<SqliteJournal>> SqliteJournal::open(std::shared_ptr<Connection> connection,
                                                           const ProjectId& project) {
    std::unique_ptr<SqliteJournal> journal(new SqliteJournal(std::move(connection), project));
    const auto lock = journal->connection_->lock();
    ARARAT_RETURN_IF_ERROR(journal->load_head());
    return journal;
}

Result<void> SqliteJournal::load_head() {
    hash_ = chain_start(project_);
    ARARAT_ASSIGN_OR_RETURN(
        auto newest,
        connection_->prepare(
            "SELECT sequence, hash FROM journal WHERE project = ? ORDER BY sequence DESC LIMIT 1"));
    ARARAT_ASSIGN_OR_RETURN(const bool row, newest->text(project_.str()).step());
    if (!row) return {};
    sequence_ = static_cast<std::uint64_t>(newest->number_at(0));
    // No whole hash: verify() says so, and the caller appends nothing to a journal that does not hold.
    const auto stored = as_digest(newest->bytes_at(1), newest->number_at(0));
    hash_ = stored ? *stored : Sha256Digest{};
    return {};
}

Result<void> SqliteJournal::insert_record(const execution::Record& record, Sha256Digest& hash) {
    const std::string bytes = wire::to_bytes(record);
    // What could not be replayed must not be made durable: it would be found only after a crash.
    if (auto again = wire::record_from_bytes(bytes); !again) {
        return Error{
            ErrorCode::kInvalidArgument,
            "record " + std::to_string(record.sequence) + " could not be read back: " + again.error().text(),
            "journal"};
    }
    hash = chain_next(hash, record.sequence, bytes);
    ARARAT_ASSIGN_OR_RETURN(
        auto insert,
        connection_->prepare("INSERT INTO journal (project, sequence, bytes, hash) VALUES (?, ?, ?, ?)"));
    insert->text(project_.str()).number(static_cast<std::int64_t>(record.sequence)).blob(bytes);
    return insert->blob(as_bytes(hash)).run();
}

Result<void> SqliteJournal::insert_plan(const CompiledPlan& plan) {
    ARARAT_ASSIGN_OR_RETURN(
        auto insert, connection_->prepare(
                         "INSERT OR IGNORE INTO plans (project, hash, bytes, sha256) VALUES (?, ?, ?, ?)"));
    const std::string bytes = wire::to_bytes(plan);
    return insert->text(project_.str()).text(plan.hash.str()).blob(bytes).text(sha256_hex(bytes)).run();
}

Result<void> SqliteJournal::append(const std::vector<execution::Record>& records,
                                   const std::vector<CompiledPlanPtr>& plans) {
    const auto lock = connection_->lock();
    if (failed_) {
        return Error{ErrorCode::kUnavailable, "an earlier write failed; nothing is written any more",
                     "journal"};
    }
    for (std::size_t i = 0; i < records.size(); ++i) {
        if (records[i].sequence == sequence_ + i + 1) continue;
        return Error{ErrorCode::kFailedPrecondition,
                     "record " + std::to_string(records[i].sequence) + " does not follow " +
                         std::to_string(sequence_ + i),
                     "journal"};
    }
    const auto write = [&]() -> Result<Sha256Digest> {
        ARARAT_ASSIGN_OR_RETURN(auto transaction, Transaction::begin(*connection_));
        for (const CompiledPlanPtr& plan : plans) ARARAT_RETURN_IF_ERROR(insert_plan(*plan));
        Sha256Digest hash = hash_;
        for (const execution::Record& record : records) ARARAT_RETURN_IF_ERROR(insert_record(record, hash));
        ARARAT_RETURN_IF_ERROR(transaction->commit());
        return hash;
    };
    const auto written = write();
    if (!written) {
        failed_ = true;
        return written.error();
    }
    hash_ = *written;
    sequence_ += records.size();
    return {};
}

Result<std::vector<JournalEntry>> SqliteJournal::read(std::uint64_t from_sequence, std::uint64_t limit) {
    const auto lock = connection_->lock();
    ARARAT_ASSIGN_OR_RETURN(
        auto select,
        connection_->prepare("SELECT sequence, bytes, hash FROM journal WHERE project = ? AND sequence >= ? "
                             "ORDER BY sequence LIMIT ?"));
    constexpr std::uint64_t kLimitMax = 1'000'000;
    select->text(project_.str()).number(static_cast<std::int64_t>(from_sequence));
    select->number(static_cast<std::int64_t>(std::min(limit, kLimitMax)));
    std::vector<JournalEntry> entries;
    while (true) {
        ARARAT_ASSIGN_OR_RETURN(const bool row, select->step());
        if (!row) return entries;
        const std::int64_t sequence = select->number_at(0);
        auto record = wire::record_from_bytes(select->bytes_at(1));
        const auto hash = as_digest(select->bytes_at(2), sequence);
        const bool holds = record && record->sequence == static_cast<std::uint64_t>(sequence) && hash;
        if (!holds && !entries.empty()) return entries;
        if (!hash) return hash.error();
        if (!holds) {
            return Error{
                ErrorCode::kDataLoss,
                "row " + std::to_string(sequence) + " cannot be read: " +
                    (record ? "it holds record " + std::to_string(record->sequence) : record.error().text()),
                "journal"};
        }
        entries.push_back(JournalEntry{std::move(record).value(), Hash(to_hex(*hash))});
    }
}

Result<CompiledPlanPtr> SqliteJournal::plan(const Hash& hash) {
    const auto lock = connection_->lock();
    ARARAT_ASSIGN_OR_RETURN(
        auto select, connection_->prepare("SELECT bytes, sha256 FROM plans WHERE project = ? AND hash = ?"));
    ARARAT_ASSIGN_OR_RETURN(const bool row, select->text(project_.str()).text(hash.str()).step());
    if (!row) return Error{ErrorCode::kNotFound, "plan " + hash.str() + " is not stored", "journal"};
    const std::string bytes = select->bytes_at(0);
    if (sha256_hex(bytes) != select->bytes_at(1)) {
        return Error{ErrorCode::kDataLoss, "the bytes of plan " + hash.str() + " have changed", "journal"};
    }
    ARARAT_ASSIGN_OR_RETURN(CompiledPlan plan, wire::plan_from_bytes(bytes));
    // The content's own hash, so that bytes and their checksum changed together are noticed as well.
    CompiledPlan resealed = plan;
    seal(resealed);
    if (resealed.hash != hash) {
        return Error{ErrorCode::kDataLoss, "plan " + hash.str() + " now hashes to " + resealed.hash.str(),
                     "journal"};
    }
    return std::make_shared<const CompiledPlan>(std::move(plan));
}

struct SqliteJournal::Walk {
    std::uint64_t until = 0;
    std::int64_t next_row = std::numeric_limits<std::int64_t>::min();
    std::uint64_t good = 0;
    Sha256Digest hash{};
    std::string problem;
};

Result<bool> SqliteJournal::verify_some(Walk& walk) {
    const auto lock = connection_->lock();
    ARARAT_ASSIGN_OR_RETURN(
        auto select,
        connection_->prepare("SELECT sequence, bytes, hash FROM journal WHERE project = ? AND sequence >= ? "
                             "ORDER BY sequence LIMIT ?"));
    select->text(project_.str()).number(walk.next_row).number(static_cast<std::int64_t>(kVerifyChunk));
    for (std::uint64_t rows = 0; walk.good < walk.until; ++rows) {
        const auto row = select->step();
        if (!row && row.error().code == ErrorCode::kDataLoss) {
            walk.problem = "row " + std::to_string(walk.good + 1) + " cannot be read: " + row.error().message;
            return false;
        }
        if (!row) return row.error();
        if (!*row) return rows == kVerifyChunk;
        const std::int64_t sequence = select->number_at(0);
        const std::string name = "row " + std::to_string(sequence);
        if (sequence != static_cast<std::int64_t>(walk.good) + 1) {
            walk.problem = "row " + std::to_string(walk.good + 1) + " is missing: " + name + " follows " +
                           std::to_string(walk.good);
            return false;
        }
        const Sha256Digest next =
            chain_next(walk.hash, static_cast<std::uint64_t>(sequence), select->bytes_at(1));
        if (select->bytes_at(2) != as_bytes(next)) {
            const auto stored = as_digest(select->bytes_at(2), sequence);
            walk.problem =
                stored ? name + " has hash " + to_hex(*stored) + " but its content gives " + to_hex(next)
                       : stored.error().message;
            return false;
        }
        walk.hash = next;
        walk.good = static_cast<std::uint64_t>(sequence);
        walk.next_row = sequence + 1;
    }
    return false;
}

Result<ChainReport> SqliteJournal::verify() {
    Walk walk;
    walk.hash = chain_start(project_);
    Sha256Digest newest{};
    {
        const auto lock = connection_->lock();
        walk.until = sequence_;
        newest = hash_;
    }
    while (true) {
        ARARAT_ASSIGN_OR_RETURN(const bool more, verify_some(walk));
        if (!more) break;
    }
    if (walk.problem.empty() && (walk.good != walk.until || walk.hash != newest)) {
        walk.problem = "the journal ends at row " + std::to_string(walk.good) + " but row " +
                       std::to_string(walk.until) + " was written";
    }
    ChainReport report;
    report.ok = walk.problem.empty();
    report.records = walk.good;
    report.head = ChainHead{walk.good, Hash(to_hex(walk.hash))};
    report.problem = walk.problem;
    return report;
}

Result<ChainHead> SqliteJournal::head() {
    const auto lock = connection_->lock();
    return ChainHead{sequence_, Hash(to_hex(hash_))};
}

}  // namespace ararat::store
