#include "store/sqlite_journal.h"

#include <algorithm>

#include "store/digest_bytes.h"
#include "wire/chain.h"
#include "wire/convert.h"

namespace ararat::store {
namespace {

using internal::as_bytes;
using internal::as_digest;

}  // namespace

Result<std::unique_ptr<SqliteJournal>> SqliteJournal::open(std::shared_ptr<Connection> connection,
                                                           const ProjectId& project) {
    std::unique_ptr<SqliteJournal> journal(new SqliteJournal(std::move(connection), project));
    const auto lock = journal->connection_->lock();
    const auto loaded = journal->load_head();
    if (!loaded.ok() && loaded.error().code != ErrorCode::kDataLoss) return loaded.error();
    // Whatever of it can be read is what walk() finds.
    if (!loaded.ok()) {
        journal->head_problem_ = loaded.error().message;
        journal->failed_ = true;
    }
    return journal;
}

Result<void> SqliteJournal::load_head() {
    hash_ = wire::chain_start(project_);
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
    hash = wire::chain_next(hash, record.sequence, bytes);
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
    seal(plan);
    if (plan.hash != hash) {
        return Error{ErrorCode::kDataLoss, "plan " + hash.str() + " now hashes to " + plan.hash.str(),
                     "journal"};
    }
    return std::make_shared<const CompiledPlan>(std::move(plan));
}

Result<ChainHead> SqliteJournal::head() {
    const auto lock = connection_->lock();
    return ChainHead{sequence_, Hash(to_hex(hash_))};
}

Result<void> SqliteJournal::put_snapshot(const Snapshot& snapshot) {
    const auto lock = connection_->lock();
    if (failed_) return Error{ErrorCode::kUnavailable, "an earlier write failed", "journal"};
    ARARAT_ASSIGN_OR_RETURN(auto transaction, Transaction::begin(*connection_));
    ARARAT_ASSIGN_OR_RETURN(auto put,
                            connection_->prepare("INSERT OR REPLACE INTO snapshots (project, sequence, hash, "
                                                 "bytes) VALUES (?, ?, ?, ?)"));
    put->text(project_.str()).number(static_cast<std::int64_t>(snapshot.at.sequence));
    ARARAT_RETURN_IF_ERROR(put->text(snapshot.at.hash.str()).blob(snapshot.bytes).run());
    ARARAT_ASSIGN_OR_RETURN(
        auto remove, connection_->prepare("DELETE FROM snapshots WHERE project = ? AND sequence <> ?"));
    remove->text(project_.str()).number(static_cast<std::int64_t>(snapshot.at.sequence));
    ARARAT_RETURN_IF_ERROR(remove->run());
    return transaction->commit();
}

Result<std::optional<Snapshot>> SqliteJournal::snapshot() {
    const auto lock = connection_->lock();
    ARARAT_ASSIGN_OR_RETURN(
        auto select,
        connection_->prepare("SELECT sequence, hash, bytes FROM snapshots WHERE project = ? ORDER "
                             "BY sequence DESC LIMIT 1"));
    ARARAT_ASSIGN_OR_RETURN(const bool row, select->text(project_.str()).step());
    if (!row) return std::optional<Snapshot>{};
    const ChainHead at{static_cast<std::uint64_t>(select->number_at(0)), Hash(select->bytes_at(1))};
    return std::optional(Snapshot{at, select->bytes_at(2)});
}

}  // namespace ararat::store
