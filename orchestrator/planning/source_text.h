// What is refused before a file is read as YAML at all: too many bytes, and text that people who approve
// it could not see as it is.
#pragma once

#include <cstddef>
#include <string>

#include "planning/diagnostic.h"

namespace ararat::planning {

enum class LeadingTab { kRefused, kAllowed };

// False when the file must not be read further. Every faulty line is reported once.
[[nodiscard]] bool check_source_text(const std::string& file, const std::string& text, std::size_t bytes_max,
                                     DiagnosticList& faults, LeadingTab tabs = LeadingTab::kRefused);

}  // namespace ararat::planning
