// An HTTP/1.1 answer, read incrementally (RFC 9112): status line, headers, a body by length, by chunks or
// up to the end. Pure; bounded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace ararat::agent {

inline constexpr std::size_t kHttpHeadMax = 32UL * 1024;
inline constexpr std::size_t kHttpBodyMax = 1024UL * 1024;  // what comes after is not looked at

class HttpAnswer {
public:
    // Errors: data-loss, saying what is wrong with the answer.
    [[nodiscard]] Result<void> add(std::string_view bytes);
    // The peer closed. Error: data-loss where the body is not whole.
    [[nodiscard]] Result<void> end();
    [[nodiscard]] bool complete() const { return complete_; }
    [[nodiscard]] int status() const { return status_; }
    [[nodiscard]] const std::string& body() const { return body_; }

private:
    [[nodiscard]] Result<void> parse_head(std::string_view head);
    [[nodiscard]] Result<void> parse_header(std::string_view line);
    [[nodiscard]] Result<void> take_body();
    [[nodiscard]] Result<void> take_chunks();
    void keep(std::string_view bytes);

    std::string pending_;
    std::string body_;
    int status_ = 0;
    bool head_done_ = false;
    bool complete_ = false;
    bool chunked_ = false;
    std::optional<std::uint64_t> length_left_;
    std::optional<std::uint64_t> chunk_left_;  // of the current chunk; none: a size line is next
};

}  // namespace ararat::agent
