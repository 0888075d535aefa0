#include "store/sqlite_store.h"

#include "store/sqlite.h"
#include "store/sqlite_journal.h"
#include "store/sqlite_registry.h"

namespace ararat::store {
namespace {

constexpr std::int64_t kSchemaVersion = 1;

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

Result<void> set_up(Connection& connection, const ProjectId& project, const std::string& path) {
    const auto lock = connection.lock();
    ARARAT_ASSIGN_OR_RETURN(auto transaction, Transaction::begin(connection));
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
    return connection.execute("DELETE FROM meta WHERE name IN ('restored', 'backup_unix_ms')");
}

}  // namespace

Result<Store> open_sqlite(const std::string& path, const ProjectId& project, const char* vfs) {
    ARARAT_ASSIGN_OR_RETURN(auto connection, Connection::open(path, vfs));
    ARARAT_RETURN_IF_ERROR(set_up(*connection, project, path));
    ARARAT_ASSIGN_OR_RETURN(auto journal, SqliteJournal::open(connection, project));
    ARARAT_ASSIGN_OR_RETURN(std::string restored, restored_mark(*connection));
    return Store{std::move(journal), std::make_unique<SqliteRegistry>(connection, project),
                 std::move(restored), [connection] { return remove_mark(*connection); },
                 [connection](const std::string& target) { return connection->copy_to(target); }};
}

}  // namespace ararat::store
