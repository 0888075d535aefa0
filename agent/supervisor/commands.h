// The supervisor's sub-commands, as in agent/step_spec/README.md.
// Thread promise: one process, one thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent/supervisor/start.h"
#include "base/instant.h"

namespace ararat::agent {

inline constexpr int kExitDone = 0;
inline constexpr int kExitFault = 1;
inline constexpr int kExitUsage = 2;

// `words`: the command and its arguments, without the program's name. Reads standard input, writes standard
// output; faults go to standard error.
[[nodiscard]] int run_command(const std::vector<std::string>& words, const StartOptions& options);

// Waits until the attempt has output after `offset` or is no longer running, or the time is over.
[[nodiscard]] Result<AttemptReport> wait_for_change(const std::string& root, const std::string& id,
                                                    Duration timeout, std::uint64_t offset);

}  // namespace ararat::agent
