// Text with ${...} in it. A reference becomes text once, in place; what it becomes is never read again,
// so that a value cannot smuggle in a second reference. "$${" stands for "${".
// Two references outlive the compiler: ${step.TASK.OUTPUT} (resolved by the engine when the command is
// made) and ${file.NAME} (resolved on the host). Text that only looks like one of them is refused.
// Thread promise: pure functions.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ararat::planning {

struct TemplatePart {
    bool is_reference = false;
    std::string text;  // the literal, or what stands between "${" and "}"
};

// Errors: invalid-argument: an unclosed "${", an empty or malformed reference.
[[nodiscard]] Result<std::vector<TemplatePart>> split_template(std::string_view text);

// Gives the text that a reference stands for.
using ReferenceLookup = std::function<Result<std::string>(const std::string& reference)>;

// Errors: those of split_template and of the lookup; and text that would be taken for a reference later.
[[nodiscard]] Result<std::string> expand(std::string_view text, const ReferenceLookup& lookup);

// Holds ${step...} or ${file...}, so its value is not known before the run.
[[nodiscard]] bool has_late_reference(std::string_view text);

}  // namespace ararat::planning
