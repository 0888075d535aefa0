// The journal in SQLite. Internal to store; made by open_sqlite().
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/sha256.h"
#include "store/journal.h"
#include "store/sqlite.h"

namespace ararat::store {

class SqliteJournal : public Journal {
public:
    // Precondition: the tables are there. Errors: as head().
    [[nodiscard]] static Result<std::unique_ptr<SqliteJournal>> open(std::shared_ptr<Connection> connection,
                                                                     const ProjectId& project);

    Result<void> append(const std::vector<execution::Record>& records,
                        const std::vector<CompiledPlanPtr>& plans) override;
    Result<std::vector<JournalEntry>> read(std::uint64_t from_sequence, std::uint64_t limit) override;
    Result<CompiledPlanPtr> plan(const Hash& hash) override;
    Result<ChainReport> verify() override;
    Result<ChainReport> walk(const ChainHead& from, const Visit& visit) override;
    Result<ChainHead> head() override;
    Result<void> put_snapshot(const Snapshot& snapshot) override;
    Result<std::optional<Snapshot>> snapshot() override;

private:
    SqliteJournal(std::shared_ptr<Connection> connection, ProjectId project)
        : connection_(std::move(connection)), project_(std::move(project)) {}

    class Walk;  // where a verification stands

    Result<void> load_head();
    // The next rows after those that hold. True: there may be more.
    Result<bool> walk_some(Walk& walk);
    Result<ChainReport> walk_all(Walk& walk, const Visit& visit);
    Result<void> insert_record(const execution::Record& record, Sha256Digest& hash);
    Result<void> insert_plan(const CompiledPlan& plan);

    std::shared_ptr<Connection> connection_;
    ProjectId project_;
    // Of the last commit; guarded by the connection's lock.
    std::uint64_t sequence_ = 0;
    Sha256Digest hash_{};
    // The newest row cannot be read: `sequence_` and `hash_` say nothing.
    std::string head_problem_;
    // Set by a failed append: what is on the disk is not known any more, and is not written to again.
    bool failed_ = false;
};

}  // namespace ararat::store
