// Joining and splitting text at a separator.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ararat {

template <typename Range>
[[nodiscard]] std::string join(const Range& parts, std::string_view separator) {
    std::string text;
    bool first = true;
    for (const auto& part : parts) {
        if (!first) text += separator;
        text += part;
        first = false;
    }
    return text;
}

// Every part, empty ones too: split("a||b", '|') has three; split("", '|') has one.
[[nodiscard]] inline std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    while (true) {
        const std::size_t at = text.find(separator);
        parts.emplace_back(text.substr(0, at));
        if (at == std::string_view::npos) return parts;
        text.remove_prefix(at + 1);
    }
}

}  // namespace ararat
