#include "agent/supervisor/standard_input.h"

#include <unistd.h>

#include <array>
#include <cerrno>

#include "platform/files.h"

namespace ararat::agent {

Result<std::string> read_word(int fd, std::size_t bytes_max) {
    std::string word;
    while (true) {
        char c = 0;
        const ssize_t size = read(fd, &c, 1);
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) return platform::errno_error(errno, "read");
        if (size == 0) return Error{ErrorCode::kDataLoss, "the input ended within a word"};
        if (c == '\0') return word;
        if (word.size() == bytes_max) return Error{ErrorCode::kDataLoss, "a word of the input is too long"};
        word.push_back(c);
    }
}

Result<std::string> read_exactly(int fd, std::size_t size) {
    std::string bytes(size, '\0');
    std::size_t have = 0;
    while (have < size) {
        const ssize_t got = read(fd, bytes.data() + have, size - have);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return platform::errno_error(errno, "read");
        if (got == 0)
            return Error{ErrorCode::kDataLoss, "the input ended after " + std::to_string(have) + " bytes"};
        have += static_cast<std::size_t>(got);
    }
    return bytes;
}

Result<std::string> read_to_end(int fd, std::size_t bytes_max) {
    std::string bytes;
    std::array<char, 64UL * 1024> buffer;
    while (true) {
        const ssize_t got = read(fd, buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return platform::errno_error(errno, "read");
        if (got == 0) return bytes;
        bytes.append(buffer.data(), static_cast<std::size_t>(got));
        if (bytes.size() > bytes_max) return Error{ErrorCode::kInvalidArgument, "the input is too large"};
    }
}

}  // namespace ararat::agent
