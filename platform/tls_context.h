// Mutual TLS 1.3 for the data channel: a context for each end, and a stream over a connected socket.
// Both ends must show a certificate of the project's CA; who the other end is comes out as an Identity,
// and whether that one is welcome is the caller's to judge.
// Thread promise: a TlsContext may be shared by threads. A TlsStream has one thread at a time: OpenSSL
// allows no reading and writing at once on one connection.
// The program must ignore SIGPIPE: OpenSSL writes to sockets whose other end may be gone.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/instant.h"
#include "base/result.h"
#include "platform/identity.h"
#include "platform/unique_fd.h"

struct ssl_ctx_st;
struct ssl_st;

namespace ararat::platform {

enum class TlsRole { kClient, kServer };

struct TlsCredentials {
    std::string certificate_pem;
    std::string key_pem;
    std::string ca_pem;
};

// Reads the three files.
[[nodiscard]] Result<TlsCredentials> load_tls_credentials(const std::string& certificate_file,
                                                          const std::string& key_file,
                                                          const std::string& ca_file);

class TlsContext {
public:
    // TLS 1.3 only, peer certificate required and verified against the CA, no session tickets, no
    // renegotiation, no early data.
    [[nodiscard]] static Result<TlsContext> make(TlsRole role, const TlsCredentials& credentials);

    [[nodiscard]] TlsRole role() const { return role_; }
    // For callers who drive OpenSSL themselves.
    [[nodiscard]] ssl_ctx_st* native() const { return context_.get(); }

private:
    TlsContext(TlsRole role, std::shared_ptr<ssl_ctx_st> context)
        : role_(role), context_(std::move(context)) {}

    TlsRole role_;
    std::shared_ptr<ssl_ctx_st> context_;
};

// What an operation that would block waits for.
enum class TlsWait { kNone, kRead, kWrite };

struct TlsTransfer {
    std::size_t bytes = 0;
    TlsWait wait = TlsWait::kNone;  // not kNone: nothing moved; poll, then call again with the same bytes
    bool end = false;               // the peer ended its direction (close_notify)
};

// One connection over a non-blocking socket.
class TlsStream {
public:
    // Takes the socket and makes it non-blocking.
    [[nodiscard]] static Result<TlsStream> make(const TlsContext& context, UniqueFd socket);

    // One step of the handshake: kNone when it is complete. Errors: unauthenticated, with the reason.
    [[nodiscard]] Result<TlsWait> handshake();
    // The whole handshake, polling; deadline-exceeded after `timeout`.
    [[nodiscard]] Result<void> handshake_within(Duration timeout);
    // Precondition: the handshake is complete.
    [[nodiscard]] Result<Identity> peer_identity() const;
    // The URI of it, as in the certificate.
    [[nodiscard]] Result<std::string> peer_identity_uri() const;
    // Keying material bound to this connection (RFC 8446, 7.5; RFC 5705).
    [[nodiscard]] Result<std::string> exporter(std::string_view label, std::size_t bytes) const;

    // Errors of read and write: unavailable, when the connection broke. An end without close_notify is one:
    // a cut connection must not pass for the end of the data.
    [[nodiscard]] Result<TlsTransfer> read(char* buffer, std::size_t size);
    [[nodiscard]] Result<TlsTransfer> write(std::string_view bytes);
    // Ends our direction (close_notify); the peer's may go on.
    [[nodiscard]] Result<TlsWait> end_write();
    // Bytes already decrypted, which poll(2) on the socket does not show.
    [[nodiscard]] bool has_pending() const;
    [[nodiscard]] int fd() const { return socket_.get(); }
    [[nodiscard]] ssl_st* native() const { return ssl_.get(); }

private:
    TlsStream(UniqueFd socket, std::shared_ptr<ssl_st> ssl)
        : socket_(std::move(socket)), ssl_(std::move(ssl)) {}

    UniqueFd socket_;  // outlives ssl_, which uses it
    std::shared_ptr<ssl_st> ssl_;
};

}  // namespace ararat::platform
