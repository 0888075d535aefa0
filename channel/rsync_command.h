// The one command that a tree's source end runs. The peer's rsync proposes its server arguments, since
// the two ends of rsync's protocol must be given equal options; they are checked against a list of what
// a read-only sender may be told, and the path is always the ticket's. Pure.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace ararat::channel {

// `proposed`: as rsync hands them to its remote shell, after the host name:
//   rsync --server --sender -lHogDtpAXre.iLsfxCIvu --numeric-ids . PATH
// Returns the argument vector to execute, with "PATH/" replaced by `tree_path`, never anything else.
// Errors: permission-denied, naming the argument.
[[nodiscard]] Result<std::vector<std::string>> rsync_server_command(const std::vector<std::string>& proposed,
                                                                    const std::string& tree_path);

}  // namespace ararat::channel
