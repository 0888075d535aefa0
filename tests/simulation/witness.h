// What really happened on the hosts, seen by somebody whom neither the engine nor an agent can talk to.
// Thread promise: one owner.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "model/ids.h"

namespace ararat::simulation {

struct Witness {
    std::map<std::string, int> effects;  // by attempt key: how often it was carried out
    std::set<TaskId> applied;            // steps whose effect stands
    std::vector<std::string> faults;     // contradictions noticed at once
};

}  // namespace ararat::simulation
