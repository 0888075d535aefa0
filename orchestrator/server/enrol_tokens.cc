#include "server/enrol_tokens.h"

#include <algorithm>

#include "platform/random.h"

namespace ararat::server {
namespace {

constexpr std::size_t kTokenBytes = 24;

}  // namespace

Result<std::string> make_enrol_token(Engine& engine, store::Registry& registry,
                                     const store::Enrolment& enrolment, const std::string& by) {
    execution::EnrolTokenMade made;
    made.name = enrolment.name;
    made.kind = enrolment.kind == store::EnrolKind::kAgent ? "agent" : "person";
    for (const std::string& role : enrolment.roles) made.roles.emplace_back(role);
    made.expires = enrolment.expires;
    made.by = by;
    ARARAT_RETURN_IF_ERROR(engine.submit(execution::NoteFact{std::move(made)}));
    const std::string token = platform::random_hex(kTokenBytes);
    ARARAT_RETURN_IF_ERROR(registry.add_token(token, enrolment));
    return token;
}

std::optional<std::string> warning_about_agent(const CompiledPlan* plan, const HostId& host) {
    if (plan == nullptr) return std::nullopt;
    const auto found = std::find_if(plan->hosts.begin(), plan->hosts.end(),
                                    [&](const EstateHost& each) { return each.id == host; });
    if (found == plan->hosts.end()) {
        return "the plan in force has no host " + host.str() + ": its agent will have nothing to do";
    }
    if (found->via != HostVia::kAgent) {
        return "the plan in force drives " + host.str() + " without an agent: it will be refused";
    }
    return std::nullopt;
}

}  // namespace ararat::server
