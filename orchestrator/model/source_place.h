// Where something was written, for messages.
// Thread promise: a value.
#pragma once

#include <compare>
#include <string>

namespace ararat {

// A place in a plan file; lines and columns count from 1.
struct SourcePlace {
    std::string file;
    int line = 0;
    int column = 0;
    friend auto operator<=>(const SourcePlace&, const SourcePlace&) = default;
};
// "plan.yaml:12:5"
[[nodiscard]] std::string to_string(const SourcePlace& place);

}  // namespace ararat
