#include "platform/root_folder.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "platform/files.h"

namespace ararat::platform {
namespace {

FolderEntry::Kind kind_of(int folder, const std::string& name) {
    struct stat status {};
    if (::fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return FolderEntry::Kind::kOther;
    if (S_ISREG(status.st_mode)) return FolderEntry::Kind::kFile;
    if (S_ISDIR(status.st_mode)) return FolderEntry::Kind::kFolder;
    return S_ISLNK(status.st_mode) ? FolderEntry::Kind::kLink : FolderEntry::Kind::kOther;
}

}  // namespace

Result<RootFolder> RootFolder::open(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return errno_error(errno, "open", path);
    return RootFolder(UniqueFd(fd), path);
}

Result<UniqueFd> RootFolder::open_below(const std::string& relative, int flags, Links links) const {
    struct open_how how {};
    how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
    if (links == Links::kRefused) how.resolve |= RESOLVE_NO_SYMLINKS;
    constexpr int kTriesMax = 100;  // EAGAIN: something was renamed on the way
    for (int tries = 0; tries < kTriesMax; ++tries) {
        const long fd = ::syscall(SYS_openat2, fd_.get(), relative.c_str(), &how, sizeof how);
        if (fd >= 0) return UniqueFd(static_cast<int>(fd));
        if (errno != EAGAIN && errno != EINTR) break;
    }
    const int error_number = errno;
    if (error_number == EXDEV) {
        return Error{ErrorCode::kInvalidArgument, "leaves its root: it is '" + resolved(relative) + "'",
                     path_ + "/" + relative};
    }
    if (error_number == ELOOP && links == Links::kRefused) {
        return Error{ErrorCode::kInvalidArgument, "is a symbolic link to '" + resolved(relative) + "'",
                     path_ + "/" + relative};
    }
    return errno_error(error_number, "open", path_ + "/" + relative);
}

Result<FileContent> RootFolder::read(const std::string& relative, Links links, std::size_t bytes_max) const {
    const std::string shown = path_ + "/" + relative;
    // Without blocking: opening a FIFO would wait for somebody to write.
    ARARAT_ASSIGN_OR_RETURN(const UniqueFd fd, open_below(relative, O_RDONLY | O_NONBLOCK, links));
    struct stat status {};
    if (::fstat(fd.get(), &status) != 0) return errno_error(errno, "stat", shown);
    if (!S_ISREG(status.st_mode)) return Error{ErrorCode::kFailedPrecondition, "is no regular file", shown};
    FileContent content{{}, status.st_dev, status.st_ino};
    std::array<char, 65536> buffer{};
    while (true) {
        const ssize_t count = ::read(fd.get(), buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return errno_error(errno, "read", shown);
        if (count == 0) return content;
        content.bytes.append(buffer.data(), static_cast<std::size_t>(count));
        if (content.bytes.size() > bytes_max) {
            return Error{ErrorCode::kResourceExhausted, "larger than " + std::to_string(bytes_max) + " bytes",
                         shown};
        }
    }
}

Result<RootFolder> RootFolder::folder(const std::string& relative) const {
    ARARAT_ASSIGN_OR_RETURN(UniqueFd fd, open_below(relative, O_RDONLY | O_DIRECTORY, Links::kWithin));
    return RootFolder(std::move(fd), path_ + "/" + relative);
}

Result<std::vector<FolderEntry>> RootFolder::entries() const {
    // Through the descriptor: the path may lead elsewhere by now.
    ARARAT_ASSIGN_OR_RETURN(const auto names, list_dir("/proc/self/fd/" + std::to_string(fd_.get())));
    std::vector<FolderEntry> entries;
    for (const std::string& name : names) entries.push_back({name, kind_of(fd_.get(), name)});
    return entries;
}

std::string RootFolder::resolved(const std::string& relative) const {
    std::error_code error;
    const auto path = std::filesystem::path(path_) / relative;
    const auto real = std::filesystem::weakly_canonical(path, error);
    return error ? path.string() : real.string();
}

}  // namespace ararat::platform
