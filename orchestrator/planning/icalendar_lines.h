// Content lines of an iCalendar file: unfolded, and taken apart to name, parameters and value, each with
// the place where it stands in the file.
// Source: RFC 5545, section 3.1. Thread promise: values and functions of their arguments.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "model/source_place.h"
#include "planning/diagnostic.h"

namespace ararat::planning {

struct IcalendarParam {
    std::string name;  // upper case
    std::string value;
    SourcePlace place;
};

struct IcalendarLine {
    std::string name;  // upper case
    std::vector<IcalendarParam> params;
    std::string value;
    SourcePlace place;        // of the name
    SourcePlace value_place;  // of the value's beginning

    // Empty when it is not given.
    [[nodiscard]] std::string_view param(std::string_view name) const;
    [[nodiscard]] SourcePlace param_place(std::string_view name) const;
};

// Lines that are none are reported and left out.
[[nodiscard]] std::vector<IcalendarLine> icalendar_lines(const std::string& file, const std::string& text,
                                                         DiagnosticList& faults);

}  // namespace ararat::planning
