// A new database of what holds in a damaged one. Thread promise: a free function over files that nobody else
// has open.
#pragma once

#include <string>

#include "base/instant.h"
#include "base/result.h"
#include "model/ids.h"
#include "store/journal.h"

namespace ararat::store {

struct Rebuilt {
    ChainHead head;  // of the records that were carried over: all that verify, from the first on
    // What is wrong with the next one, or with the log in which it stood; empty: every record was carried
    // over.
    std::string problem;
    Instant last;  // when the newest of them was written; the epoch where there is none
};

// Reads `path` and leaves it as it is; `target` is a new file. Hosts' keys are carried over as far as they
// can be read, enrolment tokens are not: others are made. Errors: not-found, data-loss (nothing can be read,
// or it cannot be written again as it was), those of the disk; `target` may be there then.
[[nodiscard]] Result<Rebuilt> rebuild_sqlite(const std::string& path, const ProjectId& project,
                                             const std::string& target);

}  // namespace ararat::store
