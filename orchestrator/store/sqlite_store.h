// Journal and registry in one SQLite file, through one connection: SQLite's write-ahead log is only
// safe here with a single writer that also checkpoints.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "model/ids.h"
#include "store/journal.h"
#include "store/registry.h"

namespace ararat::store {

// The two halves share the connection and may outlive one another.
struct Store {
    std::unique_ptr<Journal> journal;
    std::unique_ptr<Registry> registry;
};

// Opens or creates the file (mode 0600). failed-precondition when it belongs to another project or to a
// newer program; unavailable when it cannot be opened or is locked by another process.
// `vfs`: see Connection::open.
[[nodiscard]] Result<Store> open_sqlite(const std::string& path, const ProjectId& project,
                                        const char* vfs = nullptr);

}  // namespace ararat::store
