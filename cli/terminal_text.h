// Lines for a terminal of a known width: pieces in colours, cut to the columns there are.
// Thread promise: values and pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ararat::cli {

// Columns that a text takes: one for each code point. Wide characters are counted short, and cut late.
[[nodiscard]] int columns_of(std::string_view text);
// The first line of a text that nobody vouches for, at most `columns` wide; "..." where something was left
// out.
[[nodiscard]] std::string cut_to(std::string_view text, int columns);

struct Piece {
    std::string text;
    const char* color = "";  // an SGR code: "1" bold, "32" green; empty: none
};
using Line = std::vector<Piece>;

// Never wider than `columns`; with a newline.
[[nodiscard]] std::string rendered(const Line& line, int columns, bool color);

}  // namespace ararat::cli
