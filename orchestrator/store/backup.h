// Backups: a copy of the database in one file, with a few files of the data directory in a table of it.
// Thread promise: free functions over files that nobody else has open.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "model/ids.h"
#include "store/journal.h"

namespace ararat::store {

struct BackupFile {
    std::string name;  // below the data directory
    std::string bytes;
};

// Makes a backup of a copy (Store::copy_to()): puts the files into it. Durable when it returns well.
Result<void> make_backup(const std::string& copy, Instant made, const std::vector<BackupFile>& files);

struct BackupReport {
    ProjectId project;
    Instant made;
    std::uint64_t epoch = 0;
    ChainHead head;  // as far as it holds
    std::uint64_t plans = 0;
    std::uint64_t file_bytes = 0;
    std::vector<std::string> files;  // names
    std::string problem;             // empty: the database, every record and every plan hold
};
// Reads and replays all of it. Errors: not-found, invalid-argument (no backup), those of the disk.
[[nodiscard]] Result<BackupReport> inspect_backup(const std::string& path);

// The database as `target`, a new file, marked as restored (Store::restored), and the backup's files.
[[nodiscard]] Result<std::vector<BackupFile>> unpack_backup(const std::string& path,
                                                            const std::string& target);

}  // namespace ararat::store
