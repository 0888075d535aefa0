// Why something is not going on, for people: a task, a wave or a host.
// Thread promise: pure function over committed state; the engine's thread.
#pragma once

#include <string>

#include "ararat/v1/control.pb.h"
#include "base/result.h"
#include "server/engine.h"

namespace ararat::server {

// `run` empty: the newest run that has such a task. Errors: not-found.
[[nodiscard]] Result<v1::WhyResponse> explain(const EngineView& engine, const RunId& run,
                                              const std::string& subject);

}  // namespace ararat::server
