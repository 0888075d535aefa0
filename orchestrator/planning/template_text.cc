#include "planning/template_text.h"

#include <algorithm>

namespace ararat::planning {
namespace {

constexpr std::size_t kExpandedBytesMax = std::size_t{1024} * 1024;

Error bad(std::string message) { return Error{ErrorCode::kInvalidArgument, std::move(message)}; }

bool belongs_in_reference(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-' || c == '/' || c == '@';
}

std::size_t count_of(std::string_view text, std::string_view what) {
    std::size_t count = 0;
    for (std::size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) {
        ++count;
    }
    return count;
}

std::size_t late_references(std::string_view text) {
    return count_of(text, "${step.") + count_of(text, "${file.");
}

}  // namespace

Result<std::vector<TemplatePart>> split_template(std::string_view text) {
    std::vector<TemplatePart> parts;
    std::string literal;
    while (!text.empty()) {
        const std::size_t at = text.find('$');
        literal += text.substr(0, at);
        if (at == std::string_view::npos) break;
        text.remove_prefix(at);
        if (text.substr(0, 3) == "$${") {
            literal += "${";
            text.remove_prefix(3);
            continue;
        }
        if (text.substr(0, 2) != "${") {
            literal += '$';
            text.remove_prefix(1);
            continue;
        }
        const std::size_t end = text.find('}');
        if (end == std::string_view::npos) {
            return bad("'" + std::string(text.substr(0, 40)) +
                       "' has no closing '}' (meant: $${ for a literal ${)");
        }
        const std::string_view name = text.substr(2, end - 2);
        if (name.empty() || !std::all_of(name.begin(), name.end(), belongs_in_reference)) {
            return bad("'" + std::string(text.substr(0, end + 1)) +
                       "' is not a reference (meant: $${ for a literal ${)");
        }
        if (!literal.empty()) parts.push_back({false, std::move(literal)});
        literal.clear();
        parts.push_back({true, std::string(name)});
        text.remove_prefix(end + 1);
    }
    if (!literal.empty()) parts.push_back({false, std::move(literal)});
    return parts;
}

Result<std::string> expand(std::string_view text, const ReferenceLookup& lookup) {
    ARARAT_ASSIGN_OR_RETURN(const std::vector<TemplatePart> parts, split_template(text));
    std::string result;
    std::size_t meant = 0;  // late references that were written as such
    for (const TemplatePart& part : parts) {
        if (!part.is_reference) {
            result += part.text;
            continue;
        }
        ARARAT_ASSIGN_OR_RETURN(const std::string value, lookup(part.text));
        if (result.size() + value.size() > kExpandedBytesMax) {
            return bad("the text becomes longer than 1 MiB when its references are filled in");
        }
        meant += late_references(value);
        result += value;
    }
    if (late_references(result) != meant) {
        return bad("the text would be read as a ${step...} or ${file...} that it does not mean");
    }
    return result;
}

bool has_late_reference(std::string_view text) { return late_references(text) > 0; }

}  // namespace ararat::planning
