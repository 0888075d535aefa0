#include "server/damaged_database.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cstdlib>

#include "base/sha256.h"
#include "execution/queries.h"
#include "platform/files.h"
#include "platform/log.h"

namespace ararat::server {
namespace {

constexpr std::size_t kHashedBytesMax = std::size_t{4} << 30U;

// SQLite cannot be asked for a copy of what it does not read. Closing the file lets go of SQLite's locks on
// it; the directory's lock keeps others off. `found` gets a line for each file.
Result<void> copy_as_found(const std::string& database, const std::string& copy, std::string& found) {
    for (const char* part : {"", "-wal"}) {
        const std::string from = database + part;
        if (!platform::file_exists(from)) continue;
        ARARAT_ASSIGN_OR_RETURN(const std::string bytes, platform::read_file(from, kHashedBytesMax));
        ARARAT_RETURN_IF_ERROR(platform::write_file_durable(copy + part, bytes, 0600));
        found += fmt::format("sha256 of {}: {}\n", platform::base_of(from), sha256_hex(bytes));
    }
    return {};
}

}  // namespace

bool is_gone(const DataPaths& paths) {
    struct stat status {};
    if (!platform::file_exists(paths.addresses())) return false;
    return ::stat(paths.database().c_str(), &status) != 0 || status.st_size == 0;
}

void keep_damaged(const DataPaths& paths, const store::Store& store, const std::string& problem) {
    const std::string folder = paths.quarantine();
    const std::string name = fmt::format("{}/journal-{}", folder, sha256_hex(problem).substr(0, 12));
    if (platform::file_exists(name + ".txt")) return;
    std::string found = problem + "\n";
    auto kept = platform::make_dirs(folder, 0700);
    if (kept.ok()) kept = platform::remove_file(name + ".db");
    if (kept.ok()) {
        kept = store.is_damaged ? copy_as_found(paths.database(), name + ".db", found)
                                : store.copy_to(name + ".db");
    }
    if (kept.ok()) kept = platform::write_file_durable(name + ".txt", found, 0600);
    if (kept.ok()) return spdlog::critical("the damaged journal was copied to {}.db: {}", name, problem);
    spdlog::critical("the damaged journal could not be copied: {}", kept.error().text());
}

std::string read_only_reason(const store::Store& store, bool accept_loss) {
    if (store.is_damaged) {
        return fmt::format(
            "the database is damaged: {}; it is left as it is, and `ararat-orchestrator backup rebuild` "
            "makes a "
            "backup of what holds",
            store.problem);
    }
    if (!store.problem.empty()) {
        return fmt::format("the database cannot be written: {}; put that right, then start again",
                           store.problem);
    }
    if (store.restored.empty() || accept_loss) return {};
    return fmt::format(
        "the database was restored from a backup of {}: what was done since is not in it; look at the hosts, "
        "then "
        "start once with --accept-loss",
        execution::time_text(from_unix_ms(std::strtoll(store.restored.c_str(), nullptr, 10))));
}

}  // namespace ararat::server
