// SQLite's C interface as far as the store needs it: a connection with a lock, statements kept prepared,
// transactions that roll back unless committed. Internal to store.
// Thread promise: take Connection::lock() before anything else; the rest is then single-threaded.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace ararat::store {

class Connection;

// One use of a prepared statement: bind in order, step, read columns. Reset when it goes out of scope.
class Statement {
public:
    Statement(Connection& connection, sqlite3_stmt* statement)
        : connection_(connection), statement_(statement) {}
    ~Statement();
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    Statement& text(std::string_view value);
    Statement& blob(std::string_view value);
    Statement& number(std::int64_t value);

    // True: a row is there to read; false: done.
    [[nodiscard]] Result<bool> step();
    // For statements without rows.
    [[nodiscard]] Result<void> run();

    // Columns from 0.
    [[nodiscard]] std::string bytes_at(int column) const;
    [[nodiscard]] std::int64_t number_at(int column) const;

private:
    Connection& connection_;
    sqlite3_stmt* statement_;
    int bound_ = 0;
    int bind_result_ = SQLITE_OK;
};

class Connection {
public:
    // Errors: unavailable (cannot be opened, or another process writes it), permission-denied (nothing can be
    // written there), data-loss (damaged).
    // `vfs`: the name of a file system registered with SQLite, for simulations; null: the machine's.
    [[nodiscard]] static Result<std::shared_ptr<Connection>> open(const std::string& path,
                                                                  const char* vfs = nullptr);
    // Leaves the file as it is. Errors: as above, and not-found.
    [[nodiscard]] static Result<std::shared_ptr<Connection>> open_to_read(const std::string& path);
    // For a database that cannot be opened otherwise: damaged, or where nothing can be written. Reads its log
    // too, changes nothing and takes no lock: the caller keeps other processes off. Errors: as above.
    [[nodiscard]] static Result<std::shared_ptr<Connection>> open_untouched(const std::string& path);
    // From here on the log may be written into the file when the connection closes; before, an open that
    // fails leaves both as they were found.
    void keep_tidy();
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    [[nodiscard]] std::unique_lock<std::mutex> lock() { return std::unique_lock(mutex_); }
    // Runs a script that takes no values.
    [[nodiscard]] Result<void> execute(const char* sql);
    // `sql` is prepared once and kept; it must be a literal.
    [[nodiscard]] Result<std::unique_ptr<Statement>> prepare(const char* sql);
    [[nodiscard]] Error error(const char* doing) const;
    // The database, page by page, into a new file of mode 0600, durable when it returns well; nothing is left
    // of it otherwise. Takes the lock itself, in pieces: others commit in between, and what they commit is in
    // it. Errors: already-exists, resource-exhausted (no room), those of the database.
    [[nodiscard]] Result<void> copy_to(const std::string& path);

private:
    [[nodiscard]] Result<void> copy_pages(sqlite3* target);
    explicit Connection(sqlite3* handle) : handle_(handle) {}

    std::mutex mutex_;
    sqlite3* handle_;
    std::map<const char*, sqlite3_stmt*> statements_;
    friend class Transaction;
    std::optional<Error> torn_;  // of a commit of which nobody knows what is on the disk
};

// BEGIN IMMEDIATE ... COMMIT; rolls back when it goes out of scope without commit(). After a commit that
// failed as internal, whoever's it was, none begins on this connection: its commit would sync the same file
// again, and that may succeed although what the first should have written is gone.
class Transaction {
public:
    [[nodiscard]] static Result<std::unique_ptr<Transaction>> begin(Connection& connection);
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    // Durable when it returns well.
    [[nodiscard]] Result<void> commit();

private:
    explicit Transaction(Connection& connection) : connection_(connection) {}

    Connection& connection_;
    bool done_ = false;
};

}  // namespace ararat::store
