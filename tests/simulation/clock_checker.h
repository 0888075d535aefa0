// What must hold of time however the wall clock is set: a soak lasts as long as the plan says, and after a
// jump nothing of a cutover goes out by a window until a person has trusted the clock again. It keeps its own
// book, by time since boot. Thread promise: one owner.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "execution/run_state.h"

namespace ararat::simulation {

class ClockChecker {
public:
    void jumped() { doubted_ = true; }
    // The orchestrator has begun again with a journal of so many records, each as it was written.
    void begin_again(const std::vector<std::string>& journal);
    // A committed record, at a time since boot.
    [[nodiscard]] std::vector<std::string> check(const execution::State& state,
                                                 const execution::Record& record, Duration boottime);

private:
    [[nodiscard]] std::vector<std::string> check_task(const execution::State& state,
                                                      const execution::TaskChanged& changed,
                                                      Duration boottime);

    bool doubted_ = false;
    std::size_t seen_ = 0;  // records
    std::map<std::pair<RunId, TaskId>, Duration> soaking_since_;
};

}  // namespace ararat::simulation
