// The best schedule of a tiny programme, by trying every way and every start. What cannot become a schedule
// is left early, and every schedule that it gives back has passed the verifier. Thread promise: pure
// function.
#pragma once

#include <optional>

#include "planning/scheduler/programme.h"

namespace ararat::planning::scheduler {

struct OracleAnswer {
    ProgrammeTimes times;
    ProgrammeScore score;
};

// Nothing: there is no schedule. Preconditions: well formed, no cost below nothing. Takes horizon^jobs steps
// at the worst; six jobs and twenty minutes take milliseconds.
[[nodiscard]] std::optional<OracleAnswer> best_by_trying(const Programme& programme);

}  // namespace ararat::planning::scheduler
