#include "trust/orchestrator_credentials.h"

#include <grpcpp/grpcpp.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_certificate_verifier.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <vector>

#include "platform/clock.h"
#include "platform/pki.h"

namespace ararat::trust {

namespace {

namespace tls = grpc::experimental;

std::string to_text(grpc::string_ref text) { return {text.data(), text.size()}; }

std::vector<std::string> certificates_in(const std::string& chain_pem) {
    static constexpr std::string_view kEnd = "-----END CERTIFICATE-----";
    std::vector<std::string> certificates;
    std::size_t begin = 0;
    for (std::size_t end = chain_pem.find(kEnd); end != std::string::npos;
         end = chain_pem.find(kEnd, begin)) {
        certificates.push_back(chain_pem.substr(begin, end + kEnd.size() - begin) + "\n");
        begin = end + kEnd.size();
    }
    return certificates;
}

// The certificate in the peer's chain that has the pinned fingerprint: the CA.
Result<std::string> pinned_ca(const std::string& ca_sha256, const std::string& chain_pem) {
    for (const std::string& certificate : certificates_in(chain_pem)) {
        const auto fingerprint = platform::certificate_fingerprint(certificate);
        if (fingerprint.ok() && fingerprint.value() == ca_sha256) return certificate;
    }
    return Error{ErrorCode::kUnauthenticated, "the server shows no CA with the fingerprint " + ca_sha256};
}

class OrchestratorVerifier final : public tls::ExternalCertificateVerifier {
public:
    explicit OrchestratorVerifier(OrchestratorTrust trust) : trust_(std::move(trust)) {}
    ~OrchestratorVerifier() override = default;

    bool Verify(tls::TlsCustomVerificationCheckRequest* request, std::function<void(grpc::Status)> callback,
                grpc::Status* sync_status) override {
        (void)callback;
        const auto checked = check_orchestrator(trust_, to_text(request->peer_cert()),
                                                to_text(request->peer_cert_full_chain()));
        *sync_status = checked.ok() ? grpc::Status::OK
                                    : grpc::Status(grpc::StatusCode::UNAUTHENTICATED, checked.error().text());
        return true;
    }
    void Cancel(tls::TlsCustomVerificationCheckRequest* request) override { (void)request; }

private:
    OrchestratorTrust trust_;
};

}  // namespace

Result<void> check_orchestrator(const OrchestratorTrust& trust, const std::string& certificate_pem,
                                const std::string& chain_pem) {
    std::string ca_pem = trust.ca_pem;
    if (ca_pem.empty()) {
        ARARAT_ASSIGN_OR_RETURN(ca_pem, pinned_ca(trust.ca_sha256, chain_pem));
    }
    platform::SystemClock clock;
    ARARAT_ASSIGN_OR_RETURN(const platform::Identity identity,
                            platform::verify_certificate(ca_pem, certificate_pem, clock.now()));
    if (identity.kind != platform::IdentityKind::kOrchestrator) {
        return Error{ErrorCode::kUnauthenticated,
                     platform::identity_uri(identity) + " is not an orchestrator"};
    }
    if (!trust.project.empty() && identity.project != trust.project) {
        return Error{ErrorCode::kUnauthenticated,
                     "the orchestrator of project " + identity.project + ", not " + trust.project};
    }
    return {};
}

std::shared_ptr<grpc::ChannelCredentials> orchestrator_credentials(const OrchestratorTrust& trust,
                                                                   const OwnIdentity& own) {
    std::vector<tls::IdentityKeyCertPair> pairs;
    if (!own.key_pem.empty()) pairs.push_back({own.key_pem, own.certificate_pem});
    tls::TlsChannelCredentialsOptions options;
    // With the CA at hand gRPC checks the chain too; with a fingerprint only, the verifier does it all.
    options.set_verify_server_certs(!trust.ca_pem.empty());
    options.set_check_call_host(false);
    if (!trust.ca_pem.empty() || !pairs.empty()) {
        options.set_certificate_provider(
            trust.ca_pem.empty() ? std::make_shared<tls::StaticDataCertificateProvider>(pairs)
                                 : std::make_shared<tls::StaticDataCertificateProvider>(trust.ca_pem, pairs));
    }
    if (!trust.ca_pem.empty()) options.watch_root_certs();
    if (!pairs.empty()) options.watch_identity_key_cert_pairs();
    options.set_certificate_verifier(tls::ExternalCertificateVerifier::Create<OrchestratorVerifier>(trust));
    return tls::TlsCredentials(options);
}

}  // namespace ararat::trust
