// What a step prints, kept up to a cap. Thread promise: one owner.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "platform/unique_fd.h"

namespace ararat::agent {

class OutputFile {
public:
    // Appends to FOLDER/output. A file that cannot be opened keeps nothing: a step is worth more than its
    // output.
    OutputFile(std::string folder, std::uint64_t bytes_max);

    void add(std::string_view bytes);
    [[nodiscard]] std::uint64_t size() const { return size_; }
    [[nodiscard]] bool truncated() const { return truncated_; }

private:
    std::string folder_;
    std::uint64_t bytes_max_;
    std::uint64_t size_ = 0;
    bool truncated_ = false;
    platform::UniqueFd fd_;
};

}  // namespace ararat::agent
