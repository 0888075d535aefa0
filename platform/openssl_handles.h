// Owners for OpenSSL's objects, and its error queue as an Error. For the .cc files of this layer.
#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace ararat::platform {

template <auto Free>
struct OpensslFree {
    template <typename T>
    void operator()(T* object) const {
        Free(object);
    }
};
template <typename T, auto Free>
using OpensslHandle = std::unique_ptr<T, OpensslFree<Free>>;

using BioHandle = OpensslHandle<BIO, BIO_free_all>;
using KeyHandle = OpensslHandle<EVP_PKEY, EVP_PKEY_free>;
using CertificateHandle = OpensslHandle<X509, X509_free>;
using RequestHandle = OpensslHandle<X509_REQ, X509_REQ_free>;
using StoreHandle = OpensslHandle<X509_STORE, X509_STORE_free>;
using StoreContextHandle = OpensslHandle<X509_STORE_CTX, X509_STORE_CTX_free>;
using ExtensionHandle = OpensslHandle<X509_EXTENSION, X509_EXTENSION_free>;
using GeneralNamesHandle = OpensslHandle<GENERAL_NAMES, GENERAL_NAMES_free>;
using DigestContextHandle = OpensslHandle<EVP_MD_CTX, EVP_MD_CTX_free>;

// "what: OpenSSL's own reasons"; empties this thread's error queue.
[[nodiscard]] Error openssl_error(std::string_view what, ErrorCode code = ErrorCode::kInternal);

[[nodiscard]] Result<KeyHandle> read_private_key(std::string_view pem);
[[nodiscard]] Result<CertificateHandle> read_certificate(std::string_view pem);
// What was written to a memory BIO.
[[nodiscard]] std::string bio_text(BIO* bio);
[[nodiscard]] bool is_p256(const EVP_PKEY* key);

// The one URI of the certificate's subject alternative names; unauthenticated if there are none or more.
[[nodiscard]] Result<std::string> identity_uri_of(const X509* certificate);

}  // namespace ararat::platform
