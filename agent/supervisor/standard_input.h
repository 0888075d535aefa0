// Reading standard input to the byte, so that what follows is left for whoever comes next.
#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"

namespace ararat::agent {

// Up to and without the next NUL. Errors: data-loss when the input ends first or the word is too long.
[[nodiscard]] Result<std::string> read_word(int fd, std::size_t bytes_max);
[[nodiscard]] Result<std::string> read_exactly(int fd, std::size_t size);
[[nodiscard]] Result<std::string> read_to_end(int fd, std::size_t bytes_max);

}  // namespace ararat::agent
