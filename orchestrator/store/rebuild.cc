#include "store/rebuild.h"

#include <memory>
#include <utility>
#include <vector>

#include "store/sqlite.h"
#include "store/sqlite_journal.h"
#include "store/sqlite_log_damage.h"
#include "store/sqlite_store.h"

namespace ararat::store {
namespace {

constexpr std::size_t kRecordsAtATime = 1'000;

// Carries records over in pieces.
class Carrier {
public:
    Carrier(Journal& from, Journal& to) : from_(from), to_(to) {}

    Result<void> take(const execution::Record& record) {
        if (const auto* applied = std::get_if<execution::PlanApplied>(&record.body)) {
            ARARAT_ASSIGN_OR_RETURN(CompiledPlanPtr plan, from_.plan(applied->hash));
            plans_.push_back(std::move(plan));
        }
        records_.push_back(record);
        last_ = record.at;
        return records_.size() < kRecordsAtATime ? Result<void>{} : write();
    }
    Result<void> write() {
        if (records_.empty()) return {};
        ARARAT_RETURN_IF_ERROR(to_.append(records_, plans_));
        records_.clear();
        plans_.clear();
        return {};
    }

    [[nodiscard]] Instant last() const { return last_; }

private:
    Journal& from_;
    Journal& to_;
    std::vector<execution::Record> records_;
    std::vector<CompiledPlanPtr> plans_;
    Instant last_;
};

// Each row that can be read, until one cannot.
Result<void> carry_host_keys(Connection& from, Registry& to, const ProjectId& project) {
    const auto lock = from.lock();
    auto select = from.prepare("SELECT host, public_key FROM host_keys WHERE project = ?");
    if (!select.ok()) return {};
    (*select)->text(project.str());
    for (auto row = (*select)->step(); row.ok() && *row; row = (*select)->step()) {
        ARARAT_RETURN_IF_ERROR(to.pin_host_key(HostId((*select)->bytes_at(0)), (*select)->bytes_at(1)));
    }
    return {};
}

}  // namespace

Result<Rebuilt> rebuild_sqlite(const std::string& path, const ProjectId& project, const std::string& target) {
    // SQLite takes the log for ended at its damage, and what is before that for all there is.
    const std::string log_damage = damage_of_log_beside(path);
    ARARAT_ASSIGN_OR_RETURN(const auto connection, Connection::open_untouched(path));
    ARARAT_ASSIGN_OR_RETURN(const auto journal, SqliteJournal::open(connection, project));
    ARARAT_ASSIGN_OR_RETURN(const Store made, open_sqlite(target, project));
    Carrier carrier(*journal, *made.journal);
    ARARAT_ASSIGN_OR_RETURN(const ChainReport report, journal->walk({}, [&](const execution::Record& record) {
        return carrier.take(record);
    }));
    const std::string problem = report.problem.empty() ? log_damage : report.problem;
    if (report.records == 0 && !problem.empty()) return Error{ErrorCode::kDataLoss, problem, path};
    ARARAT_RETURN_IF_ERROR(carrier.write());
    ARARAT_RETURN_IF_ERROR(carry_host_keys(*connection, *made.registry, project));
    ARARAT_ASSIGN_OR_RETURN(const ChainHead head, made.journal->head());
    if (head.hash == report.head.hash) return Rebuilt{head, problem, carrier.last()};
    return Error{ErrorCode::kDataLoss, "its records cannot be written again as they were", path};
}

}  // namespace ararat::store
