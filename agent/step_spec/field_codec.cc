#include "agent/step_spec/field_codec.h"

#include <charconv>
#include <optional>
#include <system_error>

namespace ararat::agent {
namespace {

// "007" and "-0" are refused: what was read must be what would be written.
template <typename Number>
std::optional<Number> canonical(const std::string& digits) {
    Number value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    if (std::to_string(value) != digits) return std::nullopt;
    return value;
}

}  // namespace

void FieldWriter::text(std::string_view value) {
    if (value.find('\0') != std::string_view::npos) ok_ = false;
    bytes_.append(value);
    bytes_.push_back('\0');
}

void FieldWriter::number(std::int64_t value) { text(std::to_string(value)); }

void FieldWriter::unsigned_number(std::uint64_t value) { text(std::to_string(value)); }

void FieldWriter::blob(std::string_view value) {
    number(static_cast<std::int64_t>(value.size()));
    bytes_.append(value);
}

std::string FieldReader::text() {
    if (!ok_) return {};
    const std::size_t end = rest_.find('\0');
    if (end == std::string_view::npos) {
        ok_ = false;
        return {};
    }
    std::string value(rest_.substr(0, end));
    rest_.remove_prefix(end + 1);
    ++fields_read_;
    return value;
}

std::int64_t FieldReader::number() {
    const std::string digits = text();
    if (!ok_) return 0;
    const auto value = canonical<std::int64_t>(digits);
    if (!value) ok_ = false;
    return value.value_or(0);
}

std::uint64_t FieldReader::unsigned_number() {
    const std::string digits = text();
    if (!ok_) return 0;
    const auto value = canonical<std::uint64_t>(digits);
    if (!value) ok_ = false;
    return value.value_or(0);
}

std::int64_t FieldReader::number_within(std::int64_t least, std::int64_t most) {
    const std::int64_t value = number();
    if (value >= least && value <= most) return value;
    ok_ = false;
    return 0;
}

std::size_t FieldReader::count(std::size_t max) {
    const std::int64_t value = number();
    if (!ok_ || value < 0 || static_cast<std::uint64_t>(value) > max) {
        ok_ = false;
        return 0;
    }
    return static_cast<std::size_t>(value);
}

std::string FieldReader::blob() {
    const std::size_t size = count(rest_.size());
    if (!ok_ || size > rest_.size()) {
        ok_ = false;
        return {};
    }
    std::string value(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return value;
}

void FieldReader::expect(std::string_view wanted) {
    if (text() != wanted) ok_ = false;
}

}  // namespace ararat::agent
