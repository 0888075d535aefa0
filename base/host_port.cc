#include "base/host_port.h"

#include <charconv>

namespace ararat {

namespace {

// What neither a name nor an address has: it would make the text a URL, or two words.
constexpr std::string_view kForeign = "/@,;?#\"'\\ \t\r\n";

bool is_port(std::string_view text) {
    unsigned port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    return error == std::errc() && end == text.data() + text.size() && port >= 1 && port <= 65535;
}

}  // namespace

Result<void> check_host_port(std::string_view text) {
    const auto fault = [&](const std::string& words) {
        return Error{ErrorCode::kInvalidArgument, "\"" + std::string(text) + "\" " + words};
    };
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) return fault("is not of the form host:port");
    std::string_view host = text.substr(0, colon);
    const bool is_bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (is_bracketed) host = host.substr(1, host.size() - 2);
    if (host.empty() || host.find_first_of(kForeign) != std::string_view::npos ||
        host.find_first_of("[]") != std::string_view::npos) {
        return fault("is not of the form host:port");
    }
    const bool has_colon = host.find(':') != std::string_view::npos;
    if (has_colon != is_bracketed) return fault("is not of the form host:port, or for IPv6 [address]:port");
    if (!is_port(text.substr(colon + 1))) return fault("does not end in a port of 1 to 65535");
    return {};
}

}  // namespace ararat
