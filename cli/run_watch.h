// Follows a run: redrawn in place on a terminal, one plain line a change elsewhere.
#pragma once

#include <string>

#include "base/result.h"
#include "cli/client.h"
#include "cli/context.h"

namespace ararat::cli {

// Returns when the run has ended (the context's exit code says how), or on Ctrl-C, which leaves the run
// going. Goes on by itself when the orchestrator is away for up to a minute.
[[nodiscard]] Result<void> watch_run(Context& context, Client& client, const std::string& run);

}  // namespace ararat::cli
