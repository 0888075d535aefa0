#include "agent/core/orchestrator_addresses.h"

#include <algorithm>
#include <sstream>

#include "base/host_port.h"
#include "base/join.h"

namespace ararat::agent {

Result<std::vector<std::string>> parse_orchestrators(const std::string& text) {
    std::string spaced = text;
    std::ranges::replace(spaced, ',', ' ');
    std::istringstream words(spaced);
    std::vector<std::string> addresses;
    std::vector<std::string> faults;
    for (std::string address; words >> address;) {
        if (const auto checked = check_host_port(address); !checked.ok()) {
            faults.push_back(checked.error().message);
        } else if (std::ranges::find(addresses, address) != addresses.end()) {
            faults.push_back("\"" + address + "\" is given twice");
        } else {
            addresses.push_back(address);
        }
    }
    if (!faults.empty()) return Error{ErrorCode::kInvalidArgument, join(faults, "; ")};
    if (addresses.empty()) return Error{ErrorCode::kInvalidArgument, "no orchestrator is named"};
    return addresses;
}

}  // namespace ararat::agent
