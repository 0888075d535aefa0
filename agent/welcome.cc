#include "agent/welcome.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "base/join.h"
#include "base/protocol.h"
#include "base/time_text.h"

namespace ararat::agent {

namespace {

constexpr Duration kWarnedAhead = std::chrono::hours(30 * 24);

}  // namespace

std::string certificate_warning(Instant ends, Instant now) {
    if (now + kWarnedAhead < ends) return {};
    return "this agent's certificate " + std::string(ends < now ? "expired" : "expires") + " at " +
           time_text(ends) + ": enrol the host anew ('ararat agent install' does)";
}

Result<void> check_welcome(const v1::Welcome& welcome) {
    const std::string orchestrator = welcome.version().empty() ? "" : " (" + welcome.version() + ")";
    const std::string agent = "this agent (" + std::string(kProgramVersion) + ")";
    if (welcome.protocol() != kProtocolVersion) {
        const bool agent_is_older = welcome.protocol() > kProtocolVersion;
        return Error{ErrorCode::kFailedPrecondition,
                     "the orchestrator" + orchestrator + " speaks protocol " +
                         std::to_string(welcome.protocol()) + ", " + agent + " protocol " +
                         std::to_string(kProtocolVersion) + ": " +
                         (agent_is_older ? "the agent" : "the orchestrator") + " is the older one"};
    }
    std::vector<std::string> missing;
    for (const std::string& wanted : welcome.required_capabilities()) {
        if (std::ranges::find(kCapabilities, wanted) == kCapabilities.end()) missing.push_back(wanted);
    }
    if (missing.empty()) return {};
    return Error{ErrorCode::kFailedPrecondition, "the orchestrator" + orchestrator + " asks " + agent +
                                                     " for what it lacks: " + join(missing, ", ")};
}

}  // namespace ararat::agent
