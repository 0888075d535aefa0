// An action's operation with its parameters' values filled in, and the rules of each verb checked on the
// outcome.
// Thread promise: functions of their arguments.
#pragma once

#include <map>
#include <set>
#include <string>

#include "base/result.h"
#include "model/plan.h"

namespace ararat::planning {

struct OperationValues {
    std::map<std::string, std::string> params;
    std::set<std::string> tree_channels;  // ids of this component's channels of kind tree
    friend bool operator==(const OperationValues&, const OperationValues&) = default;
};

// Errors: invalid-argument, naming the field and the rule.
[[nodiscard]] Result<Operation> expand_operation(const OperationTemplate& from,
                                                 const OperationValues& values);

}  // namespace ararat::planning
