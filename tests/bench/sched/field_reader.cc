#include "bench/sched/field_reader.h"

#include <charconv>

namespace ararat::bench {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

}  // namespace

Error FieldReader::fault(const std::string& message) const {
    return Error{ErrorCode::kInvalidArgument, message, name_ + ":" + std::to_string(line_)};
}

void FieldReader::skip_space() {
    while (at_ < text_.size() && is_space(text_[at_])) {
        if (text_[at_] == '\n') ++line_;
        ++at_;
    }
}

void FieldReader::skip_line() {
    const std::size_t end = text_.find('\n', at_);
    if (end == std::string_view::npos) {
        at_ = text_.size();
        return;
    }
    at_ = end + 1;
    ++line_;
}

bool FieldReader::at_end() {
    skip_space();
    return at_ == text_.size();
}

Result<std::int32_t> FieldReader::number(std::string_view what) {
    skip_space();
    std::int32_t value = 0;
    const char* const first = text_.data() + at_;
    const char* const last = text_.data() + text_.size();
    const auto [end, error] = std::from_chars(first, last, value);
    if (error == std::errc() && (end == last || is_space(*end))) {
        at_ += static_cast<std::size_t>(end - first);
        return value;
    }
    const char* word_end = first;
    while (word_end != last && !is_space(*word_end) && word_end - first < 40) ++word_end;
    if (word_end == first) return fault("the file ends where " + std::string(what) + " should be");
    return fault("'" + std::string(first, word_end) + "' where " + std::string(what) + " should be");
}

Result<std::int32_t> FieldReader::number_within(std::string_view what, std::int32_t least,
                                                std::int32_t most) {
    ARARAT_ASSIGN_OR_RETURN(const std::int32_t value, number(what));
    if (value >= least && value <= most) return value;
    return fault(std::string(what) + " is " + std::to_string(value) + ", not " + std::to_string(least) +
                 " to " + std::to_string(most));
}

Result<void> FieldReader::skip_past_line(std::string_view mark) {
    const std::size_t line = line_;
    while (!at_end()) {
        const bool found = text_.substr(at_).starts_with(mark);
        skip_line();
        if (found) return {};
    }
    line_ = line;
    return fault("no line that begins with '" + std::string(mark) + "' follows");
}

Result<std::int32_t> FieldReader::number_after_colon(std::string_view what) {
    const std::size_t end = std::min(text_.find('\n', at_), text_.size());
    const std::size_t colon = text_.find(':', at_);
    if (colon >= end) return fault("no ':' before " + std::string(what));
    at_ = colon + 1;
    return number_within(what, 0, 1'000'000);
}

}  // namespace ararat::bench
