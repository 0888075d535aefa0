// Certificates; keys and signatures are in pki_keys.cc.
#include "platform/pki.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/bn.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>

#include <array>
#include <ctime>
#include <optional>

#include "base/identifier.h"
#include "base/join.h"
#include "base/sha256.h"
#include "base/utf8.h"
#include "platform/openssl_handles.h"
#include "platform/random.h"

namespace ararat::platform {
namespace {

constexpr auto kClockSkew = std::chrono::hours(1);
constexpr int kDaysMax = 36'500;
constexpr std::size_t kSubjectBytesMax = 256;

std::time_t seconds_of(Instant instant) {
    return std::chrono::floor<std::chrono::seconds>(instant).time_since_epoch().count();
}

// A version 3 certificate with what all of ours share. Its issuer is not set yet.
Result<CertificateHandle> new_certificate(const std::string& common_name, EVP_PKEY* key, Instant now,
                                          int days) {
    if (days < 1 || days > kDaysMax) {
        return Error{ErrorCode::kInvalidArgument, fmt::format("{} days: 1 to {}", days, kDaysMax)};
    }
    CertificateHandle certificate(X509_new());
    std::string serial = random_bytes(16);
    serial[0] = static_cast<char>((static_cast<unsigned char>(serial[0]) & 0x3FU) | 0x40U);  // positive
    const OpensslHandle<BIGNUM, BN_free> number(BN_bin2bn(
        reinterpret_cast<const unsigned char*>(serial.data()), static_cast<int>(serial.size()), nullptr));
    const auto until = now + std::chrono::hours(24) * days;
    // RFC 5280 bounds a common name at 64 characters. Nothing decides by it.
    const std::string name = common_name.substr(0, 64);
    X509* raw = certificate.get();
    if (raw == nullptr || !number || X509_set_version(raw, X509_VERSION_3) != 1 ||
        BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(raw)) == nullptr ||
        ASN1_TIME_set(X509_getm_notBefore(raw), seconds_of(now - kClockSkew)) == nullptr ||
        ASN1_TIME_set(X509_getm_notAfter(raw), seconds_of(until)) == nullptr ||
        X509_NAME_add_entry_by_txt(X509_get_subject_name(raw), "CN", MBSTRING_UTF8,
                                   reinterpret_cast<const unsigned char*>(name.data()),
                                   static_cast<int>(name.size()), -1, 0) != 1 ||
        X509_set_pubkey(raw, key) != 1) {
        return openssl_error("cannot make a certificate");
    }
    return certificate;
}

Result<void> add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509V3_set_ctx_nodb(&context);
    const ExtensionHandle extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
    if (!extension || X509_add_ext(certificate, extension.get(), -1) != 1) {
        return openssl_error("cannot add to a certificate: " + value);
    }
    return {};
}

Result<std::string> signed_pem(X509* certificate, EVP_PKEY* issuer_key) {
    const BioHandle out(BIO_new(BIO_s_mem()));
    if (X509_sign(certificate, issuer_key, EVP_sha256()) == 0 || !out ||
        PEM_write_bio_X509(out.get(), certificate) != 1) {
        return openssl_error("cannot sign a certificate");
    }
    return bio_text(out.get());
}

bool is_dns_name(std::string_view name) {
    if (name.empty() || name.size() > 253) return false;
    for (const std::string& label : split(name, '.')) {
        if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
        for (const char c : label) {
            const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            if (!letter && !(c >= '0' && c <= '9') && c != '-' && c != '_') return false;
        }
    }
    return true;
}

bool is_address(const std::string& name) {
    std::array<unsigned char, 16> address{};
    return ::inet_pton(AF_INET, name.c_str(), address.data()) == 1 ||
           ::inet_pton(AF_INET6, name.c_str(), address.data()) == 1;
}

// "URI:...,DNS:...,IP:...", OpenSSL's own notation; every value is checked first, for a comma in one of
// them would add a name.
Result<std::string> alternative_names(const Identity& identity, const std::vector<std::string>& dns_or_ip) {
    const std::string uri = identity_uri(identity);
    if (auto parsed = parse_identity_uri(uri); !parsed.ok()) {
        return Error{ErrorCode::kInvalidArgument, parsed.error().message};
    }
    std::string names = "URI:" + uri;
    for (const std::string& name : dns_or_ip) {
        ARARAT_RETURN_IF_ERROR(check_host_name(name));
        names += (is_address(name) ? ",IP:" : ",DNS:") + name;
    }
    return names;
}

