// Damage to SQLite's write-ahead log. SQLite takes the log for ended at the first frame whose checksum does
// not hold, and forgets what follows: right for the torn end of a commit that never returned, wrong for a bit
// that has turned in the middle of what was acknowledged. Internal to store. Source:
// https://www.sqlite.org/fileformat2.html, "The Write-Ahead Log".
#pragma once

#include <string>
#include <string_view>

namespace ararat::store {

// What is wrong with these bytes of a log; empty: nothing that a torn last commit could not have left. Each
// commit is synced before the next is written, so that a torn one is the last.
[[nodiscard]] std::string damage_of_log(std::string_view log);
// The same of the log that stands beside a database, if one does: before SQLite has read it.
[[nodiscard]] std::string damage_of_log_beside(const std::string& database);

}  // namespace ararat::store
