// Journal and registry in one SQLite file, through one connection: SQLite's write-ahead log is only
// safe here with a single writer that also checkpoints.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "model/ids.h"
#include "store/journal.h"
#include "store/registry.h"

namespace ararat::store {

// The parts share the connection and may outlive one another.
struct Store {
    std::unique_ptr<Journal> journal;
    std::unique_ptr<Registry> registry;
    // Not empty: it came out of a backup (backup.h), and nobody has said yet that what is missing is
    // accepted.
    std::string restored;
    // Takes that mark away, durably.
    std::function<Result<void>()> accept_loss;
    // Not empty: it is open for reading only, and why.
    std::string problem;
    // The problem is damage, to the file or to its log: both are as they were found.
    bool is_damaged = false;
    // See Connection::copy_to().
    std::function<Result<void>(const std::string& path)> copy_to;
};

// Opens or creates the file (mode 0600). What is damaged, or stands where nothing can be written, is opened
// for reading as far as that goes, which may be no record at all (Store::problem). Errors:
// failed-precondition when it belongs to another project or to a newer program; unavailable when it cannot be
// opened or is locked by another process. `vfs`: see Connection::open.
[[nodiscard]] Result<Store> open_sqlite(const std::string& path, const ProjectId& project,
                                        const char* vfs = nullptr);

// What stands for a database of which nothing is left.
[[nodiscard]] Store lost_store(const ProjectId& project, const Error& why);

}  // namespace ararat::store
