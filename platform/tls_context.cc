#include "platform/tls_context.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "platform/clock.h"
#include "platform/files.h"
#include "platform/openssl_handles.h"

namespace ararat::platform {
namespace {

// Session tickets off: a resumed session would skip the certificate. 0 also keeps a server from writing
// tickets after the handshake, to which a peer that only writes and closes would answer with a reset.
constexpr std::size_t kSessionTickets = 0;

Result<void> use_credentials(SSL_CTX* context, const TlsCredentials& credentials) {
    ARARAT_ASSIGN_OR_RETURN(const CertificateHandle certificate,
                            read_certificate(credentials.certificate_pem));
    ARARAT_ASSIGN_OR_RETURN(const KeyHandle key, read_private_key(credentials.key_pem));
    ARARAT_ASSIGN_OR_RETURN(const CertificateHandle ca, read_certificate(credentials.ca_pem));
    if (SSL_CTX_use_certificate(context, certificate.get()) != 1 ||
        SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
        return openssl_error("certificate and key do not fit", ErrorCode::kInvalidArgument);
    }
    if (X509_STORE_add_cert(SSL_CTX_get_cert_store(context), ca.get()) != 1) {
        return openssl_error("cannot use the CA's certificate");
    }
    return {};
}

// Why the peer was refused, or it refused us, in words that name the certificate problem.
Error handshake_error(SSL* ssl, int ssl_error) {
    const long verdict = SSL_get_verify_result(ssl);
    if (verdict != X509_V_OK) {
        ERR_clear_error();
        return Error{ErrorCode::kUnauthenticated, fmt::format("TLS handshake: the peer's certificate: {}",
                                                              X509_verify_cert_error_string(verdict))};
    }
    const unsigned long reason = ERR_peek_error();
    const bool cut =
        ERR_GET_LIB(reason) == ERR_LIB_SSL && ERR_GET_REASON(reason) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
    if (cut || (ssl_error == SSL_ERROR_SYSCALL && reason == 0)) {
        ERR_clear_error();
        return Error{ErrorCode::kUnavailable, "TLS handshake: the peer closed the connection"};
    }
    return openssl_error("TLS handshake", ErrorCode::kUnauthenticated);
}

Error transfer_error(std::string_view what, int ssl_error, int error_number) {
    if (ssl_error == SSL_ERROR_SYSCALL && ERR_peek_error() == 0 && error_number != 0) {
        Error error = errno_error(error_number, what);
        error.code = ErrorCode::kUnavailable;
        return error;
    }
    return openssl_error(what, ErrorCode::kUnavailable);
}

int bounded(std::size_t size) { return static_cast<int>(std::min<std::size_t>(size, INT_MAX)); }

}  // namespace

Result<TlsCredentials> load_tls_credentials(const std::string& certificate_file, const std::string& key_file,
                                            const std::string& ca_file) {
    constexpr std::size_t kPemBytesMax = 65536;
    TlsCredentials credentials;
    ARARAT_ASSIGN_OR_RETURN(credentials.certificate_pem, read_file(certificate_file, kPemBytesMax));
    ARARAT_ASSIGN_OR_RETURN(credentials.key_pem, read_file(key_file, kPemBytesMax));
    ARARAT_ASSIGN_OR_RETURN(credentials.ca_pem, read_file(ca_file, kPemBytesMax));
    return credentials;
}

Result<TlsContext> TlsContext::make(TlsRole role, const TlsCredentials& credentials) {
    std::shared_ptr<SSL_CTX> context(
        SSL_CTX_new(role == TlsRole::kServer ? TLS_server_method() : TLS_client_method()), SSL_CTX_free);
    if (!context) return openssl_error("cannot make a TLS context");
    SSL_CTX* raw = context.get();
    SSL_CTX_set_verify(raw, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(raw, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_options(raw, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
    if (SSL_CTX_set_min_proto_version(raw, TLS1_3_VERSION) != 1 ||
        SSL_CTX_set_num_tickets(raw, kSessionTickets) != 1) {
        return openssl_error("cannot set up a TLS context");
    }
    ARARAT_RETURN_IF_ERROR(use_credentials(raw, credentials));
    return TlsContext(role, std::move(context));
}

Result<TlsStream> TlsStream::make(const TlsContext& context, UniqueFd socket) {
    const int flags = ::fcntl(socket.get(), F_GETFL);
    if (flags < 0 || ::fcntl(socket.get(), F_SETFL, flags | O_NONBLOCK) != 0) {
        return errno_error(errno, "set up a socket");
    }
    std::shared_ptr<SSL> ssl(SSL_new(context.native()), SSL_free);
    if (!ssl || SSL_set_fd(ssl.get(), socket.get()) != 1) return openssl_error("cannot make a TLS stream");
    if (context.role() == TlsRole::kServer) {
        SSL_set_accept_state(ssl.get());
    } else {
        SSL_set_connect_state(ssl.get());
    }
    return TlsStream(std::move(socket), std::move(ssl));
}

Result<TlsWait> TlsStream::handshake() {
    ERR_clear_error();
    const int done = SSL_do_handshake(ssl_.get());
    if (done == 1) return TlsWait::kNone;
    const int ssl_error = SSL_get_error(ssl_.get(), done);
    if (ssl_error == SSL_ERROR_WANT_READ) return TlsWait::kRead;
    if (ssl_error == SSL_ERROR_WANT_WRITE) return TlsWait::kWrite;
    return handshake_error(ssl_.get(), ssl_error);
}

Result<void> TlsStream::handshake_within(Duration timeout) {
    SystemClock clock;
    const Duration deadline = clock.boottime() + timeout;
    while (true) {
        ARARAT_ASSIGN_OR_RETURN(const TlsWait wait, handshake());
        if (wait == TlsWait::kNone) return {};
        const auto left_ms = (deadline - clock.boottime()).count();
        if (left_ms <= 0) return Error{ErrorCode::kDeadlineExceeded, "TLS handshake: no answer in time"};
        pollfd item{socket_.get(), static_cast<short>(wait == TlsWait::kRead ? POLLIN : POLLOUT), 0};
        const int timeout_ms = static_cast<int>(std::min<std::int64_t>(left_ms, INT_MAX));
        if (::poll(&item, 1, timeout_ms) < 0 && errno != EINTR) return errno_error(errno, "poll");
    }
}

Result<std::string> TlsStream::peer_identity_uri() const {
    const X509* certificate = SSL_get0_peer_certificate(ssl_.get());
    if (certificate == nullptr) return Error{ErrorCode::kUnauthenticated, "the peer showed no certificate"};
    return identity_uri_of(certificate);
}

Result<Identity> TlsStream::peer_identity() const {
    ARARAT_ASSIGN_OR_RETURN(const std::string uri, peer_identity_uri());
    return parse_identity_uri(uri);
}

Result<std::string> TlsStream::exporter(std::string_view label, std::size_t bytes) const {
    std::string material(bytes, '\0');
    if (SSL_export_keying_material(ssl_.get(), reinterpret_cast<unsigned char*>(material.data()), bytes,
                                   label.data(), label.size(), nullptr, 0, 0) != 1) {
        return openssl_error("cannot export keying material");
    }
    return material;
}

Result<TlsTransfer> TlsStream::read(char* buffer, std::size_t size) {
    ERR_clear_error();
    errno = 0;
    const int count = SSL_read(ssl_.get(), buffer, bounded(size));
    const int error_number = errno;
    if (count > 0) return TlsTransfer{static_cast<std::size_t>(count), TlsWait::kNone, false};
    const int ssl_error = SSL_get_error(ssl_.get(), count);
    switch (ssl_error) {
        case SSL_ERROR_WANT_READ: return TlsTransfer{0, TlsWait::kRead, false};
        case SSL_ERROR_WANT_WRITE: return TlsTransfer{0, TlsWait::kWrite, false};
        case SSL_ERROR_ZERO_RETURN: return TlsTransfer{0, TlsWait::kNone, true};
        default: return transfer_error("read", ssl_error, error_number);
    }
}

Result<TlsTransfer> TlsStream::write(std::string_view bytes) {
    if (bytes.empty()) return TlsTransfer{};
    ERR_clear_error();
    errno = 0;
    const int count = SSL_write(ssl_.get(), bytes.data(), bounded(bytes.size()));
    const int error_number = errno;
    if (count > 0) return TlsTransfer{static_cast<std::size_t>(count), TlsWait::kNone, false};
    const int ssl_error = SSL_get_error(ssl_.get(), count);
    switch (ssl_error) {
        case SSL_ERROR_WANT_READ: return TlsTransfer{0, TlsWait::kRead, false};
        case SSL_ERROR_WANT_WRITE: return TlsTransfer{0, TlsWait::kWrite, false};
        default: return transfer_error("write", ssl_error, error_number);
    }
}

Result<TlsWait> TlsStream::end_write() {
    // A second call would read, and trip over data that the peer may still send.
    if ((SSL_get_shutdown(ssl_.get()) & SSL_SENT_SHUTDOWN) != 0) return TlsWait::kNone;
    ERR_clear_error();
    const int done = SSL_shutdown(ssl_.get());
    if (done >= 0) return TlsWait::kNone;  // 0: sent, the peer's has not come yet
    const int ssl_error = SSL_get_error(ssl_.get(), done);
    if (ssl_error == SSL_ERROR_WANT_WRITE) return TlsWait::kWrite;
    if (ssl_error == SSL_ERROR_WANT_READ) return TlsWait::kNone;
    return transfer_error("end of data", ssl_error, errno);
}

bool TlsStream::has_pending() const { return SSL_pending(ssl_.get()) > 0; }

}  // namespace ararat::platform
