// Argument vectors as people read them. For display only: nothing in Ararat passes text to a shell.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ararat {

// One argument, quoted as a POSIX shell would need it, with faults of the text made visible.
[[nodiscard]] std::string quoted(std::string_view argument);
[[nodiscard]] std::string quoted(const std::vector<std::string>& argv);

}  // namespace ararat
