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
    // See Connection::copy_to().
    std::function<Result<void>(const std::string& path)> copy_to;
};

// Opens or creates the file (mode 0600). failed-precondition when it belongs to another project or to a
// newer program; unavailable when it cannot be opened or is locked by another process.
// `vfs`: see Connection::open.
[[nodiscard]] Result<Store> open_sqlite(const std::string& path, const ProjectId& project,
                                        const char* vfs = nullptr);

}  // namespace ararat::store
