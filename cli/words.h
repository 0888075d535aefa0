// The protocol's enumerations in the words that people see, and the exit code of a run's end.
#pragma once

#include <string>

#include "ararat/v1/control.pb.h"
#include "cli/exit_code.h"

namespace ararat::cli {

[[nodiscard]] std::string word(v1::TaskState state);
[[nodiscard]] std::string word(v1::GroupState state);
[[nodiscard]] std::string word(v1::RunStatus status);
[[nodiscard]] bool is_active(v1::TaskState state);  // something is happening, or somebody is waited for
[[nodiscard]] bool is_ended(v1::RunStatus status);
[[nodiscard]] ExitCode exit_code_of(v1::RunStatus status);

}  // namespace ararat::cli
