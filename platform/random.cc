#include "platform/random.h"

#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <limits>

#include "base/check.h"

namespace ararat::platform {

std::string random_bytes(std::size_t count) {
    std::string bytes(count, '\0');
    std::size_t filled = 0;
    while (filled < count) {
        const ssize_t got = ::getrandom(bytes.data() + filled, count - filled, 0);
        if (got < 0 && errno == EINTR) continue;
        ARARAT_CHECK(got > 0, "the operating system gives random bytes");
        filled += static_cast<std::size_t>(got);
    }
    return bytes;
}

std::string random_hex(std::size_t byte_count) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    for (const char byte : random_bytes(byte_count)) {
        const auto value = static_cast<unsigned char>(byte);
        text.push_back(kDigits[value >> 4U]);
        text.push_back(kDigits[value & 0x0FU]);
    }
    return text;
}

std::uint64_t random_below(std::uint64_t bound) {
    ARARAT_CHECK(bound > 0, "a bound above zero");
    // Values past the last whole multiple of bound would favour small results: drawn again.
    const std::uint64_t limit = std::numeric_limits<std::uint64_t>::max() / bound * bound;
    while (true) {
        std::uint64_t value = 0;
        const std::string bytes = random_bytes(sizeof value);
        std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(&value));
        if (value < limit) return value % bound;
    }
}

}  // namespace ararat::platform
