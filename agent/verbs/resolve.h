// Names to addresses, without the C library's name service switch: the supervisor is a static file that
// runs on hosts with any C library, where that switch would load modules of another version. Looks into
// hosts, then asks the resolvers of resolv.conf, afresh every time, so that a DNS change is seen.
// Thread promise: any thread. Blocks for a few seconds at most.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace ararat::agent {

struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t size = 0;
};

// IPv4 before IPv6, at most 16. A numeric address (IPv6 without brackets) is returned as it is.
// Errors: not-found, unavailable (no resolver answered).
[[nodiscard]] Result<std::vector<SocketAddress>> resolve(const std::string& host, std::uint16_t port,
                                                         const std::string& etc_dir = "/etc");

struct HostPort {
    std::string host;
    std::uint16_t port = 0;
};
// "host:port" or "[v6]:port". `default_port` 0: a port is required. Errors: invalid-argument.
[[nodiscard]] Result<HostPort> parse_host_port(const std::string& text, std::uint16_t default_port = 0);
[[nodiscard]] Result<std::uint16_t> parse_port(const std::string& text);

}  // namespace ararat::agent
