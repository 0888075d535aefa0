#include "store/sqlite.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "platform/files.h"

namespace ararat::store {

Statement::~Statement() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
}

Statement& Statement::text(std::string_view value) {
    const int result =
        sqlite3_bind_text64(statement_, ++bound_, value.data(), value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    if (bind_result_ == SQLITE_OK) bind_result_ = result;
    return *this;
}

Statement& Statement::blob(std::string_view value) {
    // A null pointer would bind NULL instead of no bytes.
    const char* data = value.empty() ? "" : value.data();
    const int result = sqlite3_bind_blob64(statement_, ++bound_, data, value.size(), SQLITE_TRANSIENT);
    if (bind_result_ == SQLITE_OK) bind_result_ = result;
    return *this;
}

Statement& Statement::number(std::int64_t value) {
    const int result = sqlite3_bind_int64(statement_, ++bound_, value);
    if (bind_result_ == SQLITE_OK) bind_result_ = result;
    return *this;
}

Result<bool> Statement::step() {
    if (bind_result_ != SQLITE_OK) return connection_.error("bind");
    switch (sqlite3_step(statement_)) {
        case SQLITE_ROW: return true;
        case SQLITE_DONE: return false;
        default: return connection_.error("step");
    }
}

Result<void> Statement::run() {
    ARARAT_ASSIGN_OR_RETURN(const bool row, step());
    if (row) return Error{ErrorCode::kInternal, "a statement gave a row where none was expected"};
    return {};
}

std::string Statement::bytes_at(int column) const {
    const void* data = sqlite3_column_blob(statement_, column);
    const int size = sqlite3_column_bytes(statement_, column);
    if (data == nullptr || size <= 0) return {};
    return std::string(static_cast<const char*>(data), static_cast<std::size_t>(size));
}

std::int64_t Statement::number_at(int column) const { return sqlite3_column_int64(statement_, column); }

namespace {

// SQLite would make it with the process's mask; nobody else may read certificates and audit.
Result<void> make_private_file(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0 && errno == EROFS) return platform::errno_error(errno, "open", path);
    if (fd < 0) return Error{ErrorCode::kUnavailable, "the database cannot be opened", path};
    ::close(fd);
    return {};
}

// In a file's URI these begin something else.
std::string escaped(const std::string& path) {
    std::string text;
    for (const char c : path) {
        if (c == '%') {
            text += "%25";
        } else if (c == '?') {
            text += "%3f";
        } else if (c == '#') {
            text += "%23";
        } else {
            text += c;
        }
    }
    return text;
}

}  // namespace

Result<std::shared_ptr<Connection>> Connection::open(const std::string& path, const char* vfs) {
    if (vfs == nullptr) ARARAT_RETURN_IF_ERROR(make_private_file(path));
    sqlite3* handle = nullptr;
    const int flags =
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX | (vfs == nullptr ? 0 : SQLITE_OPEN_CREATE);
    const int opened = sqlite3_open_v2(path.c_str(), &handle, flags, vfs);
    std::shared_ptr<Connection> connection(new Connection(handle));
    if (opened != SQLITE_OK) return connection->error("open");
    sqlite3_extended_result_codes(handle, 1);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    sqlite3_busy_timeout(handle, 2000);
    // EXCLUSIVE: the lock is kept, so that a second orchestrator on the same file is refused at once, and
    // no other connection can checkpoint. FULL: a commit is on the disk before it returns.
    ARARAT_RETURN_IF_ERROR(
        connection->execute("PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                            "PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON;"));
    return connection;
}

Result<std::shared_ptr<Connection>> Connection::open_to_read(const std::string& path) {
    if (::access(path.c_str(), F_OK) != 0) return Error{ErrorCode::kNotFound, "there is no such file", path};
    sqlite3* handle = nullptr;
    const int opened =
        sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READONLY | SQLITE_OPEN_FULLMUTEX, nullptr);
    std::shared_ptr<Connection> connection(new Connection(handle));
    if (opened != SQLITE_OK) return connection->error("open");
    sqlite3_extended_result_codes(handle, 1);
    ARARAT_RETURN_IF_ERROR(connection->execute("PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON;"));
    return connection;
}

Result<std::shared_ptr<Connection>> Connection::open_untouched(const std::string& path) {
    if (::access(path.c_str(), F_OK) != 0) return Error{ErrorCode::kNotFound, "there is no such file", path};
    sqlite3* handle = nullptr;
    // A lock for reading cannot be kept exclusively, and without EXCLUSIVE an index of the log is written
    // beside it. Where there is no log, one would be made, unless nothing can change.
    const bool has_log = ::access((path + "-wal").c_str(), F_OK) == 0;
    const std::string name = "file:" + escaped(path) + (has_log ? "" : "?immutable=1");
    const int opened = sqlite3_open_v2(
        name.c_str(), &handle, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_FULLMUTEX, "unix-none");
    std::shared_ptr<Connection> connection(new Connection(handle));
    if (opened != SQLITE_OK) return connection->error("open");
    sqlite3_extended_result_codes(handle, 1);
    // Also a connection for reading tidies a log away in which it finds nothing.
    sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    ARARAT_RETURN_IF_ERROR(connection->execute(
        "PRAGMA locking_mode=EXCLUSIVE; PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON;"));
    return connection;
}

void Connection::keep_tidy() { sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, nullptr); }

