// UTF-8 (RFC 3629) and the characters that must not hide in text people approve: controls, and the
// bidirectional formatting characters that make a line read otherwise than it is executed
// (Unicode TR 36, "Bidirectional Text Spoofing").
// Thread promise: pure functions.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace ararat {

struct DecodedCodePoint {
    char32_t value = 0;
    std::size_t bytes = 0;  // 1 to 4
};

// The code point at `offset`; nothing if the bytes there are not well-formed UTF-8.
[[nodiscard]] std::optional<DecodedCodePoint> decode_utf8(std::string_view text, std::size_t offset);

enum class TextFaultKind {
    kNotUtf8,        // ill-formed bytes, surrogates, overlong forms
    kControl,        // U+0000..U+001F but tab and line ends, U+007F..U+009F
    kBidirectional,  // U+061C, U+200E, U+200F, U+202A..U+202E, U+2066..U+2069
    kInvisible,      // zero-width and other characters that show nothing: U+200B..U+200D, U+2060, U+FEFF, ...
};

struct TextFault {
    TextFaultKind kind = TextFaultKind::kNotUtf8;
    std::size_t offset = 0;   // bytes from the start
    char32_t code_point = 0;  // for kNotUtf8: the offending byte
    // "U+202E, a bidirectional control", "byte 0xFF, which is not UTF-8".
    [[nodiscard]] std::string text() const;
};

// The first character that does not belong in a text: tabs and line ends do.
[[nodiscard]] std::optional<TextFault> find_text_fault(std::string_view text);
// The same for a text of one line: tabs and line ends do not belong either.
[[nodiscard]] std::optional<TextFault> find_line_fault(std::string_view text);

// "U+202E".
[[nodiscard]] std::string code_point_text(char32_t code_point);

// For display of bytes nobody vouches for: faults are replaced by U+FFFD, so that a terminal shows the
// rest and obeys nothing. Line ends and tabs stay.
[[nodiscard]] std::string displayable(std::string_view bytes);
// The same on one line: line ends become spaces.
[[nodiscard]] std::string displayable_line(std::string_view bytes);

}  // namespace ararat
