// The project's own certificate authority and everybody's P-256 keys, over OpenSSL's EVP interface.
// Keys and certificates travel as PEM text, signatures as DER (ECDSA over SHA-256).
// Thread promise: free functions, any thread.
// Errors: invalid-argument for text that is no key, request or certificate; unauthenticated for one that
// does not verify; internal when OpenSSL fails, with its reason.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "platform/identity.h"

namespace ararat::platform {

struct KeyPair {
    std::string key_pem;  // PKCS #8, not encrypted
};

struct CertificateAuthority {
    std::string key_pem;
    std::string certificate_pem;
};

[[nodiscard]] Result<KeyPair> generate_p256();

// Self-signed, path length 0, valid from an hour before `now` (clocks differ) for `days`.
[[nodiscard]] Result<CertificateAuthority> make_ca(std::string_view project, Instant now, int days = 3650);

// A PKCS #10 request with an empty subject: who it will be is the CA's to say, never the asker's.
[[nodiscard]] Result<std::string> make_csr(const KeyPair& key);

// A name that a certificate can carry: a DNS name or an IP address. Errors: invalid-argument.
[[nodiscard]] Result<void> check_host_name(const std::string& name);

// Takes the request's public key (P-256 only; its signature is checked) and nothing else from it. The
// certificate carries exactly one URI, the identity's, and the DNS names and IP addresses given.
[[nodiscard]] Result<std::string> issue(const CertificateAuthority& ca, std::string_view csr_pem,
                                        const Identity& identity, Instant now, int days,
                                        const std::vector<std::string>& dns_or_ip = {});

// The identity in a certificate: unauthenticated unless it carries exactly one URI, of our form. Does not
// check who issued it: a TLS handshake or verify_certificate has.
[[nodiscard]] Result<Identity> parse_identity(std::string_view certificate_pem);

// Issued by this CA, valid at `now`, with an identity: what a certificate shown outside TLS must pass.
[[nodiscard]] Result<Identity> verify_certificate(std::string_view ca_pem, std::string_view certificate_pem,
                                                  Instant now);

// As verify_certificate, whatever the time: whose a certificate is that has expired. For words only.
[[nodiscard]] Result<Identity> identity_at_any_time(std::string_view ca_pem,
                                                    std::string_view certificate_pem);

// Lower-case hexadecimal SHA-256 of the DER form.
[[nodiscard]] Result<std::string> certificate_fingerprint(std::string_view certificate_pem);
// Its subject as RFC 2253 writes it, on one line and bounded: anybody's words.
[[nodiscard]] Result<std::string> certificate_subject(std::string_view certificate_pem);
[[nodiscard]] Result<Instant> certificate_not_after(std::string_view certificate_pem);
// The CA certificate's key belongs to the certificate; the same for any pair.
[[nodiscard]] Result<void> check_key_matches(std::string_view key_pem, std::string_view certificate_pem);

// ECDSA over SHA-256 of `bytes`; DER.
[[nodiscard]] Result<std::string> sign_p256(std::string_view key_pem, std::string_view bytes);
// Well if the certificate's key made the signature; unauthenticated if not.
[[nodiscard]] Result<void> verify_p256(std::string_view certificate_pem, std::string_view bytes,
                                       std::string_view signature_der);

// 32 bytes.
[[nodiscard]] std::string hmac_sha256(std::string_view key, std::string_view bytes);
// In time that does not depend on where they differ.
[[nodiscard]] bool equal_in_constant_time(std::string_view left, std::string_view right);

}  // namespace ararat::platform
