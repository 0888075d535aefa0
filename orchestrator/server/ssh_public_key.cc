#include "server/ssh_public_key.h"

#include <array>
#include <cstdint>
#include <optional>
#include <sstream>

#include "base/sha256.h"

namespace ararat::server {
namespace {

constexpr std::size_t kLineMax = 16'384;
constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::array<std::string_view, 5> kTypes = {"ssh-ed25519", "ecdsa-sha2-nistp256",
                                                    "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa"};

std::optional<std::string> from_base64(std::string_view text) {
    while (!text.empty() && text.back() == '=') text.remove_suffix(1);
    std::string bytes;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : text) {
        const auto value = kAlphabet.find(c);
        if (value == std::string_view::npos) return std::nullopt;
        bits = (bits << 6U) | static_cast<std::uint32_t>(value);
        count += 6;
        if (count >= 8) {
            count -= 8;
            bytes.push_back(static_cast<char>((bits >> static_cast<unsigned>(count)) & 0xffU));
        }
    }
    return bytes;
}

std::string to_base64_unpadded(std::string_view bytes) {
    std::string text;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : bytes) {
        bits = (bits << 8U) | static_cast<unsigned char>(c);
        count += 8;
        while (count >= 6) {
            count -= 6;
            text.push_back(kAlphabet[(bits >> static_cast<unsigned>(count)) & 0x3fU]);
        }
    }
    if (count > 0) text.push_back(kAlphabet[(bits << static_cast<unsigned>(6 - count)) & 0x3fU]);
    return text;
}

Error refused(const char* words) { return {ErrorCode::kInvalidArgument, words, "public_key"}; }

}  // namespace

Result<SshPublicKey> parse_ssh_public_key(std::string_view line) {
    if (line.size() > kLineMax) return refused("is too long");
    std::istringstream words{std::string(line)};
    std::string type;
    std::string encoded;
    words >> type >> encoded;
    bool is_known = false;
    for (const auto known : kTypes) is_known = is_known || known == type;
    if (!is_known) return refused("must begin with a key type, such as ssh-ed25519");
    const auto blob = from_base64(encoded);
    if (!blob) return refused("is not base64 after the key type");
    std::string head(3, '\0');  // the type's length, 4 bytes big endian, then the type
    head.push_back(static_cast<char>(type.size()));
    head += type;
    if (blob->size() <= head.size() || blob->compare(0, head.size(), head) != 0) {
        return refused("is not a key of the type it names");
    }
    const auto digest = sha256(*blob);
    const std::string_view digest_bytes(reinterpret_cast<const char*>(digest.data()), digest.size());
    return SshPublicKey{type + " " + encoded, "SHA256:" + to_base64_unpadded(digest_bytes)};
}

}  // namespace ararat::server
