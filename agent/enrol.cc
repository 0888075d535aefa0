#include "agent/enrol.h"

#include <grpcpp/grpcpp.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <chrono>

#include "agent/supervisor/standard_input.h"
#include "ararat/v1/enrol.grpc.pb.h"
#include "base/join.h"
#include "platform/clock.h"
#include "platform/files.h"
#include "platform/pki.h"
#include "trust/orchestrator_credentials.h"

namespace ararat::agent {

namespace {

constexpr std::chrono::seconds kEnrolTimeout{30};
constexpr std::size_t kTokenBytesMax = 4096;

// As people paste it: "SHA256:AB:CD..." or plain hexadecimal.
std::string plain_fingerprint(std::string text) {
    for (const char* prefix : {"sha256:", "SHA256:"}) {
        if (text.starts_with(prefix)) text.erase(0, 7);
    }
    std::erase(text, ':');
    std::ranges::transform(text, text.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

Result<trust::OrchestratorTrust> trust_of(const EnrolOptions& options) {
    trust::OrchestratorTrust trust;
    if (!options.ca_file.empty()) {
        ARARAT_ASSIGN_OR_RETURN(trust.ca_pem, platform::read_file(options.ca_file, std::size_t{1} << 20U));
    }
    trust.ca_sha256 = plain_fingerprint(options.ca_sha256);
    if (trust.ca_pem.empty() && trust.ca_sha256.size() != 64) {
        return Error{ErrorCode::kInvalidArgument,
                     "the project's CA is needed, as --ca FILE or --ca-sha256 FINGERPRINT"};
    }
    return trust;
}

// Whether the orchestrator has said no, or could not say anything, or not now.
bool is_verdict(grpc::StatusCode code) {
    return code == grpc::StatusCode::PERMISSION_DENIED || code == grpc::StatusCode::INVALID_ARGUMENT;
}

// Errors: permission-denied when it was judged; unavailable: another one may be asked.
Result<v1::EnrolResponse> ask(const EnrolOptions& options, const std::string& orchestrator,
                              const trust::OrchestratorTrust& trust, const std::string& csr_pem) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
    const auto channel =
        grpc::CreateCustomChannel(orchestrator, trust::orchestrator_credentials(trust, {}), arguments);
    const auto stub = v1::Enrol::NewStub(channel);
    v1::EnrolRequest request;
    request.set_token(options.token);
    request.set_csr_pem(csr_pem);
    request.set_host(options.host);
    v1::EnrolResponse response;
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kEnrolTimeout);
    const grpc::Status status = stub->Enrol(&context, request, &response);
    if (status.ok()) return response;
    return Error{is_verdict(status.error_code()) ? ErrorCode::kPermissionDenied : ErrorCode::kUnavailable,
                 status.error_message(), orchestrator};
}

Result<v1::EnrolResponse> ask_in_turn(const EnrolOptions& options, const trust::OrchestratorTrust& trust,
                                      const std::string& csr_pem) {
    std::vector<std::string> reasons;
    for (const std::string& orchestrator : options.orchestrators) {
        auto response = ask(options, orchestrator, trust, csr_pem);
        if (response.ok() || response.error().code != ErrorCode::kUnavailable) return response;
        reasons.push_back(response.error().text());
    }
    return Error{ErrorCode::kUnavailable, join(reasons, "\n")};
}

// What came back must be ours: signed by the CA we trust, for our key, in our name.
Result<void> check_response(const EnrolOptions& options, const trust::OrchestratorTrust& trust,
                            const v1::EnrolResponse& response, const std::string& key_pem) {
    ARARAT_ASSIGN_OR_RETURN(const std::string fingerprint,
                            platform::certificate_fingerprint(response.ca_pem()));
    if (trust.ca_pem.empty() && fingerprint != trust.ca_sha256) {
        return Error{ErrorCode::kUnauthenticated,
                     "the CA that was sent is not the one with the given fingerprint"};
    }
    const std::string& ca_pem = trust.ca_pem.empty() ? response.ca_pem() : trust.ca_pem;
    platform::SystemClock clock;
    ARARAT_ASSIGN_OR_RETURN(const platform::Identity identity,
                            platform::verify_certificate(ca_pem, response.certificate_pem(), clock.now()));
    const bool is_ours = identity.kind == platform::IdentityKind::kAgent && identity.name == options.host;
    if (!is_ours) {
        return Error{ErrorCode::kUnauthenticated, "the token is for " + platform::identity_uri(identity) +
                                                      ", not for an agent on " + options.host};
    }
    return platform::check_key_matches(key_pem, response.certificate_pem());
}

}  // namespace

Result<std::string> read_token(const std::string& file) {
    const bool is_input = file == "-";
    ARARAT_ASSIGN_OR_RETURN(std::string text, is_input ? read_to_end(STDIN_FILENO, kTokenBytesMax)
                                                       : platform::read_file(file, kTokenBytesMax));
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) text.pop_back();
    if (text.empty() || text.find_first_of(" \t\r\n") != std::string::npos) {
        return Error{ErrorCode::kInvalidArgument, "holds no token", is_input ? "standard input" : file};
    }
    return text;
}

Result<Enrolled> enrol(const EnrolOptions& options) {
    ARARAT_ASSIGN_OR_RETURN(const trust::OrchestratorTrust trust, trust_of(options));
    ARARAT_ASSIGN_OR_RETURN(const platform::KeyPair key, platform::generate_p256());
    ARARAT_ASSIGN_OR_RETURN(const std::string csr_pem, platform::make_csr(key));
    ARARAT_ASSIGN_OR_RETURN(const v1::EnrolResponse response, ask_in_turn(options, trust, csr_pem));
    ARARAT_RETURN_IF_ERROR(check_response(options, trust, response, key.key_pem));
    const std::string& directory = options.directory;
    ARARAT_RETURN_IF_ERROR(platform::make_dirs(directory, 0711));
    // An older certificate must not stand beside the new key.
    ARARAT_RETURN_IF_ERROR(platform::remove_file(directory + "/agent.crt"));
    ARARAT_RETURN_IF_ERROR(platform::write_file_durable(directory + "/agent.key", key.key_pem, 0600));
    ARARAT_RETURN_IF_ERROR(platform::write_file_durable(
        directory + "/ca.crt", trust.ca_pem.empty() ? response.ca_pem() : trust.ca_pem, 0644));
    // The certificate last: whoever finds it finds the rest.
    ARARAT_RETURN_IF_ERROR(
        platform::write_file_durable(directory + "/agent.crt", response.certificate_pem(), 0644));
    return Enrolled{response.identity(), {response.warnings().begin(), response.warnings().end()}};
}

}  // namespace ararat::agent
