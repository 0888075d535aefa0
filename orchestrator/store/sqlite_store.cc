#include "store/sqlite_store.h"

#include <sys/stat.h>

#include "store/lost_store.h"
#include "store/sqlite.h"
#include "store/sqlite_journal.h"
#include "store/sqlite_log_damage.h"
#include "store/sqlite_registry.h"

namespace ararat::store {
namespace {

constexpr std::int64_t kSchemaVersion = 1;
constexpr off_t kPageBytesMin = 512;

// The project is part of every key: one database may hold several one day.
constexpr const char* kSchema = R"sql(
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS journal (
    project TEXT NOT NULL, sequence INTEGER NOT NULL, bytes BLOB NOT NULL, hash BLOB NOT NULL,
    PRIMARY KEY (project, sequence)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS plans (
    project TEXT NOT NULL, hash TEXT NOT NULL, bytes BLOB NOT NULL, sha256 TEXT NOT NULL,
    PRIMARY KEY (project, hash)) STRICT;
CREATE TABLE IF NOT EXISTS snapshots (
    project TEXT NOT NULL, sequence INTEGER NOT NULL, hash TEXT NOT NULL, bytes BLOB NOT NULL,
    PRIMARY KEY (project, sequence)) STRICT;
CREATE TABLE IF NOT EXISTS tokens (
    project TEXT NOT NULL, sha256 TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, roles TEXT NOT NULL,
    expires_unix_ms INTEGER NOT NULL, used_unix_ms INTEGER NOT NULL,
    PRIMARY KEY (project, sha256)) STRICT;
CREATE TABLE IF NOT EXISTS host_keys (
    project TEXT NOT NULL, host TEXT NOT NULL, public_key TEXT NOT NULL,
    PRIMARY KEY (project, host)) STRICT;
)sql";

// The value stored under this name; stores `value` first when there is none.
Result<std::string> meta(Connection& connection, const char* name, const std::string& value) {
    {
        ARARAT_ASSIGN_OR_RETURN(auto insert,
                                connection.prepare("INSERT OR IGNORE INTO meta (name, value) VALUES (?, ?)"));
        ARARAT_RETURN_IF_ERROR(insert->text(name).text(value).run());
    }
    ARARAT_ASSIGN_OR_RETURN(auto select, connection.prepare("SELECT value FROM meta WHERE name = ?"));
    ARARAT_ASSIGN_OR_RETURN(const bool row, select->text(name).step());
    if (!row) return Error{ErrorCode::kDataLoss, std::string("the database lost its ") + name};
    return select->bytes_at(0);
}

// A table that is gone would be made anew, empty: only damage takes one away from a database that has others.
Result<void> check_tables(Connection& connection) {
    ARARAT_ASSIGN_OR_RETURN(
        auto select, connection.prepare("SELECT count(*), sum(name IN ('meta', 'journal', 'plans', 'tokens', "
                                        "'host_keys')) FROM sqlite_schema WHERE type = 'table'"));
    ARARAT_RETURN_IF_ERROR(select->step());
    if (select->number_at(0) == 0 || select->number_at(1) == 5) return {};
    return Error{ErrorCode::kDataLoss, "a table of the database is missing", "database"};
}

Result<void> set_up(Connection& connection, const ProjectId& project, const std::string& path) {
    const auto lock = connection.lock();
    ARARAT_ASSIGN_OR_RETURN(auto transaction, Transaction::begin(connection));
    ARARAT_RETURN_IF_ERROR(check_tables(connection));
    ARARAT_RETURN_IF_ERROR(connection.execute(kSchema));
    const std::string version = std::to_string(kSchemaVersion);
    ARARAT_ASSIGN_OR_RETURN(const std::string stored, meta(connection, "schema", version));
    if (stored != version) {
        return Error{ErrorCode::kFailedPrecondition,
                     "the database has schema " + stored + ", this program knows " + version, path};
    }
    ARARAT_ASSIGN_OR_RETURN(const std::string owner, meta(connection, "project", project.str()));
    if (owner != project.str()) {
        return Error{ErrorCode::kFailedPrecondition,
                     "the database belongs to project " + owner + ", not to " + project.str(), path};
    }
    return transaction->commit();
}

// A backup that somebody put in place by hand, past `backup restore`, has the backup's own mark.
Result<std::string> restored_mark(Connection& connection) {
    const auto lock = connection.lock();
    ARARAT_ASSIGN_OR_RETURN(
        auto select,
        connection.prepare("SELECT value FROM meta WHERE name IN ('restored', 'backup_unix_ms') LIMIT 1"));
    ARARAT_ASSIGN_OR_RETURN(const bool row, select->step());
    return row ? select->bytes_at(0) : std::string();
}

Result<void> remove_mark(Connection& connection) {
    const auto lock = connection.lock();
    ARARAT_ASSIGN_OR_RETURN(auto transaction, Transaction::begin(connection));
    ARARAT_RETURN_IF_ERROR(
        connection.execute("DELETE FROM meta WHERE name IN ('restored', 'backup_unix_ms')"));
    return transaction->commit();
}

Store store_of(const std::shared_ptr<Connection>& connection, const ProjectId& project) {
    Store store;
    store.registry = std::make_unique<SqliteRegistry>(connection, project);
    store.accept_loss = [connection] { return remove_mark(*connection); };
    store.copy_to = [connection](const std::string& target) { return connection->copy_to(target); };
    return store;
}

Result<Store> open_to_write(const std::string& path, const ProjectId& project, const char* vfs) {
    ARARAT_ASSIGN_OR_RETURN(auto connection, Connection::open(path, vfs));
    ARARAT_RETURN_IF_ERROR(set_up(*connection, project, path));
    Store store = store_of(connection, project);
    ARARAT_ASSIGN_OR_RETURN(store.journal, SqliteJournal::open(connection, project));
    ARARAT_ASSIGN_OR_RETURN(store.restored, restored_mark(*connection));
    connection->keep_tidy();
    return store;
}

// What cannot be asked is not another project's.
bool belongs_to_another(Connection& connection, const ProjectId& project) {
    const auto lock = connection.lock();
    const auto select = connection.prepare("SELECT value FROM meta WHERE name = 'project'");
    if (!select.ok()) return false;
    const auto row = (*select)->step();
    return row.ok() && *row && !(*select)->bytes_at(0).empty() && (*select)->bytes_at(0) != project.str();
}

Result<Store> open_to_read(const std::string& path, const ProjectId& project, const Error& why) {
    const bool is_damaged = why.code == ErrorCode::kDataLoss;
    const auto read = [&]() -> Result<Store> {
        ARARAT_ASSIGN_OR_RETURN(auto connection, Connection::open_untouched(path));
        // Damage may have changed the name.
        if (!is_damaged && belongs_to_another(*connection, project)) return why;
        Store store = store_of(connection, project);
        ARARAT_ASSIGN_OR_RETURN(store.journal, SqliteJournal::open(connection, project));
        if (const auto mark = restored_mark(*connection); mark.ok()) store.restored = *mark;
        store.problem = why.message;
        store.is_damaged = is_damaged;
        return store;
    };
    auto store = read();
    if (store.ok()) return store;
    if (!is_damaged) return why;
    return lost_store(project, why);
}

}  // namespace

Store lost_store(const ProjectId& project, const Error& why) {
    Store store;
    store.journal = std::make_unique<LostJournal>(project, why.message);
    store.registry = std::make_unique<LostRegistry>(why);
    store.accept_loss = [why] { return Result<void>(why); };
    store.copy_to = [why](const std::string&) { return Result<void>(why); };
    store.problem = why.message;
    store.is_damaged = true;
    return store;
}

Result<Store> open_sqlite(const std::string& path, const ProjectId& project, const char* vfs) {
    if (vfs != nullptr) return open_to_write(path, project, vfs);
    // SQLite would take it for one that was never begun, and remove its log.
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0 && status.st_size > 0 && status.st_size < kPageBytesMin) {
        return lost_store(project, {ErrorCode::kDataLoss, "the file is shorter than a page", path});
    }
    // Before SQLite reads the log, which it would take for ended at the damage, and tidy away.
    if (const std::string damage = damage_of_log_beside(path); !damage.empty()) {
        return open_to_read(path, project, {ErrorCode::kDataLoss, damage, path});
    }
    auto store = open_to_write(path, project, vfs);
    if (store.ok()) return store;
    const ErrorCode code = store.error().code;
    if (code != ErrorCode::kDataLoss && code != ErrorCode::kPermissionDenied) return store;
    return open_to_read(path, project, store.error());
}

}  // namespace ararat::store
