// A sequence of fields, each ended by NUL. Thread promise: none; one owner.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ararat::agent {

class FieldWriter {
public:
    void text(std::string_view value);
    void number(std::int64_t value);
    void unsigned_number(std::uint64_t value);
    // Preceded by its length, so that it may hold any byte.
    void blob(std::string_view value);
    // False once a text with a NUL in it was written.
    [[nodiscard]] bool ok() const { return ok_; }
    [[nodiscard]] std::string take() { return std::move(bytes_); }

private:
    std::string bytes_;
    bool ok_ = true;
};

// After a first fault every read returns an empty value; ask ok() once at the end.
class FieldReader {
public:
    explicit FieldReader(std::string_view bytes) : rest_(bytes) {}

    [[nodiscard]] std::string text();
    // As the writer writes it, without leading zeros; anything else is a fault.
    [[nodiscard]] std::int64_t number();
    [[nodiscard]] std::uint64_t unsigned_number();
    [[nodiscard]] std::int64_t number_within(std::int64_t least, std::int64_t most);
    // A number within [0, max]; anything else is a fault.
    [[nodiscard]] std::size_t count(std::size_t max);
    [[nodiscard]] std::string blob();
    void expect(std::string_view wanted);
    // True: no fault, and every byte was read.
    [[nodiscard]] bool complete() const { return ok_ && rest_.empty(); }
    [[nodiscard]] bool ok() const { return ok_; }
    void fail() { ok_ = false; }
    [[nodiscard]] std::size_t fields_read() const { return fields_read_; }

private:
    std::string_view rest_;
    std::size_t fields_read_ = 0;
    bool ok_ = true;
};

}  // namespace ararat::agent
