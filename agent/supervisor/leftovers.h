// What a supervisor leaves running when it is killed: its own child dies with it, that child's children do
// not (rsync's second process, what a script had started). A step that is told to be lost may be done again,
// so none of its processes may go on.
// Thread promise: free functions, any thread.
#pragma once

#include <string>

#include "agent/supervisor/process_mark.h"
#include "base/result.h"

namespace ararat::agent {

// Remembers the process group that the attempt runs now, before it runs anything. It is not synced: no group
// outlives the boot that its mark names.
[[nodiscard]] Result<void> note_group(const std::string& folder, pid_t leader);

// Kills the attempt's processes and waits until there are none: those of the supervisor's session that are in
// the group noted last or carry this attempt's environment. A process that made itself a session is a service
// that was meant to stay. Precondition: the supervisor has ended. Errors: deadline-exceeded.
[[nodiscard]] Result<void> end_leftovers(const std::string& folder);

}  // namespace ararat::agent
