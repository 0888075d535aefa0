// A listening TCP socket and the loop that accepts from it, so that a flood of connections ends at the
// accept and not in a server that has run out of descriptors (gRPC 1.51's listener stays dead after that,
// CVE-2023-4785).
// Thread promise: start() and stop() by the owner; the handler is called on the loop's thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "platform/unique_fd.h"

namespace ararat::server {

struct ListenLimits {
    int per_address = 1'024;          // open connections from one address
    double descriptors_share = 0.75;  // of RLIMIT_NOFILE; beyond it a connection is closed at once
};

// "host:port", "[v6]:port"; port 0: any. Errors: invalid-argument.
struct ListenAddress {
    std::string host;
    std::string port;
};
[[nodiscard]] Result<ListenAddress> parse_listen_address(const std::string& text);

class ListenSocket {
public:
    // Takes the connection: non-blocking, close-on-exec.
    using Handler = std::function<void(int listener_fd, platform::UniqueFd connection)>;

    // Listens at once, accepts from start() on. Errors: invalid-argument, unavailable.
    [[nodiscard]] static Result<std::unique_ptr<ListenSocket>> open(const std::string& address,
                                                                    const ListenLimits& limits);
    ~ListenSocket();

    [[nodiscard]] std::uint16_t port() const { return port_; }
    void start(Handler handler);
    void stop();

private:
    // A connection that was handed over: its descriptor, and the socket behind it, because the number
    // alone is used again when it has been closed.
    struct Known {
        int fd = -1;
        std::uint64_t inode = 0;
    };

    ListenSocket() = default;
    void run();
    void accept_one();
    // Whether this address may have one more; forgets its connections that are closed by now.
    bool admit(const std::string& address, int fd);

    ListenLimits limits_;
    platform::UniqueFd socket_;
    platform::UniqueFd wake_;
    std::uint16_t port_ = 0;
    int fd_max_ = 0;
    Handler handler_;
    std::map<std::string, std::vector<Known>> known_;
    std::uint64_t refused_ = 0;
    std::thread thread_;
};

}  // namespace ararat::server
