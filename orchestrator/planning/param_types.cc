#include "planning/param_types.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/check.h"
#include "base/units.h"
#include "planning/scalar_types.h"

namespace ararat::planning {
namespace {

constexpr std::array kTypes = {ParamType::kText,    ParamType::kInteger, ParamType::kDuration,
                               ParamType::kSize,    ParamType::kPath,    ParamType::kIdentifier,
                               ParamType::kAddress, ParamType::kBoolean};

std::string_view meaning_of(ParamType type) {
    switch (type) {
        case ParamType::kText: return "text";
        case ParamType::kInteger: return "decimal digits without leading zeros";
        case ParamType::kDuration: return "such as 200ms, 45min or 1h 30min";
        case ParamType::kSize: return "such as 512 MiB or 1.5 TB";
        case ParamType::kPath: return "an absolute path without '..'";
        case ParamType::kIdentifier: return "letters, digits and . _ @ : - only";
        case ParamType::kAddress: return "a host name or an IP address, without a port";
        case ParamType::kBoolean: return "true or false";
    }
    ARARAT_CHECK(false, "a ParamType outside its enum");
}

bool is_of_type(ParamType type, std::string_view value) {
    switch (type) {
        case ParamType::kText: return true;
        case ParamType::kInteger: return read_integer(value).ok();
        case ParamType::kDuration: return parse_duration(value).ok();
        case ParamType::kSize: return parse_bytes(value).ok();
        case ParamType::kPath: return check_absolute_path(value).ok();
        case ParamType::kIdentifier: return is_plain_name(value);
        case ParamType::kAddress: return check_address(value).ok();
        case ParamType::kBoolean: return read_boolean(value).ok();
    }
    ARARAT_CHECK(false, "a ParamType outside its enum");
}

}  // namespace

std::string_view to_string(ParamType type) {
    switch (type) {
        case ParamType::kText: return "text";
        case ParamType::kInteger: return "integer";
        case ParamType::kDuration: return "duration";
        case ParamType::kSize: return "size";
        case ParamType::kPath: return "path";
        case ParamType::kIdentifier: return "identifier";
        case ParamType::kAddress: return "address";
        case ParamType::kBoolean: return "boolean";
    }
    ARARAT_CHECK(false, "a ParamType outside its enum");
}

ParamType to_param_type(std::string_view text) {
    const auto* const found = std::find_if(kTypes.begin(), kTypes.end(),
                                           [text](ParamType type) { return to_string(type) == text; });
    return found == kTypes.end() ? ParamType::kText : *found;
}

bool is_plain_name(std::string_view text) {
    const auto starts = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    };
    const auto belongs = [&starts](char c) {
        return starts(c) || c == '.' || c == '@' || c == ':' || c == '-';
    };
    constexpr std::size_t kLengthMax = 255;
    return !text.empty() && text.size() <= kLengthMax && starts(text.front()) &&
           std::all_of(text.begin(), text.end(), belongs);
}

Result<void> check_param_value(ParamType type, std::string_view value) {
    if (is_of_type(type, value)) return {};
    return Error{ErrorCode::kInvalidArgument, "'" + std::string(value.substr(0, 80)) + "' is not of type " +
                                                  std::string(to_string(type)) +
                                                  " (meant: " + std::string(meaning_of(type)) + ")"};
}

}  // namespace ararat::planning
