#include "base/utf8.h"

#include <fmt/format.h>

#include <array>
#include <cstdint>

namespace ararat {
namespace {

struct CodePointRange {
    char32_t first, last;
};

constexpr std::array<CodePointRange, 5> kBidirectional{{
    {0x061C, 0x061C},
    {0x200E, 0x200F},
    {0x202A, 0x202E},
    {0x2066, 0x2069},
    {0x206A, 0x206F},
}};

// Characters that show nothing and so make two different texts look alike: soft hyphen, fillers, zero-width
// spaces and joiners, invisible operators, line and paragraph separators, variation selectors, the byte
// order mark, tags.
constexpr std::array<CodePointRange, 12> kInvisible{{
    {0x00AD, 0x00AD},
    {0x034F, 0x034F},
    {0x115F, 0x1160},
    {0x17B4, 0x17B5},
    {0x180B, 0x180E},
    {0x200B, 0x200D},
    {0x2028, 0x2029},
    {0x2060, 0x2064},
    {0x3164, 0x3164},
    {0xFE00, 0xFE0F},
    {0xFEFF, 0xFEFF},
    {0xE0000, 0xE0FFF},
}};

template <std::size_t N>
bool in_ranges(const std::array<CodePointRange, N>& ranges, char32_t value) {
    for (const CodePointRange& range : ranges) {
        if (value >= range.first && value <= range.last) return true;
    }
    return false;
}

bool is_control(char32_t value) { return value < 0x20 || (value >= 0x7F && value <= 0x9F); }

std::uint8_t byte_at(std::string_view text, std::size_t offset) {
    return static_cast<std::uint8_t>(text[offset]);
}

std::optional<TextFaultKind> fault_of(char32_t value) {
    if (is_control(value)) return TextFaultKind::kControl;
    if (in_ranges(kBidirectional, value)) return TextFaultKind::kBidirectional;
    if (in_ranges(kInvisible, value)) return TextFaultKind::kInvisible;
    return std::nullopt;
}

std::optional<TextFault> find_fault(std::string_view text, std::size_t offset, bool lines_allowed) {
    while (offset < text.size()) {
        // Nearly all text is this, and a large plan has a hundred million of them.
        if (byte_at(text, offset) >= 0x20 && byte_at(text, offset) < 0x7F) {
            ++offset;
            continue;
        }
        const auto decoded = decode_utf8(text, offset);
        if (!decoded) return TextFault{TextFaultKind::kNotUtf8, offset, byte_at(text, offset)};
        const char32_t value = decoded->value;
        const bool layout = value == '\n' || value == '\r' || value == '\t';
        if (!(layout && lines_allowed)) {
            if (const auto kind = fault_of(value)) return TextFault{*kind, offset, value};
        }
        offset += decoded->bytes;
    }
    return std::nullopt;
}

}  // namespace

std::optional<DecodedCodePoint> decode_utf8(std::string_view text, std::size_t offset) {
    if (offset >= text.size()) return std::nullopt;
    const std::uint8_t lead = byte_at(text, offset);
    if (lead < 0x80) return DecodedCodePoint{lead, 1};
    std::size_t count = 0;
    char32_t value = 0;
    char32_t least = 0;  // the smallest value that needs this many bytes: anything less is overlong
    if (lead >= 0xC2 && lead <= 0xDF) {
        count = 2, value = lead & 0x1FU, least = 0x80;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
        count = 3, value = lead & 0x0FU, least = 0x800;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
        count = 4, value = lead & 0x07U, least = 0x10000;
    } else {
        return std::nullopt;
    }
    if (text.size() - offset < count) return std::nullopt;
    for (std::size_t i = 1; i < count; ++i) {
        const std::uint8_t next = byte_at(text, offset + i);
        if ((next & 0xC0U) != 0x80U) return std::nullopt;
        value = (value << 6U) | (next & 0x3FU);
    }
    const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
    if (value < least || surrogate || value > 0x10FFFF) return std::nullopt;
    return DecodedCodePoint{value, count};
}

std::string code_point_text(char32_t code_point) {
    return fmt::format("U+{:04X}", static_cast<std::uint32_t>(code_point));
}

std::string TextFault::text() const {
    switch (kind) {
        case TextFaultKind::kNotUtf8:
            return fmt::format("byte 0x{:02X}, which is not UTF-8", static_cast<std::uint32_t>(code_point));
        case TextFaultKind::kControl: return code_point_text(code_point) + ", a control character";
        case TextFaultKind::kBidirectional: return code_point_text(code_point) + ", a bidirectional control";
        case TextFaultKind::kInvisible: return code_point_text(code_point) + ", an invisible character";
    }
    return code_point_text(code_point);
}

std::optional<TextFault> find_text_fault(std::string_view text) { return find_fault(text, 0, true); }
std::optional<TextFault> find_line_fault(std::string_view text) { return find_fault(text, 0, false); }

std::string displayable(std::string_view bytes) {
    std::string shown;
    std::size_t from = 0;
    while (const auto fault = find_fault(bytes, from, true)) {
        shown.append(bytes.substr(from, fault->offset - from)).append("\xEF\xBF\xBD");
        const auto decoded = decode_utf8(bytes, fault->offset);
        from = fault->offset + (decoded ? decoded->bytes : 1);
    }
    return shown.append(bytes.substr(from));
}

std::string displayable_line(std::string_view bytes) {
    std::string line = displayable(bytes);
    for (char& c : line) {
        if (c == '\n' || c == '\r') c = ' ';
    }
    return line;
}

}  // namespace ararat