Connection::~Connection() {
    for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
    sqlite3_close(handle_);
}

Result<void> Connection::execute(const char* sql) {
    if (sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) return error("execute");
    return {};
}

Result<std::unique_ptr<Statement>> Connection::prepare(const char* sql) {
    sqlite3_stmt*& kept = statements_[sql];
    if (kept == nullptr) {
        const int prepared = sqlite3_prepare_v3(handle_, sql, -1, SQLITE_PREPARE_PERSISTENT, &kept, nullptr);
        if (prepared != SQLITE_OK) return error("prepare");
    }
    return std::make_unique<Statement>(*this, kept);
}

namespace {

// The file or its log was last refused by a file system on which nothing can be written. What
// sqlite3_system_errno() has of a failed commit is that of its rollback.
bool is_read_only(sqlite3* handle) {
    for (const int which : {SQLITE_FCNTL_FILE_POINTER, SQLITE_FCNTL_JOURNAL_POINTER}) {
        sqlite3_file* file = nullptr;
        int last = 0;
        if (sqlite3_file_control(handle, "main", which, &file) != SQLITE_OK) continue;
        if (file == nullptr || file->pMethods == nullptr) continue;
        if (file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &last) == SQLITE_OK && last == EROFS)
            return true;
    }
    return false;
}

}  // namespace

Error Connection::error(const char* doing) const {
    const int code = sqlite3_extended_errcode(handle_);
    const int primary = code & 0xff;
    const bool unread = code == SQLITE_IOERR_READ || code == SQLITE_IOERR_SHORT_READ;
    const bool corrupt = primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB || unread;
    // Where nothing can be written nothing was: what is on the disk is what was there.
    const bool refused = primary == SQLITE_READONLY ||
                         (code == SQLITE_IOERR_WRITE && is_read_only(handle_)) ||
                         (primary == SQLITE_CANTOPEN && sqlite3_system_errno(handle_) == EROFS);
    // After another failed write or a failed fsync nobody knows what is on the disk: the engine ends the
    // process.
    const bool torn = primary == SQLITE_IOERR;
    return Error{corrupt   ? ErrorCode::kDataLoss
                 : refused ? ErrorCode::kPermissionDenied
                 : torn    ? ErrorCode::kInternal
                           : ErrorCode::kUnavailable,
                 std::string(refused ? "the file system is read-only: " : "") +
                     std::string(sqlite3_errmsg(handle_)) + " (" + doing + ", SQLite code " +
                     std::to_string(code) + ")",
                 "database"};
}

Result<std::unique_ptr<Transaction>> Transaction::begin(Connection& connection) {
    if (connection.torn_) return *connection.torn_;
    ARARAT_RETURN_IF_ERROR(connection.execute("BEGIN IMMEDIATE"));
    return std::unique_ptr<Transaction>(new Transaction(connection));
}

Transaction::~Transaction() {
    // Without its commit nothing of it may stay; a failure here leaves it to SQLite's own recovery.
    if (!done_) static_cast<void>(connection_.execute("ROLLBACK"));
}

Result<void> Transaction::commit() {
    if (auto committed = connection_.execute("COMMIT"); !committed.ok()) {
        if (committed.error().code == ErrorCode::kInternal) connection_.torn_ = committed.error();
        return committed;
    }
    done_ = true;
    return {};
}

}  // namespace ararat::store
