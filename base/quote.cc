#include "base/quote.h"

#include "base/utf8.h"

namespace ararat {

std::string quoted(std::string_view argument) {
    static constexpr std::string_view kPlain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-";
    std::string shown = displayable(argument);
    if (!shown.empty() && shown.find_first_not_of(kPlain) == std::string::npos) return shown;
    std::string text = "'";
    for (const char c : shown) {
        if (c == '\'') {
            text += "'\\''";
        } else {
            text.push_back(c);
        }
    }
    return text += "'";
}

std::string quoted(const std::vector<std::string>& argv) {
    std::string text;
    for (const std::string& argument : argv) {
        if (!text.empty()) text.push_back(' ');
        text += quoted(argument);
    }
    return text;
}

}  // namespace ararat
