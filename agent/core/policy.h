// What this host's own administrator lets be done on it, whatever the orchestrator says: a file that only
// root can write. Without the file everything is allowed.
//   # comment
//   verb run            a verb that may be used: run service http-probe tcp-probe write-file restore-file
//                       copy-tree verify-tree facts power-off
//   program shipped     run may start files that the action ships
//   program /usr/bin/x  run may start this program
//   path /srv/shares    write-file, restore-file, copy-tree and verify-tree may touch what is below
// A verb that is not named is refused. Where no program, or no path, is named, any is allowed.
// Thread promise: value, pure.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "agent/step_spec/step_spec.h"
#include "base/result.h"

namespace ararat::agent {

class Policy {
public:
    // Allows everything.
    Policy() = default;
    // Errors: invalid-argument with the number of the line.
    [[nodiscard]] static Result<Policy> parse(std::string_view text);

    // Why the step is refused; empty: it is allowed.
    [[nodiscard]] std::string refusal(const StepSpec& spec) const;

private:
    [[nodiscard]] std::string refusal(const Operation& operation) const;

    bool allow_all_ = true;
    std::set<Verb> verbs_;
    std::set<std::string> programs_;
    std::vector<std::string> paths_;
};

// "run", "service", "http-probe", ...
[[nodiscard]] const char* verb_name(Verb verb);

}  // namespace ararat::agent
