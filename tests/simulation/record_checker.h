// What must hold of records as they come, one after the other.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "execution/engine_core.h"
#include "tests/simulation/invariants.h"
#include "tests/simulation/witness.h"

namespace ararat::simulation {

// Every record as it becomes durable: an attempt has one end, it is a success only if the witness saw its
// effect or it was so already, and it is known only if somebody can know it; no step of the cutover starts
// while a go is waited for; a group ends without another one only past its point of no return.
class RecordChecker {
public:
    [[nodiscard]] std::vector<std::string> check(const execution::State& state,
                                                 const execution::Record& record, const Witness& witness);
    // The journal ends at `records` again, in this state: what came after it never was.
    void begin_again(std::uint64_t records, const execution::State& state);
    // As the record that was checked last left them.
    [[nodiscard]] const Stood& stood() const { return stood_; }

private:
    // What failed is tried again or backs its group out; it waits for a person only past the point of no
    // return.
    [[nodiscard]] std::vector<std::string> check_hold(const execution::State& state,
                                                      const execution::Record& record);
    [[nodiscard]] std::vector<std::string> check_go(const execution::State& state,
                                                    const execution::Record& record);
    [[nodiscard]] std::vector<std::string> check_without(const execution::State& state,
                                                         const execution::GoGiven& given);

    // Groups whose latest moment for a back-out is reached; true: a go is given.
    std::map<std::pair<RunId, MoveGroupId>, bool> decisions_;
    std::optional<execution::AttemptKey> failed_;  // by the record that was checked last
    std::map<std::string, std::uint64_t> ended_;   // attempt -> the record that ended it
    Stood stood_;
};

}  // namespace ararat::simulation
