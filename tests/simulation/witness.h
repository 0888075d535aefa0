// What really happened on the hosts, seen by somebody whom neither the engine nor an agent can talk to.
// Thread promise: one owner.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "model/ids.h"

namespace ararat::simulation {

struct Witness {
    std::map<std::string, int> effects;  // by attempt key: how often it was carried out
    std::set<TaskId> applied;            // steps whose effect stands
    std::set<std::string> lost;          // attempts whose supervisor went without a word
    // Attempts whose end is on record, and known: the record. Nothing of them may happen any more.
    std::map<std::string, std::uint64_t> ended;
    std::vector<std::string> faults;  // contradictions noticed at once
};

}  // namespace ararat::simulation
