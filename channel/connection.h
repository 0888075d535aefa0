// A TLS connection between two endpoints while a stream is being opened: blocking calls with a deadline
// and an Interrupt. Once the stream is open, the bridge takes over its TLS stream.
// Owned and used by one thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/instant.h"
#include "base/result.h"
#include "channel/interrupt.h"
#include "platform/tls_context.h"
#include "platform/unique_fd.h"

namespace ararat::channel {

class Connection {
public:
    // Completes the handshake. Errors: unauthenticated (what TLS said), deadline-exceeded, cancelled
    // (interrupted), unavailable.
    [[nodiscard]] static Result<Connection> handshake(const platform::TlsContext& context,
                                                      platform::UniqueFd socket, Duration within,
                                                      const Interrupt& interrupt);

    [[nodiscard]] platform::TlsStream& tls() { return tls_; }
    [[nodiscard]] const std::string& peer() const { return peer_; }          // its identity's URI
    [[nodiscard]] const std::string& exporter() const { return exporter_; }  // 32 bytes

    // All of it, or an error. `within` 0: as long as it takes.
    Result<void> read_exactly(std::span<char> bytes, Duration within, const Interrupt& interrupt);
    Result<void> write_all(std::string_view bytes, Duration within, const Interrupt& interrupt);

    // One length-prefixed message; see frames.h for what is in it.
    Result<std::string> read_frame(Duration within, const Interrupt& interrupt);
    Result<void> write_frame(std::string_view payload, Duration within, const Interrupt& interrupt);

private:
    Connection(platform::TlsStream tls, std::string peer, std::string exporter)
        : tls_(std::move(tls)), peer_(std::move(peer)), exporter_(std::move(exporter)) {}

    platform::TlsStream tls_;
    std::string peer_;
    std::string exporter_;
};

// A TCP connection to host:port ("[::1]:7411" too), non-blocking, without delay and with keepalive.
[[nodiscard]] Result<platform::UniqueFd> dial(const std::string& address, Duration within,
                                              const Interrupt& interrupt);
// A connection to a Unix socket.
[[nodiscard]] Result<platform::UniqueFd> dial_local(const std::string& path);

// Splits "host:port"; the port is 1-65535.
struct HostPort {
    std::string host;
    std::string port;
};
[[nodiscard]] Result<HostPort> split_host_port(const std::string& address);

// Keepalive and user time-out (30 s), so that a peer that vanished ends its streams.
void tune_tcp(int fd);

// Time since boot: what every deadline here is counted in.
[[nodiscard]] Duration steady_now();
// Waits until `fd` is ready for `events`, the deadline (steady_now() based; Duration::max(): none) passes
// or `interrupt` is raised. Errors: deadline-exceeded, cancelled, internal.
Result<void> wait_for_fd(int fd, short events, Duration deadline, const Interrupt& interrupt);

}  // namespace ararat::channel
