#include "agent/verbs/http_answer.h"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace ararat::agent {

namespace {

Error malformed(std::string what) {
    return Error{ErrorCode::kDataLoss, "not an HTTP answer: " + std::move(what)};
}

std::string lower(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return result;
}

std::string_view without_spaces(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r'))
        text.remove_suffix(1);
    return text;
}

std::optional<std::uint64_t> to_number(std::string_view text, int base) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
    return value;
}

}  // namespace

Result<void> HttpAnswer::add(std::string_view bytes) {
    if (complete_) return {};
    pending_.append(bytes);
    while (!head_done_) {
        const std::size_t end = pending_.find("\r\n\r\n");
        if (end == std::string::npos) {
            if (pending_.size() > kHttpHeadMax) return malformed("headers larger than 32 KiB");
            return {};
        }
        const std::string head = pending_.substr(0, end);
        pending_.erase(0, end + 4);
        ARARAT_RETURN_IF_ERROR(parse_head(head));
        // An interim answer (100, 103) is followed by the real one.
        head_done_ = status_ >= 200;
    }
    return take_body();
}

Result<void> HttpAnswer::parse_head(std::string_view head) {
    const std::size_t line_end = head.find("\r\n");
    const std::string_view line = head.substr(0, line_end);
    const bool version_fits = line.starts_with("HTTP/1.1 ") || line.starts_with("HTTP/1.0 ");
    const auto status = line.size() >= 12 ? to_number(line.substr(9, 3), 10) : std::nullopt;
    if (!version_fits || !status || *status < 100 || *status > 599) return malformed("no status line");
    status_ = static_cast<int>(*status);
    chunked_ = false;
    length_left_.reset();
    while (line_end != std::string_view::npos && !head.empty()) {
        const std::size_t next = head.find("\r\n");
        if (next == std::string_view::npos) break;
        head.remove_prefix(next + 2);
        ARARAT_RETURN_IF_ERROR(parse_header(head.substr(0, head.find("\r\n"))));
    }
    if (status_ == 204 || status_ == 304) length_left_ = 0;
    return {};
}

Result<void> HttpAnswer::parse_header(std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return malformed("a header without a colon");
    const std::string name = lower(line.substr(0, colon));
    const std::string_view value = without_spaces(line.substr(colon + 1));
    if (name == "transfer-encoding") {
        chunked_ = lower(value) == "chunked";
        if (!chunked_) return malformed("a transfer encoding other than chunked");
    }
    if (name == "content-length") {
        length_left_ = to_number(value, 10);
        if (!length_left_) return malformed("content-length is not a number");
    }
    return {};
}

void HttpAnswer::keep(std::string_view bytes) {
    body_.append(bytes.substr(0, kHttpBodyMax - std::min(kHttpBodyMax, body_.size())));
    if (body_.size() >= kHttpBodyMax) complete_ = true;
}

Result<void> HttpAnswer::take_body() {
    if (chunked_) return take_chunks();
    if (!length_left_) {
        keep(pending_);
        pending_.clear();
        return {};
    }
    const std::size_t size =
        static_cast<std::size_t>(std::min<std::uint64_t>(*length_left_, pending_.size()));
    keep(std::string_view(pending_).substr(0, size));
    pending_.erase(0, size);
    *length_left_ -= size;
    if (*length_left_ == 0) complete_ = true;
    return {};
}

Result<void> HttpAnswer::take_chunks() {
    while (!complete_) {
        if (!chunk_left_) {
            const std::size_t end = pending_.find("\r\n");
            if (end == std::string::npos) {
                return pending_.size() > 1024 ? Result<void>(malformed("chunk size too long"))
                                              : Result<void>();
            }
            const std::string line = pending_.substr(0, end);
            chunk_left_ = to_number(without_spaces(std::string_view(line).substr(0, line.find(';'))), 16);
            if (!chunk_left_ || *chunk_left_ > (1ULL << 40U)) return malformed("chunk size is not a number");
            pending_.erase(0, end + 2);
            if (*chunk_left_ == 0) complete_ = true;
            continue;
        }
        const std::size_t size =
            static_cast<std::size_t>(std::min<std::uint64_t>(*chunk_left_, pending_.size()));
        keep(std::string_view(pending_).substr(0, size));
        pending_.erase(0, size);
        *chunk_left_ -= size;
        if (*chunk_left_ > 0 || pending_.size() < 2) return {};
        if (!pending_.starts_with("\r\n")) return malformed("a chunk does not end where it says");
        pending_.erase(0, 2);
        chunk_left_.reset();
    }
    return {};
}

Result<void> HttpAnswer::end() {
    if (complete_) return {};
    if (!head_done_) return malformed("the connection closed before the headers were complete");
    if (chunked_ || length_left_) return malformed("the connection closed before the body was complete");
    complete_ = true;
    return {};
}

}  // namespace ararat::agent
