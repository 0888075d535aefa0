#include "base/sha256.h"

// The plain functions, not EVP: they need no provider, so the small static supervisor that links this stays
// small, and short inputs cost a third.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include "base/check.h"

namespace ararat {

Sha256Digest sha256(std::string_view bytes) {
    Sha256Digest digest{};
    SHA256_CTX context;
    const bool done = SHA256_Init(&context) == 1 &&
                      SHA256_Update(&context, bytes.data(), bytes.size()) == 1 &&
                      SHA256_Final(digest.data(), &context) == 1;
    ARARAT_CHECK(done, "SHA-256 is always available");
    return digest;
}

std::string to_hex(const Sha256Digest& digest) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    text.reserve(digest.size() * 2);
    for (const std::uint8_t byte : digest) {
        text.push_back(kDigits[byte >> 4U]);
        text.push_back(kDigits[byte & 0x0FU]);
    }
    return text;
}

std::string sha256_hex(std::string_view bytes) { return to_hex(sha256(bytes)); }

}  // namespace ararat
