#include "planning/source_text.h"

#include <string_view>

#include "base/utf8.h"

namespace ararat::planning {
namespace {

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r") == std::string_view::npos; }

}  // namespace

bool check_source_text(const std::string& file, const std::string& text, std::size_t bytes_max,
                       DiagnosticList& faults, LeadingTab tabs) {
    if (text.size() > bytes_max) {
        faults.add({file, 1, 1}, DiagnosticCode::kTooLarge,
                   "the file has " + std::to_string(text.size()) + " bytes, the limit is " +
                       std::to_string(bytes_max) + " (meant: --max-bytes, which raises it)");
        return false;
    }
    bool good = true;
    int line = 1;
    std::string_view rest = text;
    while (!rest.empty()) {
        const std::size_t end = rest.find('\n');
        const std::string_view this_line = rest.substr(0, end);
        if (const auto fault = find_text_fault(this_line)) {
            faults.add({file, line, static_cast<int>(fault->offset) + 1}, DiagnosticCode::kBadText,
                       "the text holds " + fault->text());
            good = false;
        } else if (tabs == LeadingTab::kRefused && !this_line.empty() && this_line.front() == '\t' &&
                   !is_blank(this_line)) {
            faults.add({file, line, 1}, DiagnosticCode::kSyntax, "a tab as indentation (meant: spaces)");
            good = false;
        }
        if (end == std::string_view::npos) break;
        rest.remove_prefix(end + 1);
        ++line;
    }
    return good;
}

}  // namespace ararat::planning
