// Making enrolment tokens: recorded in the journal, then good in the registry.
// Thread promise: any thread but the engine's; waits for the engine.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "model/compiled_plan.h"
#include "server/engine.h"
#include "store/registry.h"

namespace ararat::server {

// A fresh token. Errors: the engine's, the registry's.
[[nodiscard]] Result<std::string> make_enrol_token(Engine& engine, store::Registry& registry,
                                                   const store::Enrolment& enrolment, const std::string& by);

// For people: an agent on this host would have nothing to do under the plan in force. Nothing when it would,
// or when there is no plan yet.
[[nodiscard]] std::optional<std::string> warning_about_agent(const CompiledPlan* plan, const HostId& host);

}  // namespace ararat::server
