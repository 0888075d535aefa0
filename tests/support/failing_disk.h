// A disk that fails when told to: what it does is what the kernel answers, to the product and to SQLite
// alike. Linked into a test, it stands in front of the C library's functions.
#pragma once

namespace ararat::testing {

// From here on a sync fails with this errno; 0: no more. A second one after that writes "synced again" to the
// standard error.
void fail_syncs(int error_number);
// From here on SQLite's writes do.
void fail_sqlite_writes(int error_number);

}  // namespace ararat::testing
