// What makes a command unique: the agent does at most one effect for it, however often it arrives.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "model/ids.h"

namespace ararat::execution {

enum class Purpose {
    kForward,  // check, perform, verify
    kProbe,
    kUndo,
};

struct AttemptKey {
    ProjectId project;
    RunId run;
    TaskId task;
    Purpose purpose = Purpose::kForward;
    std::uint32_t attempt = 1;  // counted per task and purpose, from 1
    friend auto operator<=>(const AttemptKey&, const AttemptKey&) = default;
};

[[nodiscard]] std::string to_string(Purpose purpose);

// "project|run|task|purpose|attempt": stable text, used as a name on hosts and in logs.
[[nodiscard]] std::string to_string(const AttemptKey& key);

}  // namespace ararat::execution
