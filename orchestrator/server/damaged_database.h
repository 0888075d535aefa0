// What becomes of a database that does not serve: a copy of it as it was found, and the reason that people
// are told. Thread promise: free functions; while nobody writes the database.
#pragma once

#include <string>

#include "server/data_directory.h"
#include "store/sqlite_store.h"

namespace ararat::server {

// An orchestrator has served this directory, and its database is not there or has no byte: it would be begun
// anew, with every step to be done again.
[[nodiscard]] bool is_gone(const DataPaths& paths);

// Into quarantine/, with the problem and the hashes beside it. One copy for each problem: a start that finds
// the same again adds nothing. What cannot be kept is logged.
void keep_damaged(const DataPaths& paths, const store::Store& store, const std::string& problem);

// Why this database is served for reading only; empty: it is not.
[[nodiscard]] std::string read_only_reason(const store::Store& store, bool accept_loss);

}  // namespace ararat::server