Result<RequestHandle> read_request(std::string_view pem) {
    const BioHandle bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    RequestHandle request(bio ? PEM_read_bio_X509_REQ(bio.get(), nullptr, nullptr, nullptr) : nullptr);
    if (!request) {
        return openssl_error("not a certificate request in PEM form", ErrorCode::kInvalidArgument);
    }
    EVP_PKEY* key = X509_REQ_get0_pubkey(request.get());
    if (key == nullptr || !is_p256(key)) {
        return Error{ErrorCode::kInvalidArgument, "the request's key is not a P-256 key"};
    }
    // Proof that whoever asks holds the private key.
    if (X509_REQ_verify(request.get(), key) != 1) {
        return openssl_error("the request's signature is not of its key", ErrorCode::kInvalidArgument);
    }
    return request;
}

std::string common_name_of(const Identity& identity) {
    switch (identity.kind) {
        case IdentityKind::kOrchestrator: return "orchestrator of " + identity.project;
        case IdentityKind::kAgent: return "agent " + identity.name;
        case IdentityKind::kPerson: return identity.name;
    }
    return identity.name;
}

}  // namespace

Result<CertificateAuthority> make_ca(std::string_view project, Instant now, int days) {
    ARARAT_RETURN_IF_ERROR(check_identifier(project));
    ARARAT_ASSIGN_OR_RETURN(KeyPair pair, generate_p256());
    ARARAT_ASSIGN_OR_RETURN(const KeyHandle key, read_private_key(pair.key_pem));
    ARARAT_ASSIGN_OR_RETURN(const CertificateHandle certificate,
                            new_certificate("Ararat CA of " + std::string(project), key.get(), now, days));
    X509* raw = certificate.get();
    if (X509_set_issuer_name(raw, X509_get_subject_name(raw)) != 1) {
        return openssl_error("cannot make a certificate");
    }
    ARARAT_RETURN_IF_ERROR(add_extension(raw, raw, NID_basic_constraints, "critical,CA:TRUE,pathlen:0"));
    ARARAT_RETURN_IF_ERROR(add_extension(raw, raw, NID_key_usage, "critical,keyCertSign,cRLSign"));
    ARARAT_RETURN_IF_ERROR(add_extension(raw, raw, NID_subject_key_identifier, "hash"));
    ARARAT_ASSIGN_OR_RETURN(std::string pem, signed_pem(raw, key.get()));
    return CertificateAuthority{std::move(pair.key_pem), std::move(pem)};
}

Result<std::string> make_csr(const KeyPair& pair) {
    ARARAT_ASSIGN_OR_RETURN(const KeyHandle key, read_private_key(pair.key_pem));
    const RequestHandle request(X509_REQ_new());
    const BioHandle out(BIO_new(BIO_s_mem()));
    if (!request || !out || X509_REQ_set_version(request.get(), X509_REQ_VERSION_1) != 1 ||
        X509_REQ_set_pubkey(request.get(), key.get()) != 1 ||
        X509_REQ_sign(request.get(), key.get(), EVP_sha256()) == 0 ||
        PEM_write_bio_X509_REQ(out.get(), request.get()) != 1) {
        return openssl_error("cannot make a certificate request");
    }
    return bio_text(out.get());
}

Result<void> check_host_name(const std::string& name) {
    if (is_address(name) || is_dns_name(name)) return {};
    return Error{ErrorCode::kInvalidArgument, "'" + name + "' is neither a DNS name nor an address"};
}

Result<std::string> issue(const CertificateAuthority& ca, std::string_view csr_pem, const Identity& identity,
                          Instant now, int days, const std::vector<std::string>& dns_or_ip) {
    ARARAT_ASSIGN_OR_RETURN(const std::string names, alternative_names(identity, dns_or_ip));
    ARARAT_ASSIGN_OR_RETURN(const RequestHandle request, read_request(csr_pem));
    ARARAT_ASSIGN_OR_RETURN(const KeyHandle ca_key, read_private_key(ca.key_pem));
    ARARAT_ASSIGN_OR_RETURN(const CertificateHandle issuer, read_certificate(ca.certificate_pem));
    ARARAT_ASSIGN_OR_RETURN(
        const CertificateHandle certificate,
        new_certificate(common_name_of(identity), X509_REQ_get0_pubkey(request.get()), now, days));
    X509* raw = certificate.get();
    if (X509_set_issuer_name(raw, X509_get_subject_name(issuer.get())) != 1) {
        return openssl_error("cannot make a certificate");
    }
    // Agents and the orchestrator are servers and clients of each other; a person only ever asks.
    const char* usage = identity.kind == IdentityKind::kPerson ? "clientAuth" : "clientAuth,serverAuth";
    ARARAT_RETURN_IF_ERROR(add_extension(raw, issuer.get(), NID_basic_constraints, "critical,CA:FALSE"));
    ARARAT_RETURN_IF_ERROR(add_extension(raw, issuer.get(), NID_key_usage, "critical,digitalSignature"));
    ARARAT_RETURN_IF_ERROR(add_extension(raw, issuer.get(), NID_ext_key_usage, usage));
    ARARAT_RETURN_IF_ERROR(add_extension(raw, issuer.get(), NID_subject_key_identifier, "hash"));
    ARARAT_RETURN_IF_ERROR(add_extension(raw, issuer.get(), NID_authority_key_identifier, "keyid:always"));
    ARARAT_RETURN_IF_ERROR(add_extension(raw, issuer.get(), NID_subject_alt_name, names));
    return signed_pem(raw, ca_key.get());
}

