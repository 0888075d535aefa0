// Randomness from the operating system, for keys, tokens, ids and back-off.
// Thread promise: any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace ararat::platform {

// `count` bytes from getrandom(2); cannot fail on a booted system.
[[nodiscard]] std::string random_bytes(std::size_t count);
// Lower-case hexadecimal of `byte_count` random bytes: twice as many characters.
[[nodiscard]] std::string random_hex(std::size_t byte_count);
// Uniform in [0, bound). Precondition: bound > 0.
[[nodiscard]] std::uint64_t random_below(std::uint64_t bound);

}  // namespace ararat::platform
