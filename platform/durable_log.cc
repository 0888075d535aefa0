#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "platform/files.h"

namespace ararat::platform {

Result<DurableLog> DurableLog::open(const std::string& path, mode_t mode) {
    UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, mode));
    if (!fd) return errno_error(errno, "open", path);
    struct stat status {};
    if (::fstat(fd.get(), &status) != 0) return errno_error(errno, "stat", path);
    ARARAT_RETURN_IF_ERROR(fsync_dir(dir_of(path)));
    return DurableLog(std::move(fd), path, static_cast<std::uint64_t>(status.st_size));
}

Result<void> DurableLog::append(std::string_view bytes) {
    const auto lost = [&](const char* what) {
        return Error{ErrorCode::kDataLoss, errno_error(errno, what).message, path_};
    };
    if (const auto written = write_all(fd_.get(), bytes); !written.ok()) {
        // What may stand half-written must not be followed by the next append.
        if (::ftruncate(fd_.get(), static_cast<off_t>(size_)) != 0) return lost("ftruncate");
        return Error{written.error().code, written.error().message, path_};
    }
    if (::fdatasync(fd_.get()) != 0) return lost("fdatasync");
    size_ += bytes.size();
    return {};
}

Result<void> DurableLog::truncate(std::uint64_t size) {
    if (::ftruncate(fd_.get(), static_cast<off_t>(size)) != 0 || ::fsync(fd_.get()) != 0) {
        return errno_error(errno, "truncate", path_);
    }
    size_ = size;
    return {};
}

Result<UniqueFd> lock_file(const std::string& path) {
    UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    // Where nothing can be written a lock can be held all the same.
    if (!fd && errno == EROFS) fd = UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) return errno_error(errno, "open", path);
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) return errno_error(errno, "lock", path);
        return Error{ErrorCode::kFailedPrecondition, "in use by another process", path};
    }
    return fd;
}

Result<TemporaryDirectory> TemporaryDirectory::make(std::string_view prefix) {
    const char* place = std::getenv("TMPDIR");
    std::string path = place != nullptr && *place != '\0' ? place : "/tmp";
    path.append("/").append(prefix).append("-XXXXXX");
    if (::mkdtemp(path.data()) == nullptr) return errno_error(errno, "make directory", path);
    return TemporaryDirectory(std::move(path));
}

TemporaryDirectory::~TemporaryDirectory() {
    if (!path_.empty()) static_cast<void>(remove_tree(path_).ok());
}

}  // namespace ararat::platform
