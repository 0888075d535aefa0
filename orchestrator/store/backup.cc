#include "store/backup.h"

#include <sys/stat.h>

#include <memory>

#include "platform/files.h"
#include "store/sqlite.h"
#include "store/sqlite_journal.h"

namespace ararat::store {
namespace {

Result<std::string> one_text(Connection& connection, const char* sql) {
    ARARAT_ASSIGN_OR_RETURN(auto select, connection.prepare(sql));
    ARARAT_ASSIGN_OR_RETURN(const bool row, select->step());
    return row ? select->bytes_at(0) : std::string();
}

Result<std::vector<BackupFile>> files_of(Connection& connection) {
    ARARAT_ASSIGN_OR_RETURN(auto select,
                            connection.prepare("SELECT name, bytes FROM backup_files ORDER BY name"));
    std::vector<BackupFile> files;
    while (true) {
        ARARAT_ASSIGN_OR_RETURN(const bool row, select->step());
        if (!row) return files;
        files.push_back({select->bytes_at(0), select->bytes_at(1)});
    }
}

// Before anything else of the file is believed.
Result<std::shared_ptr<Connection>> open_backup(const std::string& path) {
    ARARAT_ASSIGN_OR_RETURN(auto connection, Connection::open_to_read(path));
    const auto made = one_text(*connection, "SELECT value FROM meta WHERE name = 'backup_unix_ms'");
    if (made && !made->empty()) return connection;
    return Error{ErrorCode::kInvalidArgument, "is no backup of an orchestrator", path};
}

Result<void> replay(const std::shared_ptr<Connection>& connection, BackupReport& report) {
    ARARAT_ASSIGN_OR_RETURN(const auto journal, SqliteJournal::open(connection, report.project));
    ARARAT_ASSIGN_OR_RETURN(const Restored restored, restore(*journal, report.project));
    report.epoch = restored.state.epoch;
    report.head = restored.head;
    if (report.problem.empty()) report.problem = restored.problem;
    return {};
}

}  // namespace

Result<void> make_backup(const std::string& copy, Instant made, const std::vector<BackupFile>& files) {
    ARARAT_ASSIGN_OR_RETURN(const auto connection, Connection::open(copy));
    ARARAT_ASSIGN_OR_RETURN(auto transaction, Transaction::begin(*connection));
    ARARAT_RETURN_IF_ERROR(
        connection->execute("CREATE TABLE backup_files (name TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT"));
    for (const BackupFile& file : files) {
        ARARAT_ASSIGN_OR_RETURN(auto insert,
                                connection->prepare("INSERT INTO backup_files (name, bytes) VALUES (?, ?)"));
        ARARAT_RETURN_IF_ERROR(insert->text(file.name).blob(file.bytes).run());
    }
    {
        ARARAT_ASSIGN_OR_RETURN(
            auto mark,
            connection->prepare("INSERT OR REPLACE INTO meta (name, value) VALUES ('backup_unix_ms', ?)"));
        ARARAT_RETURN_IF_ERROR(mark->text(std::to_string(to_unix_ms(made))).run());
    }
    ARARAT_RETURN_IF_ERROR(transaction->commit());
    connection->keep_tidy();
    return connection->execute("PRAGMA journal_mode=DELETE");
}

Result<BackupReport> inspect_backup(const std::string& path) {
    ARARAT_ASSIGN_OR_RETURN(const auto connection, open_backup(path));
    BackupReport report;
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0) report.file_bytes = static_cast<std::uint64_t>(status.st_size);
    ARARAT_ASSIGN_OR_RETURN(const std::string project,
                            one_text(*connection, "SELECT value FROM meta WHERE name = 'project'"));
    report.project = ProjectId(project);
    ARARAT_ASSIGN_OR_RETURN(const std::string made,
                            one_text(*connection, "SELECT value FROM meta WHERE name = 'backup_unix_ms'"));
    report.made = from_unix_ms(std::strtoll(made.c_str(), nullptr, 10));
    ARARAT_ASSIGN_OR_RETURN(const std::string plans,
                            one_text(*connection, "SELECT count(*) || '' FROM plans"));
    report.plans = std::strtoull(plans.c_str(), nullptr, 10);
    ARARAT_ASSIGN_OR_RETURN(const auto files, files_of(*connection));
    for (const BackupFile& file : files) report.files.push_back(file.name);
    const auto pages = one_text(*connection, "PRAGMA integrity_check(1)");
    if (!pages || *pages != "ok") report.problem = "the file: " + (pages ? *pages : pages.error().message);
    ARARAT_RETURN_IF_ERROR(replay(connection, report));
    return report;
}

Result<std::vector<BackupFile>> unpack_backup(const std::string& path, const std::string& target) {
    ARARAT_ASSIGN_OR_RETURN(const auto backup, open_backup(path));
    ARARAT_ASSIGN_OR_RETURN(auto files, files_of(*backup));
    ARARAT_RETURN_IF_ERROR(backup->copy_to(target));
    ARARAT_ASSIGN_OR_RETURN(const auto connection, Connection::open(target));
    ARARAT_ASSIGN_OR_RETURN(auto transaction, Transaction::begin(*connection));
    ARARAT_RETURN_IF_ERROR(connection->execute(
        "INSERT OR REPLACE INTO meta (name, value) SELECT 'restored', value FROM meta WHERE name = "
        "'backup_unix_ms'; DELETE FROM meta WHERE name = 'backup_unix_ms'; DROP TABLE backup_files;"));
    ARARAT_RETURN_IF_ERROR(transaction->commit());
    connection->keep_tidy();
    return files;
}

}  // namespace ararat::store
