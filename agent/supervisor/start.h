// Starting an attempt: at most one supervisor ever runs for a key, and a folder that has its name means
// that something may have been done.
#pragma once

#include <string>
#include <string_view>

#include "agent/step_spec/step_result.h"
#include "base/result.h"

namespace ararat::agent {

struct StartOptions {
    std::string rsh_program = "/usr/local/bin/ararat-agent";
    std::string etc_dir = "/etc";
};

// Forks the supervisor, which outlives the caller; returns once its folder is durable and it is running.
// Called again with the same key it reports what is there. Errors are faults of this host; a spec that may
// not be started comes back as AttemptState::kRefused with the reason.
[[nodiscard]] Result<AttemptReport> start_attempt(const std::string& root, std::string_view spec_bytes,
                                                  const StartOptions& options);

}  // namespace ararat::agent
