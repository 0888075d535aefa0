// Where a running orchestrator listens, in its data directory: for scripts and tests that let the system
// choose ports. Thread promise: any thread.
#pragma once

#include <string>

#include "base/result.h"
#include "model/ids.h"
#include "server/orchestrator.h"

namespace ararat::server {

// JSON: pid, project, and HOST:PORT of control, agents, enrol and data (empty: no proxy). Errors: those of
// writing a file durably.
[[nodiscard]] Result<void> write_addresses(const std::string& path, const ProjectId& project,
                                           const std::string& public_host, const OrchestratorPorts& ports);

}  // namespace ararat::server
