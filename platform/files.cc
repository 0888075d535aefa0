#include "platform/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <system_error>

#include "platform/random.h"

namespace ararat::platform {
namespace {

ErrorCode code_of(int error_number) {
    switch (error_number) {
        case ENOENT:
        case ENOTDIR: return ErrorCode::kNotFound;
        case EACCES:
        case EPERM:
        case EROFS: return ErrorCode::kPermissionDenied;
        case EEXIST: return ErrorCode::kAlreadyExists;
        case ENOSPC:
        case EDQUOT:
        case EMFILE:
        case ENFILE:
        case ENOMEM: return ErrorCode::kResourceExhausted;
        case ETIMEDOUT: return ErrorCode::kDeadlineExceeded;
        case ECONNREFUSED:
        case ECONNRESET:
        case EHOSTUNREACH:
        case ENETUNREACH:
        case EPIPE: return ErrorCode::kUnavailable;
        default: return ErrorCode::kInternal;
    }
}

Result<UniqueFd> open_fd(const std::string& path, int flags, mode_t mode = 0) {
    while (true) {
        const int fd = ::open(path.c_str(), flags | O_CLOEXEC, mode);
        if (fd >= 0) return UniqueFd(fd);
        if (errno != EINTR) return errno_error(errno, "open", path);
    }
}

Result<void> fsync_fd(int fd, const std::string& path) {
    // A failed fsync has dropped the pages: trying again would report success for lost data.
    if (::fsync(fd) != 0) return errno_error(errno, "fsync", path);
    return {};
}

// Writes a temporary file beside `path` and fsyncs it; returns its name.
Result<std::string> write_temporary(const std::string& path, std::string_view bytes, mode_t mode) {
    const std::string temporary = path + ".tmp-" + random_hex(8);
    ARARAT_ASSIGN_OR_RETURN(UniqueFd fd, open_fd(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode));
    const auto fill = [&]() -> Result<void> {
        // The umask must not decide who reads a key or a plan.
        if (::fchmod(fd.get(), mode) != 0) return errno_error(errno, "chmod", temporary);
        if (auto written = write_all(fd.get(), bytes); !written.ok()) {
            return Error{written.error().code, written.error().message, path};
        }
        return fsync_fd(fd.get(), path);
    };
    if (auto filled = fill(); !filled.ok()) {
        static_cast<void>(::unlink(temporary.c_str()));
        return filled.error();
    }
    return temporary;
}

bool is_dir(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

struct DirCloser {
    void operator()(DIR* dir) const { static_cast<void>(::closedir(dir)); }
};
using DirHandle = std::unique_ptr<DIR, DirCloser>;

// Takes `fd`. Names without "." and "..".
Result<std::vector<std::string>> names_in(UniqueFd fd, const std::string& path) {
    const DirHandle dir(::fdopendir(fd.get()));
    if (!dir) return errno_error(errno, "list", path);
    static_cast<void>(fd.release());  // closedir closes it
    std::vector<std::string> names;
    errno = 0;
    while (const dirent* entry = ::readdir(dir.get())) {
        const std::string_view name = entry->d_name;
        if (name != "." && name != "..") names.emplace_back(name);
        errno = 0;
    }
    if (errno != 0) return errno_error(errno, "list", path);
    std::sort(names.begin(), names.end());
    return names;
}

// Removes what `parent` holds under `name`. Works by descriptors, so that a name swapped for a symbolic
// link in the meantime leads nowhere else.
Result<void> remove_at(int parent, const std::string& name, const std::string& shown, dev_t device,
                       int depth) {
    constexpr int kDepthMax = 128;
    if (depth > kDepthMax) return Error{ErrorCode::kResourceExhausted, "nested too deeply to remove", shown};
    if (::unlinkat(parent, name.c_str(), 0) == 0 || errno == ENOENT) return {};
    if (errno != EISDIR && errno != EPERM) return errno_error(errno, "remove", shown);
    UniqueFd fd(::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!fd) return errno_error(errno, "open", shown);
    struct stat status {};
    if (::fstat(fd.get(), &status) != 0) return errno_error(errno, "stat", shown);
    if (status.st_dev != device) {
        return Error{ErrorCode::kFailedPrecondition, "another file system is mounted here", shown};
    }
    UniqueFd listed(::openat(fd.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!listed) return errno_error(errno, "open", shown);
    ARARAT_ASSIGN_OR_RETURN(const auto names, names_in(std::move(listed), shown));
    for (const std::string& child : names) {
        ARARAT_RETURN_IF_ERROR(remove_at(fd.get(), child, shown + "/" + child, device, depth + 1));
    }
    if (::unlinkat(parent, name.c_str(), AT_REMOVEDIR) == 0 || errno == ENOENT) return {};
    return errno_error(errno, "remove", shown);
}

}  // namespace

Error errno_error(int error_number, std::string_view what, std::string_view path) {
    return Error{code_of(error_number),
                 fmt::format("{}: {}", what, std::generic_category().message(error_number)),
                 std::string(path)};
}

Result<void> write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(fd, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return errno_error(errno, "write");
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return {};
}

Result<std::string> read_file(const std::string& path, std::size_t bytes_max) {
    ARARAT_ASSIGN_OR_RETURN(const UniqueFd fd, open_fd(path, O_RDONLY));
    std::string bytes;
    std::array<char, 65536> buffer{};
    while (true) {
        const ssize_t count = ::read(fd.get(), buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return errno_error(errno, "read", path);
        if (count == 0) return bytes;
        bytes.append(buffer.data(), static_cast<std::size_t>(count));
        if (bytes.size() > bytes_max) {
            return Error{ErrorCode::kResourceExhausted, fmt::format("larger than {} bytes", bytes_max), path};
        }
    }
}

Result<void> write_file_durable(const std::string& path, std::string_view bytes, mode_t mode) {
    ARARAT_ASSIGN_OR_RETURN(const std::string temporary, write_temporary(path, bytes, mode));
    if (::rename(temporary.c_str(), path.c_str()) != 0) {
        const Error error = errno_error(errno, "rename", path);
        static_cast<void>(::unlink(temporary.c_str()));
        return error;
    }
    return fsync_dir(dir_of(path));
}

Result<void> create_file_durable(const std::string& path, std::string_view bytes, mode_t mode) {
    ARARAT_ASSIGN_OR_RETURN(const std::string temporary, write_temporary(path, bytes, mode));
    // link(2) refuses an existing name, where rename(2) would replace it.
    const int linked = ::link(temporary.c_str(), path.c_str());
    const int error_number = errno;
    static_cast<void>(::unlink(temporary.c_str()));
    if (linked != 0) return errno_error(error_number, "create", path);
    return fsync_dir(dir_of(path));
}

Result<void> make_dirs(const std::string& path, mode_t mode) {
    if (path.empty() || is_dir(path)) return {};
    const std::string parent = dir_of(path);
    if (parent != path) ARARAT_RETURN_IF_ERROR(make_dirs(parent, mode));
    if (::mkdir(path.c_str(), mode) != 0) {
        if (errno == EEXIST && is_dir(path)) return {};
        return errno_error(errno, "make directory", path);
    }
    return fsync_dir(parent);
}

Result<void> fsync_dir(const std::string& path) {
    ARARAT_ASSIGN_OR_RETURN(const UniqueFd fd, open_fd(path, O_RDONLY | O_DIRECTORY));
    return fsync_fd(fd.get(), path);
}

bool file_exists(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0;
}

Result<bool> is_there(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0) return true;
    if (errno == ENOENT) return false;
    return errno_error(errno, "stat", path);
}

Result<void> remove_file(const std::string& path) {
    if (::unlink(path.c_str()) != 0) {
        if (errno == ENOENT) return {};
        return errno_error(errno, "remove", path);
    }
    return fsync_dir(dir_of(path));
}

Result<void> remove_tree(const std::string& path) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) {
        if (errno == ENOENT) return {};
        return errno_error(errno, "stat", path);
    }
    return remove_at(AT_FDCWD, path, path, status.st_dev, 0);
}

Result<std::vector<std::string>> list_dir(const std::string& path) {
    ARARAT_ASSIGN_OR_RETURN(UniqueFd fd, open_fd(path, O_RDONLY | O_DIRECTORY));
    return names_in(std::move(fd), path);
}

Result<std::string> real_path(const std::string& path) {
    if (!path.starts_with('/')) return Error{ErrorCode::kInvalidArgument, "not an absolute path", path};
    const std::unique_ptr<char, decltype(&::free)> found(::realpath(path.c_str(), nullptr), &::free);
    if (found) return std::string(found.get());
    if (errno != ENOENT) return errno_error(errno, "resolve", path);
    struct stat status {};
    if (::lstat(path.c_str(), &status) == 0) {
        return Error{ErrorCode::kFailedPrecondition, "a link that leads nowhere", path};
    }
    if (errno != ENOENT) return errno_error(errno, "resolve", path);
    const std::string last = base_of(path);
    if (last == ".." || last == ".") {
        return Error{ErrorCode::kInvalidArgument, "a part of it is not there", path};
    }
    ARARAT_ASSIGN_OR_RETURN(const std::string parent, real_path(dir_of(path)));
    return parent == "/" ? parent + last : parent + "/" + last;
}

std::string dir_of(const std::string& path) {
    const std::size_t last = path.find_last_not_of('/');
    if (last == std::string::npos) return path.empty() ? "." : "/";
    const std::size_t slash = path.find_last_of('/', last);
    if (slash == std::string::npos) return ".";
    const std::size_t end = path.find_last_not_of('/', slash);
    return end == std::string::npos ? "/" : path.substr(0, end + 1);
}

std::string base_of(const std::string& path) {
    const std::size_t last = path.find_last_not_of('/');
    if (last == std::string::npos) return path.empty() ? "" : "/";
    const std::size_t slash = path.find_last_of('/', last);
    const std::size_t first = slash == std::string::npos ? 0 : slash + 1;
    return path.substr(first, last + 1 - first);
}

}  // namespace ararat::platform