Result<Identity> parse_identity(std::string_view certificate_pem) {
    ARARAT_ASSIGN_OR_RETURN(const CertificateHandle certificate, read_certificate(certificate_pem));
    ARARAT_ASSIGN_OR_RETURN(const std::string uri, identity_uri_of(certificate.get()));
    return parse_identity_uri(uri);
}

namespace {

// No time: whatever it is.
Result<Identity> verify_at(std::string_view ca_pem, std::string_view certificate_pem,
                           std::optional<Instant> time) {
    ARARAT_ASSIGN_OR_RETURN(const CertificateHandle ca, read_certificate(ca_pem));
    ARARAT_ASSIGN_OR_RETURN(const CertificateHandle certificate, read_certificate(certificate_pem));
    const StoreHandle store(X509_STORE_new());
    const StoreContextHandle context(X509_STORE_CTX_new());
    if (!store || !context || X509_STORE_add_cert(store.get(), ca.get()) != 1 ||
        X509_STORE_CTX_init(context.get(), store.get(), certificate.get(), nullptr) != 1) {
        return openssl_error("cannot check a certificate");
    }
    if (time) {
        X509_STORE_CTX_set_time(context.get(), 0, seconds_of(*time));
    } else {
        X509_STORE_CTX_set_flags(context.get(), X509_V_FLAG_NO_CHECK_TIME);
    }
    // Whoever has a certificate of ours may be a client with it.
    X509_STORE_CTX_set_purpose(context.get(), X509_PURPOSE_SSL_CLIENT);
    if (X509_verify_cert(context.get()) != 1) {
        const int reason = X509_STORE_CTX_get_error(context.get());
        return Error{ErrorCode::kUnauthenticated, fmt::format("the certificate does not verify: {}",
                                                              X509_verify_cert_error_string(reason))};
    }
    ARARAT_ASSIGN_OR_RETURN(const std::string uri, identity_uri_of(certificate.get()));
    return parse_identity_uri(uri);
}

}  // namespace

Result<Identity> verify_certificate(std::string_view ca_pem, std::string_view certificate_pem, Instant now) {
    return verify_at(ca_pem, certificate_pem, now);
}

Result<Identity> identity_at_any_time(std::string_view ca_pem, std::string_view certificate_pem) {
    return verify_at(ca_pem, certificate_pem, std::nullopt);
}

Result<std::string> certificate_fingerprint(std::string_view certificate_pem) {
    ARARAT_ASSIGN_OR_RETURN(const CertificateHandle certificate, read_certificate(certificate_pem));
    unsigned char* der = nullptr;
    const int size = i2d_X509(certificate.get(), &der);
    if (size < 0) return openssl_error("cannot encode a certificate");
    std::string bytes(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    return sha256_hex(bytes);
}

Result<std::string> certificate_subject(std::string_view certificate_pem) {
    ARARAT_ASSIGN_OR_RETURN(const CertificateHandle certificate, read_certificate(certificate_pem));
    const BioHandle out(BIO_new(BIO_s_mem()));
    if (!out ||
        X509_NAME_print_ex(out.get(), X509_get_subject_name(certificate.get()), 0, XN_FLAG_RFC2253) < 0) {
        return openssl_error("the certificate's subject cannot be read", ErrorCode::kInvalidArgument);
    }
    return displayable_line(bio_text(out.get()).substr(0, kSubjectBytesMax));
}

Result<Instant> certificate_not_after(std::string_view certificate_pem) {
    ARARAT_ASSIGN_OR_RETURN(const CertificateHandle certificate, read_certificate(certificate_pem));
    std::tm utc{};
    if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &utc) != 1) {
        return openssl_error("the certificate's end cannot be read", ErrorCode::kInvalidArgument);
    }
    return Instant{std::chrono::seconds{::timegm(&utc)}};
}

}  // namespace ararat::platform
