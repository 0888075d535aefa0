#include "planning/icalendar_lines.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace ararat::planning {
namespace {

// A logical line, and where each of its physical parts begins.
struct Unfolded {
    struct Part {
        std::size_t offset = 0;  // in `text`
        int line = 0;
        int column = 0;
    };
    std::string text;
    std::vector<Part> parts;

    [[nodiscard]] SourcePlace place(const std::string& file, std::size_t offset) const {
        const auto after = std::find_if(parts.begin(), parts.end(),
                                        [offset](const Part& part) { return part.offset > offset; });
        const Part& part = *std::prev(after);
        return {file, part.line, part.column + static_cast<int>(offset - part.offset)};
    }
};

std::vector<Unfolded> unfold(const std::string& text) {
    std::vector<Unfolded> lines;
    int number = 0;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        std::string_view line = std::string_view(text).substr(at, end - at);
        at = end + 1;
        ++number;
        if (line.ends_with('\r')) line.remove_suffix(1);
        const bool folded = !lines.empty() && (line.starts_with(' ') || line.starts_with('\t'));
        if (line.empty()) continue;
        if (folded) {
            lines.back().parts.push_back({lines.back().text.size(), number, 2});
            lines.back().text += line.substr(1);
        } else {
            lines.push_back({std::string(line), {{0, number, 1}}});
        }
    }
    return lines;
}

bool is_name_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
}

std::string upper(std::string_view text) {
    std::string result(text);
    for (char& c : result) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return result;
}

// One line from its beginning to its end.
class LineReader {
public:
    LineReader(const Unfolded& line, const std::string& file) : line_(line), file_(file) {}

    // Nothing when it is no content line; failed_at() says where it stops being one.
    std::optional<IcalendarLine> read() {
        IcalendarLine result;
        result.place = here();
        result.name = upper(name());
        if (result.name.empty()) return std::nullopt;
        while (take(';')) {
            IcalendarParam param;
            param.place = here();
            param.name = upper(name());
            if (param.name.empty() || !take('=')) return std::nullopt;
            const auto value = param_value();
            if (!value) return std::nullopt;
            param.value = *value;
            result.params.push_back(std::move(param));
        }
        if (!take(':')) return std::nullopt;
        // An empty value stands behind the line's last character.
        result.value_place = here();
        result.value = line_.text.substr(at_);
        return result;
    }

    [[nodiscard]] SourcePlace here() const { return line_.place(file_, at_); }

private:
    std::string_view name() {
        const std::size_t start = at_;
        while (at_ < line_.text.size() && is_name_letter(line_.text[at_])) ++at_;
        return std::string_view(line_.text).substr(start, at_ - start);
    }

    bool take(char c) {
        if (at_ >= line_.text.size() || line_.text[at_] != c) return false;
        ++at_;
        return true;
    }

    std::optional<std::string> param_value() {
        const bool quoted = take('"');
        const std::size_t end = line_.text.find_first_of(quoted ? "\"" : ";:\"", at_);
        if (end == std::string::npos) return std::nullopt;
        std::string value = line_.text.substr(at_, end - at_);
        at_ = end + (quoted ? 1 : 0);
        return value;
    }

    const Unfolded& line_;
    const std::string& file_;
    std::size_t at_ = 0;
};

}  // namespace

std::string_view IcalendarLine::param(std::string_view wanted) const {
    const auto found = std::ranges::find(params, wanted, &IcalendarParam::name);
    return found == params.end() ? std::string_view() : std::string_view(found->value);
}

SourcePlace IcalendarLine::param_place(std::string_view wanted) const {
    const auto found = std::ranges::find(params, wanted, &IcalendarParam::name);
    return found == params.end() ? place : found->place;
}

std::vector<IcalendarLine> icalendar_lines(const std::string& file, const std::string& text,
                                           DiagnosticList& faults) {
    std::vector<IcalendarLine> lines;
    for (const Unfolded& unfolded : unfold(text)) {
        LineReader reader(unfolded, file);
        if (auto line = reader.read()) {
            lines.push_back(std::move(*line));
        } else {
            faults.add(reader.here(), DiagnosticCode::kBadCalendar,
                       "not a line of an iCalendar file (meant: NAME:VALUE or NAME;PARAMETER=VALUE:VALUE)");
        }
    }
    return lines;
}

}  // namespace ararat::planning
