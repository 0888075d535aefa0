// Whether what a verb did is what was expected. Everything that is set must hold. Pure.
#pragma once

#include <string>

#include "agent/verbs/verb.h"
#include "model/operation.h"

namespace ararat::agent {

struct Judgement {
    bool good = false;
    std::string reason;  // for people, where it is not good
};

[[nodiscard]] Judgement judge(const Expectation& expectation, const VerbResult& result);

// Without the white space around it.
[[nodiscard]] std::string trimmed(const std::string& text);

}  // namespace ararat::agent
