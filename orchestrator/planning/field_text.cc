#include "planning/field_text.h"

#include <algorithm>

#include "base/units.h"
#include "base/utf8.h"
#include "planning/scalar_types.h"

namespace ararat::planning {
namespace {

template <typename T>
Result<void> without_value(const Result<T>& result) {
    return result.ok() ? Result<void>() : Result<void>(result.error());
}

}  // namespace

std::string_view shape_name(TreeNode::Kind kind) {
    switch (kind) {
        case TreeNode::Kind::kNull: return "nothing";
        case TreeNode::Kind::kScalar: return "text";
        case TreeNode::Kind::kMap: return "a mapping";
        case TreeNode::Kind::kList: return "a list";
        case TreeNode::Kind::kFaulty: return "a faulty value";
    }
    return "nothing";
}

std::string shown(const std::string& text) {
    constexpr std::size_t kShownMax = 80;
    const std::string start = displayable(std::string_view(text).substr(0, kShownMax));
    return text.size() > kShownMax ? start + "..." : start;
}

std::string key_text(const Field& field) { return "key '" + std::string(field.key) + "'"; }

std::string meant(FieldType type) { return " (meant: " + std::string(words_of(type).meant) + ")"; }

bool is_file_name(std::string_view text) {
    const auto belongs = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
               c == '_' || c == '-';
    };
    return !text.empty() && text.front() != '.' && text.front() != '-' &&
           std::all_of(text.begin(), text.end(), belongs);
}

Result<void> check_field_text(FieldType type, const std::string& text, Instant as_of) {
    switch (type) {
        case FieldType::kDuration: return without_value(parse_duration(text));
        case FieldType::kDurationTemplate:
            if (text.find("${") != std::string::npos) return {};
            return without_value(parse_duration(text));
        case FieldType::kBytes: return without_value(parse_bytes(text));
        case FieldType::kRate: return without_value(parse_bytes_per_second(text));
        case FieldType::kHourlyRate: return without_value(parse_bytes_per_hour(text));
        case FieldType::kPercent: return without_value(parse_percent(text));
        case FieldType::kDate: return without_value(read_date(text));
        case FieldType::kMoment: return without_value(read_moment(text, as_of));
        case FieldType::kDayOrMoment: return without_value(read_moment(text, as_of));
        case FieldType::kMoney: return without_value(read_money(text));
        case FieldType::kTimezone: return check_timezone(text);
        case FieldType::kAddress: return check_address(text);
        case FieldType::kDateRanges: return without_value(read_date_range(text));
        case FieldType::kWeeklyWindows: return without_value(read_windows(text));
        default: return {};
    }
}

}  // namespace ararat::planning
