#include "agent/supervisor/output_file.h"

#include <fcntl.h>

#include <algorithm>

#include "agent/supervisor/attempt_folder.h"
#include "platform/files.h"

namespace ararat::agent {

OutputFile::OutputFile(std::string folder, std::uint64_t bytes_max)
    : folder_(std::move(folder)), bytes_max_(bytes_max) {
    fd_.reset(
        open((folder_ + "/output").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600));
}

void OutputFile::add(std::string_view bytes) {
    if (!fd_.valid() || truncated_) return;
    const std::string_view kept = bytes.substr(0, std::min<std::uint64_t>(bytes.size(), bytes_max_ - size_));
    if (!platform::write_all(fd_.get(), kept).ok()) {
        // A full disk must not fail the step; what is missing is marked as missing.
        truncated_ = true;
    } else {
        size_ += kept.size();
        truncated_ = kept.size() < bytes.size();
    }
    if (truncated_) {
        platform::UniqueFd marker(
            open((folder_ + kTruncatedFile).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    }
}

}  // namespace ararat::agent
