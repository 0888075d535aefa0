#include "server/upload_store.h"

#include <fmt/format.h>

namespace ararat::server {

Result<std::uint64_t> UploadStore::add(const std::string& owner, const std::string& upload,
                                       std::uint64_t offset, const std::string& data, Duration now) {
    const std::lock_guard lock(mutex_);
    expire(now);
    const std::pair<std::string, std::string> name{owner, upload};
    const auto found = uploads_.find(name);
    const std::uint64_t has = found == uploads_.end() ? 0 : found->second.bytes.size();
    if (offset != 0 && offset != has) {
        return Error{ErrorCode::kFailedPrecondition,
                     fmt::format("offset is {}, but upload {} has {} bytes", offset, upload, has)};
    }
    const std::uint64_t replaced = offset == 0 ? has : 0;
    if (bytes_ - replaced + data.size() > kUploadBytesMax) {
        return Error{ErrorCode::kResourceExhausted,
                     fmt::format("uploads may hold {} bytes together", kUploadBytesMax)};
    }
    if (found == uploads_.end() && uploads_.size() >= kUploadsMax) {
        return Error{ErrorCode::kResourceExhausted, fmt::format("there are {} uploads already", kUploadsMax)};
    }
    Upload& entry = uploads_[name];
    if (offset == 0) entry.bytes.clear();
    entry.bytes += data;
    entry.touched = now;
    bytes_ = bytes_ - replaced + data.size();
    return std::uint64_t{entry.bytes.size()};
}

Result<std::string> UploadStore::take(const std::string& owner, const std::string& upload) {
    const std::lock_guard lock(mutex_);
    const auto found = uploads_.find({owner, upload});
    if (found == uploads_.end()) {
        return Error{ErrorCode::kNotFound, fmt::format("there is no upload {}", upload)};
    }
    std::string bytes = std::move(found->second.bytes);
    bytes_ -= bytes.size();
    uploads_.erase(found);
    return bytes;
}

void UploadStore::expire(Duration now) {
    for (auto it = uploads_.begin(); it != uploads_.end();) {
        if (now - it->second.touched > kUploadLifetime) {
            bytes_ -= it->second.bytes.size();
            it = uploads_.erase(it);
        } else {
            ++it;
        }
    }
}

}  // namespace ararat::server
