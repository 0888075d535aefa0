// Which hosts are not supported, what that asks of the way they move, and what is left of them.
// Thread promise: functions of their arguments.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/plan.h"

namespace ararat::planning {

enum class Remedy {
    kUpgrade,  // or retire: it lands on a target site only as something else
    kRetire,
};
struct Unsupported {
    Remedy remedy = Remedy::kUpgrade;
    std::string reason;  // "windows-2003 is unsupported (plan.yaml:4:15)", "psn: upgrade"
};
// Nothing for a host that may land as it is. Where several reasons hold, retiring counts before upgrading.
[[nodiscard]] std::optional<Unsupported> unsupported(const Plan& plan, const Host& host);

// By which a component's hosts can move: its own ways, else its application's.
[[nodiscard]] const std::vector<Way>& ways_of(const Application& application, const Component& component);
// Whichever is chosen, its hosts are given up: it needs no targets.
[[nodiscard]] bool only_retires(const Application& application, const Component& component);
[[nodiscard]] bool mends(const Way& way, Remedy remedy);

struct ComplianceLine {
    std::string owner;  // the application's, else its service's; empty: nobody's
    HostId host;
    std::string reason;
    ApplicationId application;  // empty: nothing of the plan moves it
    std::string component;
    std::vector<std::string> ways;  // of it that mend the host
    SourcePlace place;              // of the host
};
// Every unsupported host, sorted by owner and host; once for each component that moves it.
[[nodiscard]] std::vector<ComplianceLine> compliance_lines(const Plan& plan);

[[nodiscard]] std::string owner_of(const Plan& plan, const Application& application);

}  // namespace ararat::planning
