#include "platform/openssl_handles.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <array>
#include <climits>

namespace ararat::platform {
namespace {

BioHandle bio_over(std::string_view text) {
    if (text.size() > INT_MAX) return nullptr;
    return BioHandle(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// Instead of OpenSSL's default, which asks at the terminal for the password of an encrypted key.
int no_password(char*, int, int, void*) { return 0; }

}  // namespace

Error openssl_error(std::string_view what, ErrorCode code) {
    std::string message(what);
    std::string_view separator = ": ";
    while (const unsigned long number = ERR_get_error()) {
        const char* reason = ERR_reason_error_string(number);
        std::array<char, 256> text{};
        if (reason == nullptr) ERR_error_string_n(number, text.data(), text.size());
        message.append(separator).append(reason != nullptr ? reason : text.data());
        separator = ", ";
    }
    return Error{code, std::move(message)};
}

Result<KeyHandle> read_private_key(std::string_view pem) {
    const BioHandle bio = bio_over(pem);
    KeyHandle key(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr) : nullptr);
    if (!key) return openssl_error("not a private key in PEM form", ErrorCode::kInvalidArgument);
    return key;
}

Result<CertificateHandle> read_certificate(std::string_view pem) {
    const BioHandle bio = bio_over(pem);
    CertificateHandle certificate(bio ? PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr)
                                      : nullptr);
    if (!certificate) return openssl_error("not a certificate in PEM form", ErrorCode::kInvalidArgument);
    return certificate;
}

std::string bio_text(BIO* bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

bool is_p256(const EVP_PKEY* key) {
    std::array<char, 80> group{};
    std::size_t length = 0;
    return EVP_PKEY_is_a(key, "EC") == 1 &&
           EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group.data(), group.size(),
                                          &length) == 1 &&
           std::string_view(group.data(), length) == "prime256v1";
}

Result<std::string> identity_uri_of(const X509* certificate) {
    const GeneralNamesHandle names(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
    std::string uri;
    int uris = 0;
    for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
        const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
        if (name->type != GEN_URI) continue;
        const ASN1_IA5STRING* value = name->d.uniformResourceIdentifier;
        // By length: a NUL inside must not cut the comparison short.
        uri.assign(reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)),
                   static_cast<std::size_t>(ASN1_STRING_length(value)));
        ++uris;
    }
    if (uris == 1) return uri;
    return Error{ErrorCode::kUnauthenticated,
                 "the certificate carries " + std::to_string(uris) + " URIs, where one says who it is"};
}

}  // namespace ararat::platform
