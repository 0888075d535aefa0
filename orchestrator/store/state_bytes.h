// The engine's state as bytes, for snapshots. Every field is named in one place that serves both directions,
// and a structure that grows does not compile before its new field is named there (state_bytes.cc).
// The bytes are this program's own: kStateFormat is raised with every change of what is written, and bytes of
// another format are not read. Internal to store. Thread promise: pure functions.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "execution/run_state.h"

namespace ararat::store {

inline constexpr std::uint64_t kStateFormat = 9;

// Plans go in by their hash.
[[nodiscard]] std::string to_bytes(const execution::State& state);

using PlanLoader = std::function<Result<CompiledPlanPtr>(const Hash&)>;
// Precondition: the bytes are to_bytes()'s own, which their seal has proved: what is in them is trusted as
// far as the journal's records are. Errors: data-loss (they end early, or are longer), the loader's.
[[nodiscard]] Result<execution::State> state_from_bytes(std::string_view bytes, const PlanLoader& load);

}  // namespace ararat::store
