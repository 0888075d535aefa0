#include "server/client_certificate.h"

#include <fmt/format.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_certificate_verifier.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <utility>
#include <vector>

#include "base/time_text.h"
#include "platform/clock.h"
#include "platform/log.h"
#include "platform/pki.h"
#include "server/alert_pace.h"

namespace ararat::server {
namespace {

namespace tls = grpc::experimental;

class ClientVerifier final : public tls::ExternalCertificateVerifier {
public:
    ClientVerifier(std::string ca_pem, RefusedClient refused)
        : ca_pem_(std::move(ca_pem)), refused_(std::move(refused)) {}
    ~ClientVerifier() override = default;

    bool Verify(tls::TlsCustomVerificationCheckRequest* request, std::function<void(grpc::Status)> callback,
                grpc::Status* sync_status) override {
        (void)callback;
        const grpc::string_ref certificate = request->peer_cert();
        const auto checked =
            check_client(ca_pem_, {certificate.data(), certificate.size()}, clock_.now(), refused_);
        *sync_status = grpc::Status::OK;
        if (checked.ok()) return true;
        const std::string& why = checked.error().message;
        if (const auto left_out = pace_.admit(why, clock_.boottime())) {
            spdlog::warn("alert: a connection was refused: {}{}", why,
                         *left_out > 0 ? fmt::format("; {} more were left out before", *left_out) : "");
        }
        *sync_status = grpc::Status(grpc::StatusCode::UNAUTHENTICATED, checked.error().message);
        return true;
    }
    void Cancel(tls::TlsCustomVerificationCheckRequest* request) override { (void)request; }

private:
    std::string ca_pem_;
    RefusedClient refused_;
    platform::SystemClock clock_;
    AlertPace pace_;
};

// Which one it was, for whoever looks for where it came from: its words are anybody's, its hash is not.
std::string marks_of(const std::string& certificate_pem) {
    const auto fingerprint = platform::certificate_fingerprint(certificate_pem);
    const auto subject = platform::certificate_subject(certificate_pem);
    if (!fingerprint.ok() || !subject.ok()) return "a certificate that cannot be read";
    return fmt::format("certificate SHA-256 {}, subject \"{}\"", *fingerprint, *subject);
}

}  // namespace

Result<void> check_client(const std::string& ca_pem, const std::string& certificate_pem, Instant now,
                          const RefusedClient& refused) {
    const auto verified = platform::verify_certificate(ca_pem, certificate_pem, now);
    if (verified.ok()) return {};
    const auto whose = platform::identity_at_any_time(ca_pem, certificate_pem);
    if (!whose.ok()) {
        return Error{ErrorCode::kUnauthenticated,
                     fmt::format("{}: {}", marks_of(certificate_pem), verified.error().message)};
    }
    const auto end = platform::certificate_not_after(certificate_pem);
    const std::string reason = end.ok() && *end < now
                                   ? fmt::format("its certificate expired at {}", time_text(*end))
                                   : verified.error().message;
    if (refused) refused(*whose, reason);
    return Error{ErrorCode::kUnauthenticated, fmt::format("{}: {} ({})", platform::identity_uri(*whose),
                                                          reason, marks_of(certificate_pem))};
}

std::shared_ptr<grpc::ServerCredentials> mutual_tls(const ServerIdentity& identity, RefusedClient refused) {
    const std::vector<tls::IdentityKeyCertPair> own = {
        {identity.key_pem, identity.certificate_pem + identity.ca_pem}};
    tls::TlsServerCredentialsOptions options(
        std::make_shared<tls::StaticDataCertificateProvider>(identity.ca_pem, own));
    options.watch_root_certs();
    options.watch_identity_key_cert_pairs();
    options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_BUT_DONT_VERIFY);
    options.set_certificate_verifier(
        tls::ExternalCertificateVerifier::Create<ClientVerifier>(identity.ca_pem, std::move(refused)));
    options.set_check_call_host(false);
    return tls::TlsServerCredentials(options);
}

}  // namespace ararat::server
