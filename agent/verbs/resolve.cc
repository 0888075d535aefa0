#include "agent/verbs/resolve.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>
#include <sstream>

#include "platform/files.h"

namespace ararat::agent {

namespace {

constexpr std::size_t kAddressesMax = 16;
constexpr std::size_t kAnswerMax = 16384;

SocketAddress v4(const void* bytes, std::uint16_t port) {
    SocketAddress address;
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(port);
    std::memcpy(&in.sin_addr, bytes, sizeof in.sin_addr);
    std::memcpy(&address.storage, &in, sizeof in);
    address.size = sizeof in;
    return address;
}

SocketAddress v6(const void* bytes, std::uint16_t port) {
    SocketAddress address;
    sockaddr_in6 in{};
    in.sin6_family = AF_INET6;
    in.sin6_port = htons(port);
    std::memcpy(&in.sin6_addr, bytes, sizeof in.sin6_addr);
    std::memcpy(&address.storage, &in, sizeof in);
    address.size = sizeof in;
    return address;
}

std::optional<SocketAddress> numeric(const std::string& host, std::uint16_t port) {
    std::array<unsigned char, sizeof(in6_addr)> bytes{};
    if (inet_pton(AF_INET, host.c_str(), bytes.data()) == 1) return v4(bytes.data(), port);
    if (inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1) return v6(bytes.data(), port);
    return std::nullopt;
}

std::vector<SocketAddress> from_hosts_file(const std::string& path, const std::string& host,
                                           std::uint16_t port) {
    std::vector<SocketAddress> found;
    auto bytes = platform::read_file(path, std::size_t{4} << 20U);
    if (!bytes.ok()) return found;
    std::istringstream lines(bytes.value());
    std::string line;
    while (std::getline(lines, line) && found.size() < kAddressesMax) {
        std::istringstream words(line.substr(0, line.find('#')));
        std::string address, name;
        words >> address;
        while (words >> name) {
            if (strcasecmp(name.c_str(), host.c_str()) != 0) continue;
            if (auto parsed = numeric(address, port)) found.push_back(*parsed);
        }
    }
    return found;
}

// Addresses of one type in a DNS answer, whatever chain of CNAMEs led there: the resolver followed it.
void collect(const unsigned char* answer, int size, int type, std::uint16_t port,
             std::vector<SocketAddress>& found) {
    ns_msg message;
    if (ns_initparse(answer, size, &message) != 0) return;
    const int records = ns_msg_count(message, ns_s_an);
    for (int i = 0; i < records && found.size() < kAddressesMax; ++i) {
        ns_rr record;
        if (ns_parserr(&message, ns_s_an, i, &record) != 0) return;
        if (ns_rr_type(record) != type) continue;
        if (type == ns_t_a && ns_rr_rdlen(record) == 4) found.push_back(v4(ns_rr_rdata(record), port));
        if (type == ns_t_aaaa && ns_rr_rdlen(record) == 16) found.push_back(v6(ns_rr_rdata(record), port));
    }
}

Result<std::vector<SocketAddress>> from_dns(const std::string& host, std::uint16_t port) {
    struct __res_state state = {};
    if (res_ninit(&state) != 0) return Error{ErrorCode::kUnavailable, "resolv.conf cannot be read", host};
    state.retrans = 1;  // seconds; a prober had better ask again than wait
    state.retry = 2;
    std::vector<SocketAddress> found;
    std::vector<unsigned char> answer(kAnswerMax);
    bool answered = false;
    for (const int type : {static_cast<int>(ns_t_a), static_cast<int>(ns_t_aaaa)}) {
        const int size =
            res_nsearch(&state, host.c_str(), ns_c_in, type, answer.data(), static_cast<int>(answer.size()));
        if (size > 0)
            collect(answer.data(), std::min(size, static_cast<int>(answer.size())), type, port, found);
        if (size > 0 || state.res_h_errno == HOST_NOT_FOUND || state.res_h_errno == NO_DATA) answered = true;
        if (!found.empty()) break;
    }
    res_nclose(&state);
    if (!found.empty()) return found;
    if (answered) return Error{ErrorCode::kNotFound, "no such name", host};
    return Error{ErrorCode::kUnavailable, "no resolver answered", host};
}

}  // namespace

Result<std::vector<SocketAddress>> resolve(const std::string& host, std::uint16_t port,
                                           const std::string& etc_dir) {
    if (auto parsed = numeric(host, port)) return std::vector<SocketAddress>{*parsed};
    auto listed = from_hosts_file(etc_dir + "/hosts", host, port);
    if (!listed.empty()) return listed;
    return from_dns(host, port);
}

Result<std::uint16_t> parse_port(const std::string& text) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value == 0 || value > 65535) {
        return Error{ErrorCode::kInvalidArgument, "\"" + text + "\" is not a port (1 to 65535)"};
    }
    return static_cast<std::uint16_t>(value);
}

Result<HostPort> parse_host_port(const std::string& text, std::uint16_t default_port) {
    HostPort parsed;
    parsed.port = default_port;
    std::string port;
    if (text.starts_with('[')) {
        const std::size_t close = text.find(']');
        if (close == std::string::npos)
            return Error{ErrorCode::kInvalidArgument, "\"" + text + "\" lacks a ]"};
        parsed.host = text.substr(1, close - 1);
        if (close + 1 < text.size() && text[close + 1] == ':') port = text.substr(close + 2);
    } else {
        const std::size_t colon = text.rfind(':');
        parsed.host = text.substr(0, colon);
        if (colon != std::string::npos) port = text.substr(colon + 1);
    }
    if (!port.empty()) {
        ARARAT_ASSIGN_OR_RETURN(parsed.port, parse_port(port));
    }
    if (parsed.host.empty() || parsed.port == 0) {
        return Error{ErrorCode::kInvalidArgument, "\"" + text + "\" is not of the form host:port"};
    }
    return parsed;
}

}  // namespace ararat::agent
