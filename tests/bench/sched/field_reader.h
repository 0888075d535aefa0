// Words and whole numbers of a benchmark's file, with the place of what is wrong.
// Thread promise: one thread at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace ararat::bench {

class FieldReader {
public:
    // The text must outlive it; the name is what faults are told with.
    FieldReader(std::string_view text, std::string name) : text_(text), name_(std::move(name)) {}

    // The next whole number; the fault says what it would have been.
    [[nodiscard]] Result<std::int32_t> number(std::string_view what);
    [[nodiscard]] Result<std::int32_t> number_within(std::string_view what, std::int32_t least,
                                                     std::int32_t most);
    // Goes behind the next line that begins with the mark.
    [[nodiscard]] Result<void> skip_past_line(std::string_view mark);
    // Goes to the end of the line.
    void skip_line();
    // The number behind the next ':'.
    [[nodiscard]] Result<std::int32_t> number_after_colon(std::string_view what);
    // Whether anything but space is left.
    [[nodiscard]] bool at_end();
    // file:line: message
    [[nodiscard]] Error fault(const std::string& message) const;

private:
    void skip_space();

    std::string_view text_;
    std::string name_;
    std::size_t at_ = 0;
    std::size_t line_ = 1;
};

}  // namespace ararat::bench
