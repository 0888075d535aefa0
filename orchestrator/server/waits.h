// What a run waits for, for those who ask and those who watch: the engine's own reasons, and what only the
// adapters know of data channels. Thread promise: pure functions of the view; the engine's thread.
#pragma once

#include <string>
#include <vector>

#include "ararat/v1/control.pb.h"
#include "server/engine.h"

namespace ararat::server {

[[nodiscard]] std::vector<std::string> reasons_of(const EngineView& engine, const execution::Run& run,
                                                  const TaskId& task);

inline constexpr int kWaitsMax = 8;
// Steps that could be next, or are out, and do not get on: at most kWaitsMax.
void add_waits(v1::RunView& view, const EngineView& engine, const execution::Run& run);

}  // namespace ararat::server
