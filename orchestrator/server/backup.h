// Backups of a data directory, and a directory made of one.
//   save     the orchestrator that serves the directory copies its database itself, through its one
//   connection
//            (nobody else can read a database that is locked): it is asked through two files in the
//            directory, which only their owner can write. Where none serves it, the database is opened here.
//   restore  into an empty directory; the database is marked, and the next start is read-only
//   (Store::restored).
// In a backup: the database, `project` and `host`; with keys also the CA, the orchestrator's own key, the
// ticket key and people/.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "base/instant.h"
#include "base/result.h"
#include "platform/clock.h"
#include "server/data_directory.h"

namespace ararat::server {

struct BackupRequest {
    std::string file;
    bool with_keys = false;
};

// Errors: already-exists (the file), unavailable (an orchestrator serves the directory and does not answer).
Result<void> save_backup(const DataPaths& paths, BackupRequest request, Instant now);

// A backup of what holds in a damaged database, which stays as it is. Says what did not hold; empty: all did.
// It is one of the moment at which its newest record was written (of `now` without a record).
// Errors: failed-precondition (it is being served), data-loss (nothing can be read), those of save_backup().
[[nodiscard]] Result<std::string> rebuild_backup(const DataPaths& paths, BackupRequest request, Instant now);

// Errors: failed-precondition (the directory is not empty), invalid-argument (no backup, or one that names
// files it may not have), data-loss (the backup does not hold).
Result<void> restore_backup(const std::string& file, const DataPaths& paths);

using CopyDatabase = std::function<Result<void>(const std::string& path)>;

// In the orchestrator: looks for requests and does what they ask.
// Owner: the orchestrator's wiring. Thread promise: one owner; `copy` is called on a thread of its own.
class BackupDesk {
public:
    BackupDesk(DataPaths paths, CopyDatabase copy, platform::Clock& clock);
    ~BackupDesk();
    BackupDesk(const BackupDesk&) = delete;
    BackupDesk& operator=(const BackupDesk&) = delete;
    // Finishes the one at hand.
    void stop();

private:
    void run();
    void answer();

    DataPaths paths_;
    CopyDatabase copy_;
    platform::Clock& clock_;
    std::mutex mutex_;
    std::condition_variable stopping_;
    bool stop_ = false;
    std::thread thread_;
};

}  // namespace ararat::server
