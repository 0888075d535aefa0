// SHA-256 (FIPS 180-4), for evidence, the audit chain and content addresses.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace ararat {

using Sha256Digest = std::array<std::uint8_t, 32>;

[[nodiscard]] Sha256Digest sha256(std::string_view bytes);
// Lower-case hexadecimal, 64 characters.
[[nodiscard]] std::string to_hex(const Sha256Digest& digest);
[[nodiscard]] std::string sha256_hex(std::string_view bytes);

}  // namespace ararat
