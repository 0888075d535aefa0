#include "base/identifier.h"

#include <fmt/format.h>

#include <string>

#include "base/utf8.h"

namespace ararat {
namespace {

constexpr const char* kAllowed = "allowed are a-z, 0-9, '.', '_' and '-'";

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool is_identifier_char(char c) { return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-'; }

Error refused(std::string_view text, const std::string& why) {
    constexpr std::size_t kShownMax = 80;
    std::string shown = displayable(text.substr(0, kShownMax));
    if (text.size() > kShownMax) shown += "...";
    return Error{ErrorCode::kInvalidArgument, fmt::format("'{}' is not an identifier: {}", shown, why)};
}

std::string offender(std::string_view text, std::size_t offset) {
    const auto decoded = decode_utf8(text, offset);
    if (!decoded) return find_line_fault(text.substr(offset))->text();
    std::string name = code_point_text(decoded->value);
    const std::string_view bytes = text.substr(offset, decoded->bytes);
    if (const auto fault = find_line_fault(bytes)) return fault->text();
    return fmt::format("{} '{}'", name, bytes);
}

}  // namespace

Result<void> check_identifier(std::string_view text) {
    if (text.empty()) return Error{ErrorCode::kInvalidArgument, "an identifier may not be empty"};
    std::size_t character = 1;
    for (std::size_t offset = 0; offset < text.size(); ++character) {
        if (!is_identifier_char(text[offset])) {
            return refused(
                text, fmt::format("{} at character {} ({})", offender(text, offset), character, kAllowed));
        }
        ++offset;
    }
    if (!is_letter_or_digit(text.front()))
        return refused(text, "it begins with neither a letter nor a digit");
    if (text.size() > kIdentifierLengthMax) {
        return refused(text, fmt::format("{} characters, {} at most", text.size(), kIdentifierLengthMax));
    }
    return {};
}

bool is_identifier(std::string_view text) { return check_identifier(text).ok(); }

}  // namespace ararat
