// Keys, signatures and codes; certificates are in pki.cc.
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>

#include <array>

#include "base/check.h"
#include "platform/openssl_handles.h"
#include "platform/pki.h"

namespace ararat::platform {

Result<KeyPair> generate_p256() {
    const KeyHandle key(EVP_EC_gen("P-256"));
    const BioHandle out(BIO_new(BIO_s_mem()));
    if (!key || !out ||
        PEM_write_bio_PKCS8PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
        return openssl_error("cannot make a P-256 key");
    }
    return KeyPair{bio_text(out.get())};
}

Result<void> check_key_matches(std::string_view key_pem, std::string_view certificate_pem) {
    ARARAT_ASSIGN_OR_RETURN(const KeyHandle key, read_private_key(key_pem));
    ARARAT_ASSIGN_OR_RETURN(const CertificateHandle certificate, read_certificate(certificate_pem));
    if (X509_check_private_key(certificate.get(), key.get()) != 1) {
        return openssl_error("the key does not belong to the certificate", ErrorCode::kInvalidArgument);
    }
    return {};
}

Result<std::string> sign_p256(std::string_view key_pem, std::string_view bytes) {
    ARARAT_ASSIGN_OR_RETURN(const KeyHandle key, read_private_key(key_pem));
    if (!is_p256(key.get())) return Error{ErrorCode::kInvalidArgument, "not a P-256 key"};
    const DigestContextHandle context(EVP_MD_CTX_new());
    const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
    std::size_t size = 0;
    if (!context || EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) != 1 ||
        EVP_DigestSign(context.get(), nullptr, &size, data, bytes.size()) != 1) {
        return openssl_error("cannot sign");
    }
    std::string signature(size, '\0');
    if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, data,
                       bytes.size()) != 1) {
        return openssl_error("cannot sign");
    }
    signature.resize(size);
    return signature;
}

Result<void> verify_p256(std::string_view certificate_pem, std::string_view bytes,
                         std::string_view signature_der) {
    ARARAT_ASSIGN_OR_RETURN(const CertificateHandle certificate, read_certificate(certificate_pem));
    EVP_PKEY* key = X509_get0_pubkey(certificate.get());
    if (key == nullptr || !is_p256(key)) {
        return Error{ErrorCode::kUnauthenticated, "the certificate's key is not a P-256 key"};
    }
    const DigestContextHandle context(EVP_MD_CTX_new());
    if (!context || EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key) != 1) {
        return openssl_error("cannot check a signature");
    }
    const int verdict = EVP_DigestVerify(
        context.get(), reinterpret_cast<const unsigned char*>(signature_der.data()), signature_der.size(),
        reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    ERR_clear_error();  // a signature that is no DER leaves its reasons behind
    if (verdict == 1) return {};
    return Error{ErrorCode::kUnauthenticated, "the signature is not of this certificate's key"};
}

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
    std::string code(32, '\0');
    std::size_t size = 0;
    const unsigned char* done = EVP_Q_mac(nullptr, "HMAC", nullptr, "SHA256", nullptr, key.data(), key.size(),
                                          reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                                          reinterpret_cast<unsigned char*>(code.data()), code.size(), &size);
    ARARAT_CHECK(done != nullptr && size == code.size(), "HMAC-SHA256 is always available");
    return code;
}

bool equal_in_constant_time(std::string_view left, std::string_view right) {
    return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace ararat::platform
