#include "cli/terminal_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/utf8.h"

namespace ararat::cli {

int columns_of(std::string_view text) {
    return static_cast<int>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string cut_to(std::string_view text, int columns) {
    const std::size_t line_end = text.find('\n');
    std::string line = displayable(text.substr(0, line_end));
    std::replace(line.begin(), line.end(), '\t', ' ');
    line.erase(std::remove(line.begin(), line.end(), '\r'), line.end());
    const bool more = line_end != std::string_view::npos && line_end + 1 < text.size();
    if (columns_of(line) <= columns && !more) return line;
    constexpr int kDots = 3;
    const int kept = std::clamp(columns - kDots, 0, columns_of(line));
    std::size_t end = 0;
    for (int column = 0; column < kept; ++column) {
        ++end;
        while (end < line.size() && (static_cast<unsigned char>(line[end]) & 0xC0U) == 0x80U) ++end;
    }
    return line.substr(0, end) +
           std::string(static_cast<std::size_t>(std::clamp(columns - kept, 0, kDots)), '.');
}

std::string rendered(const Line& line, int columns, bool color) {
    std::string text;
    int left = columns;
    for (const Piece& piece : line) {
        if (left <= 0) break;
        const std::string shown = cut_to(piece.text, left);
        left -= columns_of(shown);
        const bool painted = color && *piece.color != '\0' && !shown.empty();
        text += painted ? fmt::format("\x1b[{}m{}\x1b[0m", piece.color, shown) : shown;
    }
    while (text.ends_with(' ')) text.pop_back();
    return text + "\n";
}

}  // namespace ararat::cli
